/// What an index consists of, and how a node moves from one cohort to another: every change of a node is such a move.
struct PlacementTables {
    struct NodeEntry: BitwiseCopyable {
        /// `Cohort.none` for a number that no node has.
        var cohort: Int32
        /// MiB that nobody holds. Of disk a cohort knows no more than the magnitude.
        var disk: Int
    }

    private(set) var capacities = CapacityTable()
    private(set) var nodes: Column<NodeEntry>
    private(set) var cohorts = CohortTable()
    /// By band of capacities.
    private(set) var grids = Column<Grid>()
    private(set) var sets: NumberSets
    private(set) var nodeCount = 0

    init(expecting nodes: Int) {
        self.nodes = Column(capacity: nodes)
        sets = NumberSets(numbers: max(nodes, 64))
    }

    private init(copying tables: PlacementTables) {
        capacities = tables.capacities
        nodes = tables.nodes.copy()
        cohorts = tables.cohorts.copy()
        grids = tables.grids.copy()
        for band in 0..<grids.count { grids[band] = tables.grids[band].copy() }
        sets = tables.sets.copy()
        nodeCount = tables.nodeCount
    }

    func copy() -> PlacementTables { PlacementTables(copying: self) }

    func deallocate() {
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
    mutating func insert(_ node: Int32, capacity: CapacityTable.Key, kind: Int32, free: PlacementIndex.Amounts) {
        if Int(node) == nodes.count { appendNode() }
        let number = number(of: capacity)
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
        let capacity = capacities.capacities[Int(key.capacity)]
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
        return number != Cohort.none ? number : found(key, hash: hash)
    }

    private mutating func found(_ key: Cohort.Key, hash: UInt32) -> Int32 {
        let capacity = capacities.capacities[Int(key.capacity)]
        let number = cohorts.add(Cohort(key, capacity), hash: hash)
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
            grids[capacities.capacities[Int(cohorts[cohort].capacity)].band].unlink(cohort, in: cohorts)
        }
        cohorts.remove(cohort)
    }

    // MARK: Growth

    private mutating func number(of capacity: CapacityTable.Key) -> Int32 {
        let known = capacities.capacities.count
        let number = capacities.number(of: capacity)
        guard capacities.capacities.count > known else { return number }
        let band = Int(capacities.capacities[known].band)
        if band == grids.count { grids.append(Grid(limits: capacities.limits(of: band))) }
        grids[band].setBounds(capacities.bands[band])
        return number
    }

    private mutating func appendNode() {
        let before = nodes.capacity
        nodes.append(NodeEntry(cohort: Cohort.none, disk: 0))
        if nodes.capacity > max(before, 64) { growSets() }
    }

    /// Sets are made for a number of nodes; when that grows, they are written anew.
    private mutating func growSets() {
        var larger = NumberSets(numbers: nodes.capacity)
        for number in 0..<cohorts.cohorts.count {
            let old = cohorts.cohorts[number].nodes
            var set = NumberSet()
            var node = old.first
            while node != NumberSet.none {
                larger.insert(node, into: &set)
                node = sets.next(after: node, in: old)
            }
            cohorts.cohorts[number].nodes = set
        }
        sets.deallocate()
        sets = larger
    }
}
