import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job dispatch`
struct JobDispatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch", abstract: "Begins the work of a parameterized job: makes a job of its own for it.")

    @Argument(help: "The job.")
    var job: String

    @Argument(help: "A file with the payload; - reads the standard input.", completion: .file())
    var payload: String?

    @OptionGroup var connection: Connection

    @Option(help: "A word for the job, as name=value; may be repeated.")
    var meta: [String] = []

    @Option(name: .customLong("id-prefix-template"), help: "Stands in the name of the new job.")
    var namePrefix = ""

    @Option(name: .customLong("idempotency-token"), help: "A word by which a repeated dispatch is recognized.")
    var idempotencyToken = ""

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        let order = DispatchOrder(
            payload: try payload.map { try JobInput.bytes(of: $0) } ?? [], meta: try Self.words(meta),
            idempotencyToken: idempotencyToken, namePrefix: namePrefix)
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "dispatch it")
            let namespace = found.namespace ?? "default"
            let answer = try await client.dispatch(found.id, order, namespace: namespace)
            if !connection.json { Terminal.say("Dispatched Job ID = \(answer.job)") }
            try await aftermath.follow(
                answer.evaluation, done: "An earlier dispatch with this token made it", connection, client, namespace,
                facts: [("DispatchedJobID", .string(answer.job))])
        }
    }

    /// Words as they stand behind `-meta`.
    static func words(_ pairs: [String]) throws(ClusterError) -> [String: String] {
        var words: [String: String] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                let missing = parts.count == 2 ? "name" : "value"
                throw ClusterError(.invalid, "-meta \(pair) states no \(missing); write it as name=value.")
            }
            words[String(parts[0])] = String(parts[1])
        }
        return words
    }
}
