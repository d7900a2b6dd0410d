/// Nodes that nothing tells apart but their numbers: of equal capacity and class, with equal room.
///
/// A cluster of 100,000 nodes that run a handful of job shapes is a few hundred cohorts, so a search compares cohorts
/// and then takes the first node of the best one. 64 bytes: one line of the processor's cache.
struct Cohort: BitwiseCopyable {
    /// What its nodes have in common.
    struct Key: BitwiseCopyable, Equatable {
        /// MHz that nobody holds; negative on nodes that have shrunk below what they run.
        var freeCPU: Int
        /// MiB that nobody holds.
        var freeMemory: Int
        let capacity: Int32
        let kind: Int32
        /// See `diskLength`.
        var diskLength: UInt8
        var isWithheld: Bool
    }

    /// The bits that an amount of disk takes, plus one; 0 when it is negative.
    ///
    /// Disk seldom decides, so it only roughly divides nodes into cohorts: when a need takes fewer bits, all nodes of a
    /// cohort have room, when it takes more, none has, and only where it takes as many they are asked one by one.
    static func diskLength(_ disk: Int) -> UInt8 {
        disk < 0 ? 0 : UInt8(truncatingIfNeeded: Int.bitWidth &+ 1 &- disk.leadingZeroBitCount)
    }

    static let none = Int32(-1)

    let freeCPU: Int
    let freeMemory: Int
    /// `10^(freeCPU / capacity)`.
    let cpuPower: Double
    /// `10^(freeMemory / capacity)`.
    let memoryPower: Double
    var nodes = NumberSet()
    let diskLength: UInt8
    let isWithheld: Bool
    let kind: Int32
    let capacity: Int32
    /// The neighbors in the cell of the grid. While a record is unused, `next` is the next unused one.
    var next = Cohort.none
    var previous = Cohort.none

    init(_ key: Key, _ capacity: CapacityTable.Capacity) {
        (freeCPU, freeMemory) = (key.freeCPU, key.freeMemory)
        cpuPower = PlacementScore.power(key.freeCPU, capacity.cpuScale)
        memoryPower = PlacementScore.power(key.freeMemory, capacity.memoryScale)
        (diskLength, isWithheld, kind) = (key.diskLength, key.isWithheld, key.kind)
        self.capacity = key.capacity
    }

    var key: Key {
        Key(
            freeCPU: freeCPU, freeMemory: freeMemory, capacity: capacity, kind: kind, diskLength: diskLength,
            isWithheld: isWithheld)
    }

    /// Whether its nodes stand in the grid: they are not withheld, and nothing has been taken that they do not have.
    var isOffered: Bool { !isWithheld && freeCPU >= 0 && freeMemory >= 0 && diskLength > 0 }

    /// Whether both are equally good for every need: they differ in class or disk only.
    @inline(__always)
    func isTwin(of other: Cohort) -> Bool {
        capacity == other.capacity && freeCPU == other.freeCPU && freeMemory == other.freeMemory
    }

    /// Whether processor time, memory and, as far as can be said of all nodes, disk suffice.
    @inline(__always)
    func fits(_ need: Need) -> Bool {
        freeCPU >= need.cpu && freeMemory >= need.memory && diskLength >= need.diskLength && need.admits(kind)
    }
}

extension Cohort.Key {
    /// Multiplied by odd constants without pattern, so that amounts in equal steps spread over the table.
    var hash: UInt32 {
        let amounts =
            UInt64(bitPattern: Int64(freeCPU)) &* 0x9E37_79B9_7F4A_7C15
            &+ UInt64(bitPattern: Int64(freeMemory)) &* 0xC2B2_AE3D_27D4_EB4F
        let rest =
            (UInt64(UInt32(bitPattern: kind)) << 32 | UInt64(UInt32(bitPattern: capacity))) &* 0x1656_67B1_9E37_79F9
            &+ (UInt64(diskLength) << 1 | (isWithheld ? 1 : 0)) &* 0xD6E8_FEB8_6659_FD93
        var word = amounts &+ rest
        word = (word ^ (word >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return UInt32(truncatingIfNeeded: word >> 32)
    }
}
