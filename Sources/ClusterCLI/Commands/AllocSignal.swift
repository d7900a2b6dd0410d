import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc signal`
struct AllocSignal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal", abstract: "Sends a signal to a task, or to all that run.")

    @Option(name: [.customShort("s")], help: "The signal by its whole name.")
    var signal = "SIGKILL"

    @Argument(help: "The allocation, or the beginning of its identifier.")
    var allocation: String

    @Argument(help: "The task; all that run without.")
    var task: String?

    @OptionGroup var connection: Connection

    @Option(name: .customLong("task"), help: .hidden) var taskFlag: String?

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findAllocation(allocation, connection).value
            let task = taskFlag ?? task
            try await client.signal(found.id, signal, task: task)
            connection.confirmSilently(
                ("AllocID", .string(found.id)), ("Task", task.map { JSONValue.string($0) } ?? .null),
                ("Signal", .string(signal)))
        }
    }
}
