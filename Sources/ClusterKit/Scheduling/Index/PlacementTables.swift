/// What an index consists of, and how a node moves from one cohort to another: every change of a node is such a move.
struct PlacementTables: BitwiseCopyable {
    struct NodeEntry: BitwiseCopyable {
        /// `Cohort.none` for a number that no node has.
        var cohort: Int32
        /// In two halves, so that an entry takes 12 bytes and not 16.
        private var low: UInt32
        private var high: Int32

        init(cohort: Int32, disk: Int) {
            self.cohort = cohort
            low = UInt32(truncatingIfNeeded: disk)
            high = Int32(truncatingIfNeeded: disk >> 32)
        }

        /// MiB that nobody holds. Of disk a cohort knows no more than the magnitude.
        var disk: Int {
            @inline(__always) get { Int(high) << 32 | Int(low) }
            @inline(__always) set {
                low = UInt32(truncatingIfNeeded: newValue)
                high = Int32(truncatingIfNeeded: newValue >> 32)
            }
        }
    }

    private(set) var capacities = Column<CapacityTable.Capacity>()
    /// Of `CapacityTable`: says which prepared queries can be used as they are.
    private(set) var stamp: ObjectIdentifier
    private(set) var nodes: Column<NodeEntry>
    private(set) var cohorts = CohortTable()
    /// By band of capacities.
    private(set) var grids = Column<Grid>()
    private(set) var sets: NumberSets
    private(set) var nodeCount = 0

    init(expecting nodes: Int, _ table: CapacityTable) {
        stamp = ObjectIdentifier(table.stamp)
        self.nodes = Column(capacity: nodes)
        sets = NumberSets(numbers: max(nodes, 64))
    }

    private init(copying tables: PlacementTables) {
        capacities = tables.capacities.copy()
        stamp = tables.stamp
        nodes = tables.nodes.copy()
        cohorts = tables.cohorts.copy()
        grids = tables.grids.copy()
        for band in 0..<grids.count { grids[band] = tables.grids[band].copy() }
        sets = tables.sets.copy()
        nodeCount = tables.nodeCount
    }

    func copy() -> PlacementTables { PlacementTables(copying: self) }

    func deallocate() {
        capacities.deallocate()
        nodes.deallocate()
        cohorts.deallocate()
        for band in 0..<grids.count { grids[band].deallocate() }
        grids.deallocate()
        sets.deallocate()
    }

    var byteCount: Int {
        (0..<grids.count).reduce(nodes.capacity * MemoryLayout<NodeEntry>.stride) { $0 + grids[$1].byteCount }
            + cohorts.byteCount + sets.byteCount
    }

    func contains(_ node: Int32) -> Bool {
        node >= 0 && node < nodes.count && nodes[node].cohort != Cohort.none
    }

    // MARK: Nodes

    /// Adds a node; the caller made sure that its number is free and not beyond the next one.
    mutating func insert(_ node: Int32, capacity number: Int32, kind: Int32, free: PlacementIndex.Amounts) {
        if Int(node) == nodes.count { appendNode() }
        let capacity = capacities[number]
        let key = Cohort.Key(
            freeCPU: min(free.cpu, capacity.cpu), freeMemory: min(free.memory, capacity.memory), capacity: number,
            kind: kind, diskLength: Cohort.diskLength(free.disk), isWithheld: false)
        nodes[node].disk = free.disk
        join(node, cohort(with: key))
        nodeCount += 1
    }

    /// Forgets a node; the caller made sure that it is there.
    mutating func remove(_ node: Int32) {
        leave(node, nodes[node].cohort)
        nodes[node].cohort = Cohort.none
        nodeCount -= 1
    }

    /// Moves `node` to the cohort of those with this key.
    @inline(__always)
    mutating func move(_ node: Int32, to key: Cohort.Key, disk: Int) {
        let old = nodes[node].cohort
        nodes[node].disk = disk
        let new = cohort(with: key)
        guard new != old else { return }
        leave(node, old)
        join(node, new)
    }

