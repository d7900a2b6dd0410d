/// The fastest plain way to find the best node: one pass over columns of numbers. What `PlacementIndex` is measured by.
///
/// It answers as the index does. Nodes of equal capacity and class lie together, so that the loop has nothing to look
/// up and the compiler makes it compare several nodes in one instruction. Costs are single precision there, and their
/// bits are compared as integers, whose order is the same for positive numbers; nodes that come so near the best that
/// this cannot tell are compared by their scores afterwards.
public struct ArrayScan: Sendable {
    private struct Place {
        var group: Int
        var position: Int
    }

    private var groups: [ScanGroup] = []
    private var places: [Place] = []

    /// Makes a scan without nodes.
    public init() {}

    /// Adds a node; its number is the count of those that are there.
    public mutating func append(
        capacity: PlacementIndex.Amounts, class kind: Int32 = 0, free: PlacementIndex.Amounts
    ) {
        let key = CapacityTable.Key(
            cpu: min(max(0, capacity.cpu), LogScale.largest), memory: min(max(0, capacity.memory), LogScale.largest))
        let known = groups.firstIndex { $0.capacity == key && $0.kind == kind }
        if known == nil { groups.append(ScanGroup(capacity: key, kind: kind)) }
        let group = known ?? groups.count - 1
        places.append(Place(group: group, position: groups[group].nodes.count))
        groups[group].append(Int32(truncatingIfNeeded: places.count - 1), free: free.bounded)
    }

    /// Takes what an instance holds from a node.
    public mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) { change(node, amounts.taken, -1) }

    /// Gives a node back what was taken.
    public mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) { change(node, amounts.taken, 1) }

    private mutating func change(_ node: Int32, _ amounts: PlacementIndex.Amounts, _ sign: Int) {
        guard places.indices.contains(Int(node)) else { return }
        let place = places[Int(node)]
        let free = groups[place.group].free[place.position]
        groups[place.group].set(
            place.position,
            free: PlacementIndex.Amounts(
                cpu: free.cpu &+ sign &* amounts.cpu, memory: free.memory &+ sign &* amounts.memory,
                disk: free.disk &+ sign &* amounts.disk))
    }

    /// The best node, if any has room.
    public func best(_ query: PlacementQuery) -> PlacementIndex.Choice? {
        let need = ScanNeed(query)
        let admitted = groups.indices.filter { query.admits(groups[$0].kind) }
        // First the bits of the best cost, by block, then which nodes they can stand for.
        var lowest: [Int32] = []
        for group in admitted { groups[group].appendLowest(need, to: &lowest) }
        guard let bits = lowest.min(), bits < ScanNeed.none else { return nil }
        var best: PlacementIndex.Choice?
        var blocks = lowest[...]
        for group in admitted {
            groups[group].choose(need, limit: ScanNeed.limit(bits), blocks.prefix(groups[group].blockCount), &best)
            blocks = blocks.dropFirst(groups[group].blockCount)
        }
        return best
    }

    /// Takes the need of `query` from the best node and says which that is; `nil` when none has room.
    public mutating func place(_ query: PlacementQuery) -> PlacementIndex.Choice? {
        guard let best = best(query) else { return nil }
        take(PlacementIndex.Amounts(cpu: query.cpu, memory: query.memory, disk: query.disk), from: best.node)
        return best
    }
}

extension PlacementQuery {
    fileprivate func admits(_ kind: Int32) -> Bool {
        if levels.isEmpty { return true }
        guard levels.indices.contains(Int(kind)) else { return false }
        return levels[Int(kind)] != 0 && (level == nil || level == levels[Int(kind)])
    }
}
