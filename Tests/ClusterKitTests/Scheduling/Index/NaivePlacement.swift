import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What `PlacementIndex` must answer, said as plainly as possible: every node is looked at for every request. Shares no
/// code with the index.
struct NaivePlacement {
    struct Machine {
        var capacity: PlacementIndex.Amounts
        var kind: Int32
        var free: PlacementIndex.Amounts
        var isWithheld = false
    }

    var machines: [Machine?] = []

    /// Anything beyond 2^46 counts as that.
    private static func held(_ amount: Int) -> Int { min(max(amount, -(1 << 46)), 1 << 46) }

    mutating func insert(
        _ node: Int, capacity: PlacementIndex.Amounts, kind: Int32, free: PlacementIndex.Amounts
    ) {
        if node == machines.count { machines.append(nil) }
        let capacity = PlacementIndex.Amounts(
            cpu: max(0, Self.held(capacity.cpu)), memory: max(0, Self.held(capacity.memory)))
        machines[node] = Machine(capacity: capacity, kind: kind, free: capacity)
        update(node, free: free)
    }

    mutating func update(_ node: Int, free: PlacementIndex.Amounts) {
        guard let machine = machines[node] else { return }
        machines[node]?.free = PlacementIndex.Amounts(
            cpu: min(Self.held(free.cpu), machine.capacity.cpu),
            memory: min(Self.held(free.memory), machine.capacity.memory), disk: Self.held(free.disk))
    }

    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int, times: Int = 1) {
        guard let machine = machines[node] else { return }
        let free = machine.free
        machines[node]?.free = PlacementIndex.Amounts(
            cpu: min(machine.capacity.cpu, free.cpu - times * max(0, Self.held(amounts.cpu))),
            memory: min(machine.capacity.memory, free.memory - times * max(0, Self.held(amounts.memory))),
            disk: min(1 << 46, free.disk - times * max(0, Self.held(amounts.disk))))
    }

    private func admits(_ query: PlacementQuery, _ kind: Int32) -> Bool {
        if query.levels.isEmpty { return true }
        guard kind >= 0, kind < query.levels.count, query.levels[Int(kind)] > 0 else { return false }
        return query.level == nil || query.level == query.levels[Int(kind)]
    }

    /// The score of an instance on a node; `nil` when the node cannot have it.
    func score(_ query: PlacementQuery, on node: Int) -> Double? {
        guard let machine = machines[node], !machine.isWithheld, admits(query, machine.kind) else { return nil }
        let (free, capacity) = (machine.free, machine.capacity)
        guard free.cpu >= query.cpu, free.memory >= query.memory, free.disk >= query.disk else { return nil }
        // The index offers no node that lacks anything, and neither does the scheduler.
        guard free.cpu >= 0, free.memory >= 0, free.disk >= 0 else { return nil }
        let cpu = capacity.cpu > 0 ? Double(free.cpu - query.cpu) / Double(capacity.cpu) : 0
        let memory = capacity.memory > 0 ? Double(free.memory - query.memory) / Double(capacity.memory) : 0
        let sum = pow(10, cpu) + pow(10, memory)
        return min(max(query.goal == .binpack ? 20 - sum : sum - 2, 0), 18) / 18
    }

    func best(
        _ query: PlacementQuery, atLeast least: Double = 0, where verify: (Int) -> Bool = { _ in true }
    ) -> (node: Int, score: Double)? {
        var best: (node: Int, score: Double)?
        for node in machines.indices {
            guard let score = score(query, on: node), score >= least, score > best?.score ?? -1, verify(node) else {
                continue
            }
            best = (node, score)
        }
        return best
    }

    mutating func place(_ query: PlacementQuery) -> (node: Int, score: Double)? {
        guard let best = best(query) else { return nil }
        take(PlacementIndex.Amounts(cpu: query.cpu, memory: query.memory, disk: query.disk), from: best.node)
        return best
    }
}
