import ArgumentParser
import ClusterKit

/// The flags of commands that read job files: values for the variables of these.
struct VariableFlags: ParsableArguments {
    @Option(name: .customLong("var"), help: "A value for a variable of the job file, as name=value; may be repeated.")
    var stated: [String] = []

    @Option(
        name: .customLong("var-file"),
        help: "A file of such values, name = value on each line, or JSON; may be repeated. -var wins over it.",
        completion: .file())
    var files: [String] = []

    /// The values by name; a later file wins over an earlier one.
    func values() throws -> [String: String] {
        var values: [String: String] = [:]
        for path in files {
            let read = try Self.values(of: JobInput.text(of: path), name: path == "-" ? "<stdin>" : path)
            values.merge(read) { _, later in later }
        }
        for text in stated {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ClusterError(.invalid, "-var \(text): write -var name=value.")
            }
            values[String(parts[0])] = String(parts[1])
        }
        return values
    }

    /// The values in a file; plain texts as they are, all others as expressions.
    static func values(of text: String, name: String) throws(ClusterError) -> [String: String] {
        guard name.hasSuffix(".json") else { return try VariableFile.read(text, file: name) }
        let value: JSONValue
        do {
            value = try JSONParser.parse(Array(text.utf8))
        } catch {
            throw ClusterError(.invalid, "\(name) is no JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw ClusterError(.invalid, "\(name) must hold an object, {\"name\": value}; it holds \(value.typeName).")
        }
        return Dictionary(
            object.members.map { member in
                guard case .string(let text) = member.value else {
                    return (member.name, String(decoding: JSONText.value(member.value), as: UTF8.self))
                }
                return (member.name, text)
            }
        ) { _, later in later }
    }

    /// The same flags as a person types them, each followed by a space.
    var words: String {
        files.map { "-var-file='\($0)' " }.joined() + stated.map { "-var '\($0)' " }.joined()
    }
}
