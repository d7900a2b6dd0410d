import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The plain scan that defines what is right: all nodes, one record each, with powers.
struct RecordScan {
    private struct Record {
        let capacity: PlacementIndex.Amounts
        let kind: Int32
        var free: PlacementIndex.Amounts
    }

    private var records: [Record]

    init(_ machines: [Machine]) {
        records = machines.map { Record(capacity: $0.amounts, kind: $0.kind, free: $0.amounts) }
    }

    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) {
        records[Int(node)].free.cpu -= amounts.cpu
        records[Int(node)].free.memory -= amounts.memory
        records[Int(node)].free.disk -= amounts.disk
    }

    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) {
        take(PlacementIndex.Amounts(cpu: -amounts.cpu, memory: -amounts.memory, disk: -amounts.disk), from: node)
    }

    /// The best node, of equals the first.
    func best(_ query: PlacementQuery) -> Int32? {
        var best: (node: Int, score: Double)?
        for (node, record) in records.enumerated() {
            guard record.free.cpu >= query.cpu, record.free.memory >= query.memory, record.free.disk >= query.disk,
                query.levels.isEmpty || query.levels[Int(record.kind)] != 0
            else { continue }
            let cpu = share(record.free.cpu - query.cpu, record.capacity.cpu)
            let memory = share(record.free.memory - query.memory, record.capacity.memory)
            let score = min(max(20 - pow(10, cpu) - pow(10, memory), 0), 18) / 18
            if score > best?.score ?? -1 { best = (node, score) }
        }
        return best.map { Int32($0.node) }
    }

    private func share(_ free: Int, _ total: Int) -> Double { total > 0 ? Double(free) / Double(total) : 0 }

    mutating func place(_ query: PlacementQuery) -> Int32? {
        guard let node = best(query) else { return nil }
        take(PlacementIndex.Amounts(cpu: query.cpu, memory: query.memory, disk: query.disk), from: node)
        return node
    }
}
