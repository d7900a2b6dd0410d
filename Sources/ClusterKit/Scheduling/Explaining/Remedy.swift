/// A change that would place an instance which found no node.
public enum Remedy: Hashable, Sendable {
    /// The group asks for so much less, in MHz and MiB; then it fits on `node`, which is called `name`.
    case askLess(Resources, node: NodeID, name: String)
    /// These allocations end, all of them; then it fits on their node, which is called `name`.
    case end([AllocationID], node: NodeID, name: String)
    /// The job does without `rule`; then `nodes` nodes take it, the first of which is called `name`.
    case drop(rule: String, nodes: Int, name: String)
}

extension Remedy: CustomStringConvertible {
    /// For people: `with 12288 MiB less memory it fits on x12`, `without alloc 3f2a61b0 it fits on x12`.
    public var description: String {
        switch self {
        case .askLess(let amounts, _, let name):
            let parts = [
                (amounts.cpuMHz, "MHz less cpu"), (amounts.memoryMiB, "MiB less memory"),
                (amounts.diskMiB, "MiB less disk"),
            ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
            return "with \(parts.joined(separator: " and ")) it fits on \(name)"
        case .end(let allocations, _, let name):
            let noun = allocations.count == 1 ? "alloc" : "allocs"
            return "without \(noun) \(allocations.map(\.short).joined(separator: ", ")) it fits on \(name)"
        case .drop(let rule, let nodes, let name):
            let rest = nodes == 1 ? "" : " and \(nodes - 1) more"
            let quote = rule.contains("\"") ? "'" : "\""
            return "without \(quote)\(rule)\(quote) it fits on \(name)\(rest)"
        }
    }
}
