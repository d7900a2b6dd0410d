/// Finds, among a million nodes and more, the one where an instance fits best: exactly, and as a rule in well under a
/// microsecond. Where most of 100,000 nodes differ in what is free, one search in a hundred takes 4.5 µs or longer
/// (docs/Performance.md).
///
/// Best is the highest of Nomad's fit scores (`PlacementAlgorithm`), and of equal ones the node with the smallest
/// number. The answer is that of a scan which computes the score of every node; five ideas spare the scan.
/// - Nodes that differ in nothing but their number are one *cohort*; cohorts are compared, not nodes (`Cohort`).
/// - The score is a sum of two products of a node's and a request's part, so comparing needs no power
///   (`PlacementScore`).
/// - Cohorts stand in a *grid* by free processor time and memory, and the search walks from the corner of what is
///   needed to emptier nodes, until what is left cannot be better (`Grid`, `Search`).
/// - A cohort knows its first node; the others are two numbers, a sorted run or a tree of bits (`NumberSet`).
/// - Equal instances fill a whole cohort in one pass (`Batch`): `place(_:count:)`, which tests and benchmarks use. The
///   session of the scheduler asks `succession` for many nodes at once instead.
///
/// Nodes are numbered from 0 in the order that settles ties, which is that of their names. Each has a capacity, a class
/// (nodes of one class are equal for every rule that requests have), and free processor time, memory and disk. What
/// placement looks at beside these is asked of the nodes that would be chosen, by a closure.
///
/// A value: a copy is an independent what-if, and costs one copy of the memory when either is changed.
public struct PlacementIndex: Sendable {
    /// Processor time in MHz, memory and disk in MiB: what is free, or what is taken.
    ///
    /// Anything beyond 2^46 counts as that; a free amount may be negative, on a node that has shrunk below what it
    /// runs.
    public struct Amounts: Equatable, Sendable {
        /// MHz.
        public var cpu: Int
        /// MiB.
        public var memory: Int
        /// MiB.
        public var disk: Int

        /// Amounts of one node or instance; disk is 0 unless stated.
        public init(cpu: Int, memory: Int, disk: Int = 0) {
            self.cpu = cpu
            self.memory = memory
            self.disk = disk
        }
    }

    /// What an instance holds, and where.
    public struct Holding: Sendable {
        /// The node's number.
        public var node: Int32
        /// What it took there.
        public var amounts: Amounts

        /// What an instance that runs on `node` holds there.
        public init(node: Int32, amounts: Amounts) {
            self.node = node
            self.amounts = amounts
        }
    }

    /// A node, and the score of the instance there.
    public struct Choice: Equatable, Sendable {
        /// Its number.
        public let node: Int32
        /// From 0 to 1, within 1e-12 of what `BinPackScheduler` reports.
        public let score: Double
    }

    private var capacities = CapacityTable()
    private var owner: PlacementMemory
    /// What `owner` owns, at hand without a reference count: no method changes `owner` while it uses this.
    nonisolated(unsafe) private var tables: UnsafeMutablePointer<PlacementTables>

    /// Makes an index without nodes, with memory for as many as are expected.
    public init(expecting nodes: Int = 0) {
        owner = PlacementMemory(PlacementTables(expecting: min(max(0, nodes), 1 << 24), capacities))
        tables = owner.tables
    }

    // MARK: Nodes

    /// How many nodes there are.
    public var count: Int { tables.pointee.nodeCount }

    /// One more than the largest number that was ever used: the number of the next node at the end.
    public var end: Int32 { Int32(truncatingIfNeeded: tables.pointee.nodes.count) }

