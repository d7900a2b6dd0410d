import ClusterClient
import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds what a person means by the beginning of an identifier, as Nomad does: the exact one, else the only one.
struct Lookup<Item: Sendable> {
    /// What is looked for, in words: `job`.
    var kind: String
    /// The identifier of an item.
    var id: (Item) -> String
    /// Shows candidates when there are several.
    var table: ([Item]) -> Table

    /// The one item of `found` that `wanted` means. Throws `.notFound` when there is none, and shows the candidates and
    /// ends with 1 when there are several.
    func choose(_ wanted: String, from found: [Item]) throws -> Item {
        if let exact = found.first(where: { id($0) == wanted }) { return exact }
        let candidates = found.filter { id($0).hasPrefix(wanted) }
        guard let first = candidates.first else {
            throw ClusterError(.notFound, "No \(kind) has an identifier that is or begins with \"\(wanted)\".")
        }
        guard candidates.count == 1 else {
            Terminal.complain(
                "Error: \"\(wanted)\" is the beginning of \(candidates.count) \(kind) identifiers; say more of it.\n")
            Terminal.complain(table(candidates).text)
            throw Ending.failure
        }
        return first
    }
}

extension ClusterClient {
    /// The job that `wanted` means, as lists show it.
    func findJob(_ wanted: String, _ connection: Connection) async throws -> JobListItem {
        let found = try await jobs(connection.options(prefix: wanted)).value
        return try Lookup(kind: "job", id: \JobListItem.id, table: JobStatus.table).choose(wanted, from: found)
    }

    /// The allocation that `wanted` means, with everything that is known of it.
    func findAllocation(_ wanted: String, _ connection: Connection) async throws -> Answer<AllocationWire> {
        let found = try await allocations(connection.options(prefix: try Self.prefix(wanted, "allocation"))).value
        let lookup = Lookup(kind: "allocation", id: \AllocationWire.id) { AllocationTable.table($0, isVerbose: true) }
        return try await allocation(try lookup.choose(wanted.lowercased(), from: found).id, connection.options())
    }

    /// The node that `wanted` means, with everything that is known of it.
    func findNode(_ wanted: String, _ connection: Connection) async throws -> Answer<NodeWire> {
        let found = try await nodes(connection.options(prefix: try Self.prefix(wanted, "node"))).value
        let lookup = Lookup(kind: "node", id: \NodeWire.id) { NodeStatus.table($0, isVerbose: true) }
        return try await node(try lookup.choose(wanted.lowercased(), from: found).id, connection.options())
    }

    /// The node that `wanted` means, or the one that runs on this machine.
    func findNode(_ wanted: String?, isSelf: Bool, _ connection: Connection) async throws -> Answer<NodeWire> {
        if let wanted, !isSelf { return try await findNode(wanted, connection) }
        let name = ProcessInfo.processInfo.hostName
        let found = try await nodes(connection.options()).value.filter { $0.name == name }
        guard let first = found.first, found.count == 1 else {
            throw ClusterError(
                .notFound,
                "\(found.isEmpty ? "No node" : "More than one node") has the name of this machine, \"\(name)\"; "
                    + "give the node's identifier instead of -self.")
        }
        return try await node(first.id, connection.options())
    }

    private static func prefix(_ wanted: String, _ kind: String) throws -> String {
        let isIdentifier = wanted.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Character(.init($0)).isHexDigit }
        guard wanted.count >= 2, isIdentifier else {
            throw ClusterError(
                .invalid, "\"\(wanted)\" is no beginning of the \(kind)'s identifier: give 2 or more of its hex digits."
            )
        }
        return wanted.lowercased()
    }
}
