import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster node purge`
struct NodePurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Forgets a node; what ran there counts as lost, and is placed elsewhere.",
        discussion: "An agent that still runs makes its node known again, without what it ran.")

    @Argument(help: "The node's name, or the beginning of its identifier.")
    var node: String

    @OptionGroup var connection: Connection

    @Flag(
        help: "Ask nothing where only the beginning of an identifier is given; a whole one and a name are not asked of."
    )
    var yes = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findNode(node, connection).value
            if ![found.id, found.name].contains(node), !yes {
                try Confirmation.ask("Are you sure you want to purge node \"\(found.id)\" (\(found.name))?")
            }
            _ = try await client.purgeNode(found.id)
            Terminal.say("Node \"\(found.id)\" purged")
        }
    }
}
