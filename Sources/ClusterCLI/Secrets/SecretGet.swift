import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster secret get`
struct SecretGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Shows a secret: all its values, or with -field a single one as it is.")

    @Argument(help: "Where the secret is kept.")
    var path: String

    @OptionGroup var connection: SecretConnection

    @Option(help: "Only this value, without anything around it.")
    var field: String?

    @Option(help: "This version instead of the current one.", transform: NumberInput.whole)
    var version: Int?

    func run() async throws {
        let path = try SecretConnection.secret(path)
        try await connection.talk { client in
            let secret = try await client.secret(path, version: version)
            let values = secret.values.reveal()
            if let field {
                guard let value = values[field] else {
                    let names = values.keys.sorted().joined(separator: ", ")
                    throw ClusterError(.notFound, "Secret \(path) has no value \"\(field)\"; it has: \(names)")
                }
                // A person wants to see where it ends; a program wants nothing but the value.
                let end = Terminal.isInteractive ? "\n" : ""
                return Terminal.write(Array((Self.text(value) + end).utf8))
            }
            if connection.json { return Terminal.write(JSONText.indented(Self.json(secret))) }
            let rows = values.sorted { $0.key < $1.key }.map { [$0.key, Self.text($0.value)] }
            Terminal.say(
                Section.text([
                    Section(
                        title: "",
                        body: Table.pairs([
                            ("Path", path), ("Version", "\(secret.version.number)"),
                            ("Created", TimeText.point(secret.version.created)),
                        ])),
                    Section(title: "Values", body: Table(header: ["Key", "Value"], rows: rows).text),
                ]))
        }
    }

    /// Text as it is, everything else as JSON.
    static func text(_ value: ConfigValue) -> String {
        if let text = value.text { return text }
        var writer = JSONWriter(capacity: 64)
        writer.value(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func json(_ secret: SecretWire) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.key("data")
            writer.value(.object(secret.values.reveal()))
            writer.object("metadata") {
                $0.field("created_time", secret.version.created)
                $0.field("custom_metadata", secret.words)
                $0.field("version", secret.version.number)
            }
        }
        return writer.bytes
    }
}
