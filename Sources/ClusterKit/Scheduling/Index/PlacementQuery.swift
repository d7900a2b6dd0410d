/// What an instance needs of a node, and which nodes may be asked: what `PlacementIndex` searches for.
public struct PlacementQuery: Sendable {
    /// Processor time in MHz.
    public let cpu: Int
    /// Memory in MiB.
    public let memory: Int
    /// Disk in MiB.
    public let disk: Int
    /// By class of nodes: 0 when its nodes must not take the instance, any other number when they may. Classes beyond
    /// the end must not; an empty table admits all.
    public let levels: [UInt8]
    /// Only classes of this level of `levels`, from 1 to 255, are searched; all but those of level 0 when it is `nil`.
    ///
    /// Classes that some preference lifts above others get a level of their own; searching level by level, the best
    /// first, finds the best sum of score and preference.
    public var level: UInt8?
    /// What a good node is.
    public var goal: PlacementGoal

    /// What `PlacementIndex.prepare` adds.
    var preparation: Preparation?

    /// States the need; amounts below zero count as zero.
    public init(
        cpu: Int, memory: Int, disk: Int = 0, levels: [UInt8] = [], level: UInt8? = nil, goal: PlacementGoal = .pack
    ) {
        // What is more than any node can have stays more, and sums of it cannot overflow.
        let most = LogScale.largest + 1
        self.cpu = min(max(0, cpu), most)
        self.memory = min(max(0, memory), most)
        self.disk = min(max(0, disk), most)
        self.levels = levels
        self.level = level
        self.goal = goal
    }
}

extension PlacementQuery {
    /// The query as the search reads it, if it is prepared for the capacities with this stamp.
    @inline(__always)
    func need(_ stamp: ObjectIdentifier) -> Need? {
        guard let contents = preparation?.contents, contents.stamp == stamp else { return nil }
        return Need(self, contents)
    }
}

/// What a search needs to know of a query beside its amounts, for the capacities of one index.
struct Preparation {
    /// `10^(-need / capacity)`.
    struct Factors: BitwiseCopyable {
        let cpu: Double
        let memory: Double

        init(_ query: PlacementQuery, cpu: Int, memory: Int) {
            self.cpu = PlacementScore.power(-query.cpu, PlacementScore.scale(cpu))
            self.memory = PlacementScore.power(-query.memory, PlacementScore.scale(memory))
        }
    }

    /// Plain values and pointers: a search reads them without counting references.
    struct Contents: BitwiseCopyable {
        /// By capacity.
        let nodes: UnsafeMutablePointer<Factors>
        /// By band: for its largest capacities, and then for its smallest.
        let bands: UnsafeMutablePointer<Factors>
        let levels: UnsafeMutablePointer<UInt8>
        let levelCount: Int
        /// The stamp of the capacities that the factors are for.
        let stamp: ObjectIdentifier
    }

    nonisolated(unsafe) let contents: Contents
    private let owner: Owner

    /// Keeps the memory, and the stamp, so that no other can be mistaken for it.
    private final class Owner: Sendable {
        nonisolated(unsafe) let contents: Contents
        let stamp: CapacityTable.Stamp

        init(_ contents: Contents, _ stamp: CapacityTable.Stamp) {
            self.contents = contents
            self.stamp = stamp
        }

        deinit {
            contents.nodes.deallocate()
            contents.levels.deallocate()
        }
    }

    init(_ query: PlacementQuery, _ table: CapacityTable) {
        let (count, bandCount) = (table.capacities.count, table.bands.count)
        let nodes = UnsafeMutablePointer<Factors>.allocate(capacity: count + 2 * bandCount)
        let bands = nodes + count
        for (number, capacity) in table.capacities.enumerated() {
            (nodes + number).initialize(to: Factors(query, cpu: capacity.cpu, memory: capacity.memory))
        }
        for (number, band) in table.bands.enumerated() {
            let (largest, smallest) = (band.largest, band.smallest)
            (bands + 2 * number).initialize(to: Factors(query, cpu: largest.cpu, memory: largest.memory))
            (bands + 2 * number + 1).initialize(to: Factors(query, cpu: smallest.cpu, memory: smallest.memory))
        }
        let levels = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, query.levels.count))
        for (kind, level) in query.levels.enumerated() { (levels + kind).initialize(to: level) }
        contents = Contents(
            nodes: nodes, bands: bands, levels: levels, levelCount: query.levels.count,
            stamp: ObjectIdentifier(table.stamp))
        owner = Owner(contents, table.stamp)
    }
}

/// A prepared query as the search reads it; valid as long as the preparation is.
struct Need: BitwiseCopyable {
    let cpu: Int
    let memory: Int
    let disk: Int
    let goal: PlacementGoal
    /// Where the grid's cells begin that can have room.
    let row: Int
    let column: Int
    let diskLength: UInt8
    /// Levels from `lowestLevel` on, `moreLevels` above it included.
    private let lowestLevel: UInt8
    private let moreLevels: UInt8
    private let contents: Preparation.Contents

    @inline(__always)
    init(_ query: PlacementQuery, _ contents: Preparation.Contents) {
        (cpu, memory, disk, goal) = (query.cpu, query.memory, query.disk, query.goal)
        row = LogScale.bucket(query.cpu)
        column = LogScale.bucket(query.memory)
        diskLength = Cohort.diskLength(query.disk)
        lowestLevel = max(1, query.level ?? 1)
        moreLevels = query.level == nil ? .max - 1 : 0
        self.contents = contents
    }

    @inline(__always)
    func factors(ofCapacity capacity: Int32) -> Preparation.Factors { contents.nodes[Int(capacity)] }

    /// The factors for the largest capacities of a band: they give the lowest costs.
    @inline(__always)
    func largest(inBand band: Int) -> Preparation.Factors { contents.bands[band &* 2] }

    /// The factors for the smallest capacities of a band: they give the highest costs.
    @inline(__always)
    func smallest(inBand band: Int) -> Preparation.Factors { contents.bands[band &* 2 &+ 1] }

    /// Whether nodes of this class may be asked.
    @inline(__always)
    func admits(_ kind: Int32) -> Bool {
        if contents.levelCount == 0 { return true }
        // A negative class is beyond the end too.
        return UInt(bitPattern: Int(kind)) < contents.levelCount
            && contents.levels[Int(kind)] &- lowestLevel <= moreLevels
    }
}
