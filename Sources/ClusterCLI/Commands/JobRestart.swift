import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job restart`
struct JobRestart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Replaces the instances of a job, a batch at a time.",
        discussion: "Waits until what takes the place of a batch runs before it goes on.")

    @Argument(help: "The job.")
    var job: String

    @OptionGroup var connection: Connection

    @Option(help: "Only this group; may be repeated.")
    var group: [String] = []

    @Option(name: .customLong("batch-size"), help: "How many at a time.", transform: NumberInput.whole)
    var batchSize = 1

    @Flag(help: "Place new instances; this is what is done in any case.")
    var reschedule = false

    @Flag(name: [.long, .customShort("y")], help: "Ask nothing; nothing is asked in any case.")
    var yes = false

    func run() async throws {
        guard batchSize > 0 else { throw ClusterError(.invalid, "-batch-size must be at least 1.") }
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "restart it")
            let namespace = found.namespace ?? "default"
            let all = try await client.allocations(of: found.id, ReadOptions(namespace: namespace)).value
            let chosen = all.filter {
                $0.desiredStatus == "run" && $0.clientStatus == "running" && (group.isEmpty || group.contains($0.group))
            }.sorted { $0.name < $1.name }
            let status = try await client.scaleStatus(of: found.id, ReadOptions(namespace: namespace)).value
            let groups = status.groups.keys.sorted()
            if let unknown = group.first(where: { !groups.contains($0) }) {
                throw ClusterError(
                    .invalid,
                    "job \(found.id) has no group \(unknown); its groups are: \(groups.joined(separator: ", "))")
            }
            let replaced = ("Replaced", JSONValue.array(chosen.map { .string($0.id) }))
            if chosen.isEmpty { return connection.confirm("No instances to restart", replaced) }
            var restart = RollingRestart(job: ServedJob(client: client, id: found.id, namespace: namespace))
            // What is told on the way is no JSON; what went wrong on it is told all the same.
            if connection.json { restart.say = { Terminal.complain($0) } }
            let outcome = try await restart.run(chosen, batchSize, among: all)
            if outcome != .success { throw outcome }
            connection.confirm(
                "==> Replaced \(chosen.count) instance\(chosen.count == 1 ? "" : "s") of \"\(found.id)\"", replaced)
        }
    }
}

/// Who changes something, for the history.
enum Author {
    /// The user who runs the command.
    static var name: String { Connection.chosen(nil, "USER", else: Connection.chosen(nil, "LOGNAME", else: "")) }
}
