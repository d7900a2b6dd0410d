import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc restart`
struct AllocRestart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Stops a task that runs, or all that run, and starts it again where it is.")

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
            try await client.restart(found.id, task: task)
            connection.confirmSilently(
                ("AllocID", .string(found.id)), ("Task", task.map { JSONValue.string($0) } ?? .null))
        }
    }
}
