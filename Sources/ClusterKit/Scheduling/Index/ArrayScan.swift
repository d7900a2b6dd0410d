/// The fastest plain way to find the best node, the rival that tests and benchmarks compare `PlacementIndex` with.
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
    private var capacities: [CapacityTable.Key] = []
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
        if known == nil {
            let number = capacities.firstIndex(of: key) ?? capacities.count
            if number == capacities.count { capacities.append(key) }
            groups.append(ScanGroup(capacity: key, number: number, kind: kind))
        }
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
        let factors = capacities.map { ScanFactors(need, $0) }
        let admitted = admitted(query)
        // First the bits of the best cost, by block, then which nodes they can stand for.
        var lowest: [Int32] = []
        lowest.reserveCapacity(admitted.count)
        for group in admitted { groups[group].appendLowest(need, factors[groups[group].capacityNumber], to: &lowest) }
        guard let bits = lowest.min(), bits < ScanNeed.none else { return nil }
        var best: PlacementIndex.Choice?
        var start = 0
        for group in admitted {
            let blocks = lowest[start..<start + groups[group].blockCount]
            start = blocks.endIndex
            guard blocks.contains(where: { $0 <= ScanNeed.limit(bits) }) else { continue }
            groups[group].choose(
                need, factors[groups[group].capacityNumber], limit: ScanNeed.limit(bits), blocks, &best)
        }
        return best
    }

    private func admitted(_ query: PlacementQuery) -> [Int] {
        let levels = query.levels
        if levels.isEmpty { return Array(groups.indices) }
        return groups.indices.filter { group in
            let kind = Int(groups[group].kind)
            return levels.indices.contains(kind) && levels[kind] != 0
                && (query.level == nil || query.level == levels[kind])
        }
    }

    /// Takes the need of `query` from the best node and says which that is; `nil` when none has room.
    public mutating func place(_ query: PlacementQuery) -> PlacementIndex.Choice? {
        guard let best = best(query) else { return nil }
        take(PlacementIndex.Amounts(cpu: query.cpu, memory: query.memory, disk: query.disk), from: best.node)
        return best
    }
}
