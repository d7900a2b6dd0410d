/// What an instance needs of a node, and which nodes may be asked: what `PlacementIndex` searches for.
public struct PlacementQuery: Sendable {
    /// Processor time in MHz.
    public let cpu: Int
    /// Memory in MiB.
    public let memory: Int
    /// Disk in MiB.
    public let disk: Int
    /// What a good node is.
    public var goal: PlacementGoal
    /// By class of nodes: 0 when its nodes must not take the instance, any other number when they may. Classes beyond
    /// the end must not; an empty table admits all.
    public var levels: [UInt8]
    /// Only classes of this level of `levels`, from 1 to 255, are searched; all but those of level 0 when it is `nil`.
    ///
    /// Classes that some preference lifts above others get a level of their own; searching level by level, the best
    /// first, finds the best sum of score and preference.
    public var level: UInt8?

    /// What `PlacementIndex.prepare` adds.
    var factors: Factors?

    /// States the need; amounts below zero count as zero.
    public init(
        cpu: Int, memory: Int, disk: Int = 0, goal: PlacementGoal = .pack, levels: [UInt8] = [], level: UInt8? = nil
    ) {
        // What is more than any node can have stays more, and sums of it cannot overflow.
        let most = LogScale.largest + 1
        self.cpu = min(max(0, cpu), most)
        self.memory = min(max(0, memory), most)
        self.disk = min(max(0, disk), most)
        self.goal = goal
        self.levels = levels
        self.level = level
    }
}

extension PlacementQuery {
    /// `10^(-need / capacity)` for all capacities of an index, and for the extremes of its bands.
    struct Factors {
        struct Pair: BitwiseCopyable {
            let cpu: Double
            let memory: Double

            init(_ query: PlacementQuery, _ capacity: CapacityTable.Key) {
                cpu = PlacementScore.power(-query.cpu, PlacementScore.scale(capacity.cpu))
                memory = PlacementScore.power(-query.memory, PlacementScore.scale(capacity.memory))
            }
        }

        let stamp: CapacityTable.Stamp
        /// By capacity.
        let nodes: [Pair]
        /// By band: for its largest capacities, and then for its smallest.
        let bands: [Pair]

        init(_ query: PlacementQuery, _ table: CapacityTable) {
            stamp = table.stamp
            nodes = table.capacities.map { Pair(query, CapacityTable.Key(cpu: $0.cpu, memory: $0.memory)) }
            bands = table.bands.flatMap { [Pair(query, $0.largest), Pair(query, $0.smallest)] }
        }
    }
}

/// A prepared query as the search reads it: plain values and pointers, valid for one call.
struct Need: BitwiseCopyable {
    let cpu: Int
    let memory: Int
    let disk: Int
    let goal: PlacementGoal
    /// Where the grid's cells begin that can have room.
    let row: Int
    let column: Int
    let diskLength: UInt8
    private let nodes: UnsafePointer<PlacementQuery.Factors.Pair>
    private let bands: UnsafePointer<PlacementQuery.Factors.Pair>
    private let levels: UnsafePointer<UInt8>?
    private let levelCount: Int
    /// Levels from `lowestLevel` on, `moreLevels` above it included.
    private let lowestLevel: UInt8
    private let moreLevels: UInt8

    /// Calls `body` with the need of a query whose factors are those of the index.
    static func with<Value>(
        _ query: PlacementQuery, _ factors: PlacementQuery.Factors, _ body: (Need) -> Value
    ) -> Value? {
        query.levels.withUnsafeBufferPointer { levels in
            factors.nodes.withUnsafeBufferPointer { nodes in
                factors.bands.withUnsafeBufferPointer { bands in
                    guard let nodes = nodes.baseAddress, let bands = bands.baseAddress else { return nil }
                    return body(Need(query, nodes: nodes, bands: bands, levels: levels))
                }
            }
        }
    }

    private init(
        _ query: PlacementQuery, nodes: UnsafePointer<PlacementQuery.Factors.Pair>,
        bands: UnsafePointer<PlacementQuery.Factors.Pair>, levels: UnsafeBufferPointer<UInt8>
    ) {
        (cpu, memory, disk, goal) = (query.cpu, query.memory, query.disk, query.goal)
        row = LogScale.bucket(query.cpu)
        column = LogScale.bucket(query.memory)
        diskLength = Cohort.diskLength(query.disk)
        (self.nodes, self.bands) = (nodes, bands)
        self.levels = levels.isEmpty ? nil : levels.baseAddress
        levelCount = levels.count
        lowestLevel = max(1, query.level ?? 1)
        moreLevels = query.level == nil ? .max - 1 : 0
    }

    @inline(__always)
    func factors(ofCapacity capacity: Int32) -> PlacementQuery.Factors.Pair { nodes[Int(capacity)] }

    /// The factors for the largest capacities of a band: they give the lowest costs.
    @inline(__always)
    func largest(inBand band: Int) -> PlacementQuery.Factors.Pair { bands[band &* 2] }

    /// The factors for the smallest capacities of a band: they give the highest costs.
    @inline(__always)
    func smallest(inBand band: Int) -> PlacementQuery.Factors.Pair { bands[band &* 2 &+ 1] }

    @inline(__always)
    func admits(_ kind: Int32) -> Bool {
        guard let levels else { return true }
        // A negative class is beyond the end too.
        return UInt(bitPattern: Int(kind)) < levelCount && levels[Int(kind)] &- lowestLevel <= moreLevels
    }
}