    /// Adds a node. Its number is `end`, or one that was removed; otherwise nothing happens, and the answer is `false`.
    ///
    /// - Parameters:
    ///   - capacity: what allocations may hold in all; scores are shares of it. Its disk is ignored: disk is never part
    ///     of a score.
    ///   - kind: the class of the node.
    ///   - free: what nobody holds; at most the capacity counts.
    @discardableResult
    public mutating func insert(_ node: Int32, capacity: Amounts, class kind: Int32 = 0, free: Amounts) -> Bool {
        guard node >= 0, node <= end, node < .max - 1, !contains(node) else { return false }
        let capacity = CapacityTable.Key(
            cpu: min(max(0, capacity.cpu), LogScale.largest), memory: min(max(0, capacity.memory), LogScale.largest))
        let known = capacities.capacities.count
        let number = capacities.number(of: capacity)
        makeUnique()
        if capacities.capacities.count > known { tables.pointee.addCapacity(from: capacities) }
        tables.pointee.insert(node, capacity: number, kind: kind, free: free.bounded)
        return true
    }

    /// Makes room for a node whose name sorts before others: `node` and all numbers above it grow by one, so that a
    /// node can be inserted as `node`. Costs a pass over all nodes.
    public mutating func openGap(at node: Int32) {
        guard node >= 0, node < end, end < .max - 1 else { return }
        makeUnique()
        tables.pointee.openGap(at: node)
    }

    /// Forgets a node. Its number stays unused until a node is inserted with it.
    public mutating func remove(_ node: Int32) {
        guard contains(node) else { return }
        makeUnique()
        tables.pointee.remove(node)
    }

    /// Whether there is a node with this number.
    public func contains(_ node: Int32) -> Bool { tables.pointee.contains(node) }

    /// What is free on a node, withheld or not.
    public func free(of node: Int32) -> Amounts? { tables.pointee.free(of: node) }

    /// States what is free on a node; at most its capacity counts.
    public mutating func update(_ node: Int32, free: Amounts) {
        guard contains(node) else { return }
        makeUnique()
        tables.pointee.update(node, free: free.bounded)
    }

    /// Takes what an instance holds from a node, whether it has that much or not. Amounts below zero count as zero.
    public mutating func take(_ amounts: Amounts, from node: Int32) {
        guard contains(node) else { return }
        let taken = amounts.taken
        makeUnique()
        tables.pointee.take(node, cpu: taken.cpu, memory: taken.memory, disk: taken.disk)
    }

    /// Gives a node back what was taken.
    public mutating func give(_ amounts: Amounts, to node: Int32) {
        guard contains(node) else { return }
        let taken = amounts.taken
        makeUnique()
        tables.pointee.take(node, cpu: -taken.cpu, memory: -taken.memory, disk: -taken.disk)
    }

    /// Gives many nodes back what was taken. Faster than one by one, because the nodes are fetched from memory
    /// together.
    public mutating func give(back holdings: [Holding]) {
        makeUnique()
        holdings.withUnsafeBufferPointer { tables.pointee.give(back: $0) }
    }

    /// Keeps a node out of all searches until it is restored: it takes no work, or holds an instance of the job
    /// already. Amounts are kept up to date meanwhile.
    public mutating func withhold(_ node: Int32) { setWithheld(node, to: true) }

    /// Ends `withhold`.
    public mutating func restore(_ node: Int32) { setWithheld(node, to: false) }

    /// Ends `withhold`, and states what is free by then.
    public mutating func restore(_ node: Int32, free: Amounts) {
        guard contains(node) else { return }
        makeUnique()
        tables.pointee.update(node, free: free.bounded, isWithheld: false)
    }

    private mutating func setWithheld(_ node: Int32, to isWithheld: Bool) {
        guard contains(node) else { return }
        makeUnique()
        tables.pointee.setWithheld(node, to: isWithheld)
    }

    // MARK: Placements

    /// The query with what the search needs to know of it, computed once for all searches; the others compute it anew
    /// each time. It holds until a node with a new capacity joins; to prepare a prepared query again costs nothing.
    public func prepare(_ query: PlacementQuery) -> PlacementQuery {
        guard !isPrepared(query) else { return query }
        return query.prepared(for: capacities)
    }

