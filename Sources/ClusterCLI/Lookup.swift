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
        // Everything begins with it, so that it would mean whatever is the only one.
        guard !wanted.isEmpty else {
            throw ClusterError(.invalid, "An empty text means no \(kind); give an identifier, or its beginning.")
        }
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
        let namespaces = found.filter { $0.id == wanted }.map { $0.namespace ?? "default" }.sorted()
        guard namespaces.count <= 1 else {
            throw ClusterError(
                .invalid,
                "Job \"\(wanted)\" is in \(namespaces.count) namespaces: \(namespaces.joined(separator: ", ")). "
                    + "Say which one is meant: -namespace=\(namespaces[0])")
        }
        let lookup = Lookup(kind: "job", id: \JobListItem.id) {
            JobStatus.table($0, withNamespace: connection.isOfAllNamespaces)
        }
        if found.isEmpty, let other = try await namespace(ofJob: wanted, beside: connection.effectiveNamespace) {
            throw ClusterError(
                .notFound,
                "No job of namespace \"\(connection.effectiveNamespace)\" has an identifier that is or begins with "
                    + "\"\(wanted)\"; namespace \"\(other)\" has one: add -namespace=\(other).")
        }
        return try lookup.choose(wanted, from: found)
    }

    /// Another namespace with a job of that name.
    private func namespace(ofJob wanted: String, beside namespace: String) async throws -> String? {
        guard namespace != "*" else { return nil }
        let found = try await jobs(ReadOptions(namespace: "*", prefix: wanted)).value
        return (found.first { $0.id == wanted } ?? found.first)?.namespace
    }

    /// The job whose whole identifier is `wanted`: what changes a job must not change another whose name begins alike.
    func findWholeJob(_ wanted: String, _ connection: Connection, to change: String) async throws -> JobListItem {
        let found = try await findJob(wanted, connection)
        guard found.id == wanted else {
            throw ClusterError(
                .invalid, "\"\(wanted)\" means the job \"\(found.id)\"; to \(change), give its whole name.")
        }
        return found
    }

    /// The allocation that `wanted` means, with everything that is known of it.
    func findAllocation(_ wanted: String, _ connection: Connection) async throws -> Answer<AllocationWire> {
        let found = try await allocations(connection.options(prefix: try Self.prefix(wanted, "allocation"))).value
        let lookup = Lookup(kind: "allocation", id: \AllocationWire.id) {
            AllocationTable.table($0, isVerbose: true, of: .cluster)
        }
        return try await allocation(try lookup.choose(wanted.lowercased(), from: found).id, connection.options())
    }

    /// The node that `wanted` means by its name or the beginning of its identifier, with everything that is known of
    /// it.
    func findNode(_ wanted: String, _ connection: Connection) async throws -> Answer<NodeWire> {
        let found = try await nodes(connection.options()).value
        return try await node(Self.choose(wanted, from: found).id, connection.options())
    }

    /// The one of `nodes` that `wanted` means; a whole name wins over the beginning of an identifier.
    static func choose(_ wanted: String, from nodes: [NodeWire]) throws -> NodeWire {
        let named = nodes.filter { $0.name == wanted }
        if let only = named.first, named.count == 1 { return only }
        guard named.isEmpty else {
            Terminal.complain("Error: \(named.count) nodes have the name \"\(wanted)\"; give the identifier of one.\n")
            Terminal.complain(NodeStatus.table(named, isVerbose: true).text)
            throw Ending.failure
        }
        let lookup = Lookup(kind: "node", id: \NodeWire.id) { NodeStatus.table($0, isVerbose: true) }
        do {
            return try lookup.choose(wanted.lowercased(), from: wanted.count < 2 ? [] : nodes)
        } catch let error as ClusterError where error.code == .notFound {
            throw ClusterError(
                .notFound,
                "No node has the name \"\(wanted)\" or an identifier that begins with it; see: cluster node status")
        }
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

    /// The beginning of an identifier as servers write it.
    static func prefix(_ wanted: String, _ kind: String) throws -> String {
        let isIdentifier = wanted.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Character(.init($0)).isHexDigit }
        guard wanted.count >= 2, isIdentifier else {
            let article = ["a", "e", "i", "o"].contains { kind.hasPrefix($0) } ? "an" : "a"
            throw ClusterError(
                .invalid,
                "\"\(wanted)\" is no identifier of \(article) \(kind), nor the beginning of one: give 2 or more of "
                    + "its hex digits.")
        }
        return wanted.lowercased()
    }
}
