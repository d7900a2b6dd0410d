import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster node eligibility`
struct NodeEligibilityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eligibility", abstract: "Says whether new work may be placed on a node; what runs goes on.")

    @Argument(help: "The node's name, or the beginning of its identifier.")
    var node: String?

    @OptionGroup var connection: Connection

    @Flag(help: "It may.")
    var enable = false

    @Flag(help: "It may not.")
    var disable = false

    @Flag(name: .customLong("self"), help: "The node that this machine is.")
    var isSelf = false

    func validate() throws {
        guard enable != disable else { throw ValidationError("Say one of -enable and -disable.") }
        guard (node == nil) == isSelf else { throw ValidationError("Name a node, or say -self.") }
    }

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findNode(node, isSelf: isSelf, connection).value
            let answer = try await client.setEligibility(found.id, enable ? .eligible : .ineligible)
            let word = enable ? "eligible" : "ineligible"
            connection.confirm(
                "Node \"\(found.id)\" scheduling eligibility set: \(word) for scheduling",
                ("NodeID", .string(found.id)),
                ("Eligibility", .string(word)), answer.indexFact)
        }
    }
}
