import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc stop`
struct AllocStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops an allocation and watches the one that takes its place.")

    @Argument(help: "The allocation, or the beginning of its identifier.")
    var allocation: String

    @OptionGroup var connection: Connection

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findAllocation(allocation, connection).value
            let answer = try await client.stopAllocation(found.id)
            try await aftermath.follow(
                answer.evaluation, done: "Allocation stopped; nothing takes its place", connection, client,
                found.namespace)
        }
    }
}
