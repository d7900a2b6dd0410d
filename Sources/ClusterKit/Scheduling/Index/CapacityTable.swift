/// The distinct capacities of the nodes, and the bands that they are searched in.
///
/// One grid serves a *band* of capacities: those whose processor time falls into one `LogScale` bucket and whose memory
/// into another. So a hundred machines that differ by a few MiB are searched in a grid or two, not in a hundred. What
/// the search excludes holds for all capacities of the band; they are at most a sixteenth apart.
struct CapacityTable {
    struct Key: Hashable {
        let cpu: Int
        let memory: Int
    }

    struct Capacity: BitwiseCopyable {
        let cpu: Int
        let memory: Int
        let cpuScale: Double
        let memoryScale: Double
        let band: Int32
    }

    /// The smallest and the largest of the capacities in a band. Nothing is no bound: it counts as the smallest that is
    /// there, for a share of nothing is zero and so below any other.
    struct Band {
        let key: Key
        private(set) var smallest: Key
        private(set) var largest: Key

        fileprivate mutating func widen(to capacity: Key) {
            largest = Key(cpu: max(largest.cpu, capacity.cpu), memory: max(largest.memory, capacity.memory))
            smallest = Key(
                cpu: Self.smaller(smallest.cpu, capacity.cpu), memory: Self.smaller(smallest.memory, capacity.memory))
        }

        private static func smaller(_ left: Int, _ right: Int) -> Int {
            left == 0 || right == 0 ? max(left, right) : min(left, right)
        }

        fileprivate init(key: Key, of capacity: Key) {
            self.key = key
            (smallest, largest) = (capacity, capacity)
        }
    }

    /// Stands for the contents of one table: what was computed for it holds as long as it has the same stamp.
    final class Stamp: Sendable {}

    private(set) var capacities: [Capacity] = []
    private(set) var bands: [Band] = []
    private(set) var stamp = Stamp()
    private var numbers: [Key: Int32] = [:]

    /// Each band costs every search a look. Beyond so many, capacities share the last band, which excludes nothing and
    /// is therefore slow, but as exact.
    static let mostBands = 64
    private static let shared = Key(cpu: .max, memory: .max)

    /// The number of a capacity, which is added when it is new.
    mutating func number(of key: Key) -> Int32 {
        if let number = numbers[key] { return number }
        let number = Int32(truncatingIfNeeded: capacities.count)
        let band = band(for: key)
        bands[band].widen(to: key)
        capacities.append(
            Capacity(
                cpu: key.cpu, memory: key.memory, cpuScale: PlacementScore.scale(key.cpu),
                memoryScale: PlacementScore.scale(key.memory), band: Int32(truncatingIfNeeded: band)))
        numbers[key] = number
        stamp = Stamp()
        return number
    }

    private mutating func band(for capacity: Key) -> Int {
        var key = Key(cpu: LogScale.finest.bucket(capacity.cpu), memory: LogScale.finest.bucket(capacity.memory))
        if let band = bands.firstIndex(where: { $0.key == key }) { return band }
        if bands.count >= Self.mostBands - 1 {
            key = Self.shared
            if bands.count == Self.mostBands { return bands.count - 1 }
        }
        bands.append(Band(key: key, of: capacity))
        return bands.count - 1
    }

    /// The largest amounts that a node of `band` may ever have, now or when more capacities join it.
    func limits(of band: Int) -> Key {
        let key = bands[band].key
        if key == Self.shared { return Key(cpu: LogScale.largest, memory: LogScale.largest) }
        let scale = LogScale.finest
        return Key(cpu: scale.lowest(in: key.cpu + 1) - 1, memory: scale.lowest(in: key.memory + 1) - 1)
    }

    /// In what buckets the amounts of a band's nodes are told apart: those of cpu and those of memory.
    func scales(of band: Int) -> (cpu: LogScale, memory: LogScale) {
        if bands[band].key == Self.shared { return (.finest, .finest) }
        let limits = limits(of: band)
        return (LogScale(capacity: limits.cpu), LogScale(capacity: limits.memory))
    }
}