    /// The best node, if any has room and a score of `least` or more.
    public func best(_ query: PlacementQuery, atLeast least: Double = 0) -> Choice? {
        guard isPrepared(query) else { return best(prepare(query), atLeast: least) }
        return tables.pointee.choice(Need(query), atLeast: least, verify: nil)
    }

    /// The best of the nodes that `verify` accepts. It must answer alike for one node throughout the call; it is asked
    /// only about nodes that would beat those accepted so far, in no particular order, and perhaps twice about one.
    public func best(
        _ query: PlacementQuery, atLeast least: Double = 0, where verify: (Int32) -> Bool
    ) -> Choice? {
        guard isPrepared(query) else {
            return best(prepare(query), atLeast: least, where: verify)
        }
        return withoutActuallyEscaping(verify) { tables.pointee.choice(Need(query), atLeast: least, verify: $0) }
    }

    /// Appends up to `most` nodes in reverse: the last is the best, the one before it is the best without that, and so
    /// on, as far as one search can tell.
    func succession(_ query: PlacementQuery, most: Int, into nodes: inout [Int32]) {
        guard isPrepared(query) else { return succession(prepare(query), most: most, into: &nodes) }
        tables.pointee.succession(Need(query), most: most, into: &nodes)
    }

    /// The score of an instance on one node, to the last bit; `nil` when its class is not admitted or it has no room.
    /// Whether the node is withheld makes no difference.
    public func score(_ query: PlacementQuery, on node: Int32) -> Double? {
        guard contains(node) else { return nil }
        guard isPrepared(query) else { return score(prepare(query), on: node) }
        return tables.pointee.score(Need(query), on: node)
    }

    /// Takes the need of `query` from the best node and says which that is; `nil` when none has room.
    public mutating func place(_ query: PlacementQuery) -> Choice? {
        guard isPrepared(query) else { return place(prepare(query)) }
        makeUnique()
        return tables.pointee.placeOne(Need(query))
    }

    /// Places up to `count` instances, as `place` one by one would, and tells `run` which node takes how many, in the
    /// order in which they are placed. Returns how many found room.
    @discardableResult
    public mutating func place(
        _ query: PlacementQuery, count: Int, _ run: (_ node: Int32, _ instances: Int) -> Void
    ) -> Int {
        guard isPrepared(query) else { return place(prepare(query), count: count, run) }
        makeUnique()
        return tables.pointee.place(Need(query), count: max(0, count), emit: run)
    }

    /// Places up to `count` instances and appends the node of each. Returns how many found room.
    @discardableResult
    public mutating func place(_ query: PlacementQuery, count: Int, into nodes: inout [Int32]) -> Int {
        place(query, count: count) { nodes.append(contentsOf: repeatElement($0, count: $1)) }
    }

    // MARK: Memory

    /// How many cohorts there are: what the cost of a search depends on.
    public var cohortCount: Int { tables.pointee.cohorts.count }

    /// How many cohorts a search for `query` looks at.
    public func cohortsLookedAt(for query: PlacementQuery) -> Int {
        guard isPrepared(query) else { return cohortsLookedAt(for: prepare(query)) }
        return tables.pointee.best(Need(query), verify: nil).looks
    }

    /// About how much memory the index has allocated, in bytes.
    public var byteCount: Int { tables.pointee.byteCount }

    @inline(__always)
    private func isPrepared(_ query: PlacementQuery) -> Bool { query.terms.stamp == tables.pointee.stamp }

    @inline(__always)
    private mutating func makeUnique() {
        guard !isKnownUniquelyReferenced(&owner) else { return }
        owner = PlacementMemory(tables.pointee.copy())
        tables = owner.tables
    }
}

/// Owns the memory of one index.
private final class PlacementMemory: Sendable {
    nonisolated(unsafe) let tables: UnsafeMutablePointer<PlacementTables>

    init(_ contents: PlacementTables) {
        tables = .allocate(capacity: 1)
        tables.initialize(to: contents)
    }

    deinit {
        tables.pointee.deallocate()
        tables.deinitialize(count: 1)
        tables.deallocate()
    }
}
