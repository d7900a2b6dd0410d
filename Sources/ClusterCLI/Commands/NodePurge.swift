import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster node purge`
struct NodePurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Forgets a node; what ran there counts as lost, and is placed elsewhere.",
        discussion: """
            An agent that still runs makes its node known again, without what it ran. Who is at a terminal is asked \
            before; elsewhere only a name or a whole identifier is taken unasked.
            """)

    @Argument(help: "The node's name, or the beginning of its identifier.")
    var node: String

    @OptionGroup var connection: Connection

    @Flag(help: "Ask nothing.")
    var yes = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findNode(node, connection).value
            if !yes, Self.asks(of: found, called: node, isAtTerminal: Terminal.hasPerson) {
                let runs = try await client.allocations(onNode: found.id, ReadOptions(namespace: "*")).value
                let count = runs.count { !$0.isOver }
                try Confirmation.ask(
                    "Are you sure you want to purge node \"\(found.id)\" (\(found.name))? "
                        + "\(count) allocation\(count == 1 ? " on it counts" : "s on it count") as lost then.")
            }
            let answer = try await client.purgeNode(found.id)
            connection.confirm("Node \"\(found.id)\" purged", ("NodeID", .string(found.id)), answer.indexFact)
        }
    }

    /// Whether to ask before: a person, or whoever may have meant another node.
    static func asks(of node: NodeWire, called text: String, isAtTerminal: Bool) -> Bool {
        isAtTerminal || !node.isNamed(wholly: text)
    }
}
