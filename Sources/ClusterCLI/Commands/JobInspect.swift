import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job inspect`
struct JobInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Prints a job's whole statement as JSON.")

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Option(help: "This version, as long as it is kept; the newest without.", transform: NumberInput.whole)
    var version: Int?

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let options = ReadOptions(namespace: found.namespace ?? "default")
            let body =
                if let version {
                    try Self.statement(of: version, in: try await client.versions(of: found.id, options).body)
                } else {
                    try await client.job(found.id, options).body
                }
            Terminal.write(JSONText.indented(JSONText.object([("Job", body)])))
        }
    }

    /// One version's whole statement, out of the answer with all that are kept.
    static func statement(of version: Int, in answer: [UInt8]) throws -> [UInt8] {
        guard case .object(let answer) = try JSONParser.parse(answer), case .array(let kept) = answer["Versions"] else {
            throw ClusterError(.unavailable, "The server answered with something that holds no versions.")
        }
        var numbers: [Int] = []
        for case .object(let statement) in kept {
            guard case .integer(let number) = statement["Version"] else { continue }
            if number == version { return JSONText.value(.object(statement)) }
            numbers.append(number)
        }
        let names = numbers.sorted().map { "\($0)" }.joined(separator: ", ")
        throw ClusterError(.notFound, "Version \(version) is not kept; these are: \(names)")
    }
}
