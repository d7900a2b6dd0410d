import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc retire`
struct AllocRetire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "Lets an allocation finish its present work and end; nothing takes its place.",
        discussion: """
            The group's count is lowered by one at once. An allocation that tells that it is busy runs on until it \
            tells that it no longer is; one that tells nothing of its work ends at once.
            """)

    @Argument(help: "The allocation, or the beginning of its identifier.")
    var allocation: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findAllocation(allocation, connection).value
            let answer = try await client.retireAllocation(found.id)
            if connection.json { return Terminal.say("{\"EvalID\": \"\(answer.evaluation ?? "")\"}") }
            Terminal.say("Allocation \"\(found.id)\" (\(found.name)) ends when its present work is done")
        }
    }
}