    /// Takes amounts, which may be negative, from a node.
    @inline(__always)
    mutating func take(_ node: Int32, cpu: Int, memory: Int, disk: Int) {
        let entry = nodes[node]
        var key = cohorts[entry.cohort].key
        let capacity = capacities[key.capacity]
        key.freeCPU = Self.bounded(key.freeCPU &- cpu, by: capacity.cpu)
        key.freeMemory = Self.bounded(key.freeMemory &- memory, by: capacity.memory)
        let disk = Self.bounded(entry.disk &- disk, by: LogScale.largest)
        key.diskLength = Cohort.diskLength(disk)
        move(node, to: key, disk: disk)
    }

    /// No node has more room than it is large, and none lacks so much that a sum could overflow.
    @inline(__always)
    static func bounded(_ free: Int, by capacity: Int) -> Int { min(max(free, -(1 << 62)), capacity) }

    // MARK: Cohorts

    /// The cohort of nodes with this key, which begins to exist if there was none.
    @inline(__always)
    mutating func cohort(with key: Cohort.Key) -> Int32 {
        let hash = key.hash
        let number = cohorts.number(of: key, hash: hash)
        return number != Cohort.none ? number : makeCohort(key, hash: hash)
    }

    private mutating func makeCohort(_ key: Cohort.Key, hash: UInt32) -> Int32 {
        let capacity = capacities[key.capacity]
        // For a moment there may be one more than nodes: a node's next cohort is made before its last, then empty, one
        // goes.
        let number = cohorts.add(Cohort(key, capacity), hash: hash, most: nodes.capacity + 1)
        if cohorts[number].isOffered { grids[capacity.band].link(number, in: cohorts) }
        return number
    }

    @inline(__always)
    mutating func join(_ node: Int32, _ cohort: Int32) {
        sets.insert(node, into: &cohorts[cohort].nodes)
        nodes[node].cohort = cohort
    }

    @inline(__always)
    mutating func leave(_ node: Int32, _ cohort: Int32) {
        sets.remove(node, from: &cohorts[cohort].nodes)
        if cohorts[cohort].nodes.count == 0 { dissolve(cohort) }
    }

    private mutating func dissolve(_ cohort: Int32) {
        sets.discard(&cohorts[cohort].nodes)
        if cohorts[cohort].isOffered {
            grids[capacities[cohorts[cohort].capacity].band].unlink(cohort, in: cohorts)
        }
        cohorts.remove(cohort)
    }

    // MARK: Growth

    /// Adds the last capacity of `table`, which is new in it.
    mutating func addCapacity(from table: CapacityTable) {
        guard let capacity = table.capacities.last else { return }
        capacities.append(capacity)
        stamp = ObjectIdentifier(table.stamp)
        let band = Int(capacity.band)
        if band == grids.count { grids.append(Grid(limits: table.limits(of: band), scales: table.scales(of: band))) }
        grids[band].setBounds(table.bands[band])
    }

    private mutating func appendNode() {
        let before = nodes.capacity
        nodes.append(NodeEntry(cohort: Cohort.none, disk: 0))
        if nodes.capacity > max(before, 64) { rewriteSets { $0 } }
    }

    /// All numbers from `node` on grow by one.
    mutating func openGap(at node: Int32) {
        appendNode()
        let tail = nodes.base + Int(node)
        (tail + 1).update(from: tail, count: nodes.count - 1 - Int(node))
        nodes[node] = NodeEntry(cohort: Cohort.none, disk: 0)
        rewriteSets { $0 < node ? $0 : $0 + 1 }
    }

    /// Sets are made for a number of nodes: when that grows, or when the numbers change, they are written anew.
    private mutating func rewriteSets(_ number: (Int32) -> Int32) {
        var rewritten = NumberSets(numbers: nodes.capacity)
        for cohort in 0..<cohorts.cohorts.count {
            let old = cohorts.cohorts[cohort].nodes
            var set = NumberSet()
            var node = old.first
            while node != NumberSet.none {
                rewritten.insert(number(node), into: &set)
                node = sets.next(after: node, in: old)
            }
            cohorts.cohorts[cohort].nodes = set
        }
        sets.deallocate()
        sets = rewritten
    }
}
