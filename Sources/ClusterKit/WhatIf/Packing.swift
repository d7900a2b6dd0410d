/// How tightly the instances of a state are packed onto its machines.
public struct Packing: Hashable, Sendable {
    /// How many nodes take work, or have some.
    public let nodes: Int
    /// How many of them run something.
    public let used: Int
    /// Fewer nodes cannot do: the largest ones until what is held fits, for the amount that needs most of them.
    public let lowerBound: Int
    /// Which share of all processor time is held, from 0 to 1.
    public let cpuShare: Double
    /// Which share of all memory is held.
    public let memoryShare: Double
    /// Which share of all disk is held.
    public let diskShare: Double

    /// Looks at what is held on nodes that are not down.
    public init(of snapshot: Snapshot) {
        var held: [NodeID: Resources] = [:]
        for allocation in snapshot.allocations.unordered where !allocation.isTerminal {
            held[allocation.node, default: Resources()] += allocation.resources.total
        }
        let counted = snapshot.nodes.unordered.filter { $0.takesWork || ($0.status != .down && held[$0.id] != nil) }
        let usable = counted.map(\.usable)
        let total = counted.reduce(Resources()) { $0 + (held[$1.id] ?? Resources()) }
        nodes = counted.count
        used = counted.count { held[$0.id] != nil }
        let dimensions: [(Resources) -> Int] = [{ $0.cpuMHz }, { $0.memoryMiB }, { $0.diskMiB }]
        lowerBound = dimensions.map { Self.fewest(usable.map($0), for: $0(total)) }.max() ?? 0
        let shares = dimensions.map { amount in
            let all = usable.reduce(0) { $0 &+ max(0, amount($1)) }
            return all > 0 ? Double(amount(total)) / Double(all) : 0
        }
        (cpuShare, memoryShare, diskShare) = (shares[0], shares[1], shares[2])
    }

    private static func fewest(_ capacities: [Int], for amount: Int) -> Int {
        var rest = amount
        var count = 0
        for capacity in capacities.sorted(by: >) where rest > 0 {
            rest = rest &- capacity
            count += 1
        }
        return count
    }
}
