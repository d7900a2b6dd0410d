import ClusterKit

/// Something that places: the index, or one of the two scans.
protocol Contender {
    /// A query with whatever can be worked out of it beforehand.
    associatedtype Query

    func prepared(_ queries: [PlacementQuery]) -> [Query]
    mutating func best(_ query: Query) -> Int32?
    mutating func place(_ query: Query) -> Int32?
    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32)
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32)
}

extension Contender {
    /// One that shares no memory with this one: what is shared is copied with the first change, which would be timed.
    /// Queries prepared by one are good for the other.
    func copied() -> Self {
        var copy = self
        copy.take(PlacementIndex.Amounts(cpu: 0, memory: 0), from: 0)
        return copy
    }
}

struct IndexContender: Contender {
    var index: PlacementIndex

    init(_ machines: [Machine]) {
        index = PlacementIndex(expecting: machines.count)
        for (number, machine) in machines.enumerated() {
            index.insert(Int32(number), capacity: machine.amounts, class: machine.kind, free: machine.amounts)
        }
    }

    func prepared(_ queries: [PlacementQuery]) -> [PlacementQuery] { queries.map(index.prepare) }
    func best(_ query: PlacementQuery) -> Int32? { index.best(query)?.node }
    mutating func place(_ query: PlacementQuery) -> Int32? { index.place(query)?.node }
    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) { index.take(amounts, from: node) }
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) { index.give(amounts, to: node) }
}

struct ArrayContender: Contender {
    private var scan: ArrayScan

    /// - Parameter tellsClasses: Whether any query does. Where none does, nodes of all classes lie together.
    init(_ machines: [Machine], tellsClasses: Bool = false) {
        scan = ArrayScan(
            machines.map {
                ArrayScan.Member(capacity: $0.amounts, class: tellsClasses ? $0.kind : 0, free: $0.amounts)
            })
    }

    func prepared(_ queries: [PlacementQuery]) -> [ArrayScan.Prepared] { queries.map(scan.prepare) }
    mutating func best(_ query: ArrayScan.Prepared) -> Int32? { scan.best(query)?.node }
    mutating func place(_ query: ArrayScan.Prepared) -> Int32? { scan.place(query)?.node }
    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) { scan.take(amounts, from: node) }
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) { scan.give(amounts, to: node) }
}

extension RecordScan: Contender {
    func prepared(_ queries: [PlacementQuery]) -> [PlacementQuery] { queries }
}

/// Another contender, each so many of whose decisions is timed. Rates are measured without.
struct SampledContender<Base: Contender>: Contender {
    private var base: Base
    private let every: Int
    private var decisions = 0
    private(set) var times = DecisionTimes()

    init(_ base: Base, every: Int) { (self.base, self.every) = (base, max(1, every)) }

    func prepared(_ queries: [PlacementQuery]) -> [Base.Query] { base.prepared(queries) }
    mutating func best(_ query: Base.Query) -> Int32? { base.best(query) }
    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) { base.take(amounts, from: node) }
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) { base.give(amounts, to: node) }

    mutating func place(_ query: Base.Query) -> Int32? {
        decisions += 1
        guard decisions % every == 0 else { return base.place(query) }
        let start = Clocks.nanoseconds
        let node = base.place(query)
        times.add(Double(Clocks.nanoseconds - start))
        return node
    }
}

/// What single decisions took.
struct DecisionTimes {
    private var nanoseconds: [Double] = []

    var count: Int { nanoseconds.count }

    mutating func add(_ time: Double) { nanoseconds.append(time) }
    mutating func add(_ others: DecisionTimes) { nanoseconds += others.nanoseconds }

    /// So many as tell what is rare.
    static let wanted = 20_000

    /// The time that this share of the decisions stayed below; `nil` when there were none.
    func quantile(_ share: Double) -> Double? {
        let sorted = nanoseconds.sorted()
        return sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
