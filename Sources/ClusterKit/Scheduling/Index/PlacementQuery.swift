/// What an instance needs of a node, and which nodes may be asked: what `PlacementIndex` searches for.
public struct PlacementQuery: Sendable {
    /// All that does not change, behind one reference, so that a query is cheap to hand on.
    let terms: PlacementTerms
    /// Only classes of this level, 1 to 255, are searched (0 counts as 1); `nil` searches all but those of level 0.
    ///
    /// Classes that some preference lifts above others get a level of their own; searching level by level, the best
    /// first, finds the best sum of score and preference.
    public var level: UInt8?
    /// What a good node is.
    public var goal: PlacementAlgorithm

    /// States a need; amounts below zero count as zero.
    ///
    /// - Parameters:
    ///   - cpu: processor time in MHz.
    ///   - memory: memory in MiB.
    ///   - disk: disk in MiB.
    ///   - levels: by class of nodes, 0 when its nodes must not take the instance, any other number when they may.
    ///     Classes beyond the end must not; an empty table admits all.
    ///   - level: see `level`.
    ///   - goal: what a good node is.
    public init(
        cpu: Int, memory: Int, disk: Int = 0, levels: [UInt8] = [], level: UInt8? = nil,
        goal: PlacementAlgorithm = .binpack
    ) {
        // What is more than any node can have stays more, and sums of it cannot overflow.
        let most = LogScale.largest + 1
        terms = PlacementTerms(
            cpu: min(max(0, cpu), most), memory: min(max(0, memory), most), disk: min(max(0, disk), most),
            levels: levels)
        self.level = level
        self.goal = goal
    }

    private init(_ query: PlacementQuery, _ table: CapacityTable) {
        terms = PlacementTerms(query.terms, table)
        (level, goal) = (query.level, query.goal)
    }

    /// The same query, ready for searches among nodes of the capacities in `table`.
    func prepared(for table: CapacityTable) -> PlacementQuery { PlacementQuery(self, table) }

    /// Processor time in MHz.
    public var cpu: Int { terms.cpu }
    /// Memory in MiB.
    public var memory: Int { terms.memory }
    /// Disk in MiB.
    public var disk: Int { terms.disk }
    /// The level of each class of nodes.
    public var levels: [UInt8] { terms.levels }
}

/// The fixed part of a query; once prepared, with the factors that a search multiplies with.
final class PlacementTerms: Sendable {
    /// `10^(-need / capacity)`.
    struct Factors: BitwiseCopyable {
        let cpu: Double
        let memory: Double

        fileprivate init(_ terms: PlacementTerms, cpu: Int, memory: Int) {
            self.cpu = PlacementScore.power(-terms.cpu, PlacementScore.scale(cpu))
            self.memory = PlacementScore.power(-terms.memory, PlacementScore.scale(memory))
        }
    }

    let cpu: Int
    let memory: Int
    let disk: Int
    let levels: [UInt8]
    /// The stamp of the capacities that the factors are for. `stampOwner` keeps it alive: no later one has its address.
    let stamp: ObjectIdentifier?
    private let stampOwner: CapacityTable.Stamp?
    /// In one piece of memory: by band, for its largest capacities and then for its smallest; by capacity; and the
    /// levels.
    nonisolated(unsafe) let bands: UnsafeMutablePointer<Factors>
    nonisolated(unsafe) let nodes: UnsafeMutablePointer<Factors>
    nonisolated(unsafe) let levelBytes: UnsafeMutablePointer<UInt8>
    let levelCount: Int

    fileprivate init(
        cpu: Int, memory: Int, disk: Int, levels: [UInt8], stamp: CapacityTable.Stamp? = nil, bandCount: Int = 0,
        capacityCount: Int = 0
    ) {
        (self.cpu, self.memory, self.disk, self.levels) = (cpu, memory, disk, levels)
        (self.stamp, stampOwner) = (stamp.map { ObjectIdentifier($0) }, stamp)
        let factorBytes = (2 * bandCount + capacityCount) * MemoryLayout<Factors>.stride
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: factorBytes + levels.count, alignment: 64)
        bands = bytes.bindMemory(to: Factors.self, capacity: 2 * bandCount + capacityCount)
        nodes = bands + 2 * bandCount
        levelBytes = (bytes + factorBytes).bindMemory(to: UInt8.self, capacity: levels.count)
        levelCount = levels.count
        for (kind, level) in levels.enumerated() { (levelBytes + kind).initialize(to: level) }
    }

    fileprivate convenience init(_ terms: PlacementTerms, _ table: CapacityTable) {
        self.init(
            cpu: terms.cpu, memory: terms.memory, disk: terms.disk, levels: terms.levels, stamp: table.stamp,
            bandCount: table.bands.count, capacityCount: table.capacities.count)
        for (number, band) in table.bands.enumerated() {
            for (place, extreme) in [band.largest, band.smallest].enumerated() {
                (bands + 2 * number + place).initialize(to: Factors(self, cpu: extreme.cpu, memory: extreme.memory))
            }
        }
        for (number, capacity) in table.capacities.enumerated() {
            (nodes + number).initialize(to: Factors(self, cpu: capacity.cpu, memory: capacity.memory))
        }
    }

    deinit { UnsafeMutableRawPointer(bands).deallocate() }
}

/// A prepared query as the search reads it: plain values and pointers, valid as long as the query is.
struct Need: BitwiseCopyable {
    let cpu: Int
    let memory: Int
    let disk: Int
    let diskLength: UInt8
    let goal: PlacementAlgorithm
    /// Levels from `lowestLevel` on, `moreLevels` above it included.
    private let lowestLevel: UInt8
    private let moreLevels: UInt8
    private let bands: UnsafeMutablePointer<PlacementTerms.Factors>
    private let nodes: UnsafeMutablePointer<PlacementTerms.Factors>
    private let levels: UnsafeMutablePointer<UInt8>
    private let levelCount: Int

    @inline(__always)
    init(_ query: PlacementQuery) {
        let terms = query.terms
        (cpu, memory, disk, goal) = (terms.cpu, terms.memory, terms.disk, query.goal)
        diskLength = Cohort.diskLength(terms.disk)
        lowestLevel = max(1, query.level ?? 1)
        moreLevels = query.level == nil ? .max - 1 : 0
        (bands, nodes, levels, levelCount) = (terms.bands, terms.nodes, terms.levelBytes, terms.levelCount)
    }

    @inline(__always)
    func factors(ofCapacity capacity: Int32) -> PlacementTerms.Factors { nodes[Int(capacity)] }

    /// The factors for the largest capacities of a band: they give the lowest costs.
    @inline(__always)
    func largest(inBand band: Int) -> PlacementTerms.Factors { bands[band &* 2] }

    /// The factors for the smallest capacities of a band: they give the highest costs.
    @inline(__always)
    func smallest(inBand band: Int) -> PlacementTerms.Factors { bands[band &* 2 &+ 1] }

    /// Whether nodes of this class may be asked.
    @inline(__always)
    func admits(_ kind: Int32) -> Bool {
        if levelCount == 0 { return true }
        // A negative class is beyond the end too.
        return UInt(bitPattern: Int(kind)) < levelCount && levels[Int(kind)] &- lowestLevel <= moreLevels
    }
}
