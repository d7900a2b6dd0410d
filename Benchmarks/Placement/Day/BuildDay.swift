import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A day of a build cluster, as a recording would have it: what came in when, how large it was and how long it took.
///
/// For a cluster of 39 machines: web services that run all day; 50 pull requests an hour that are looked at for a
/// minute or so; and 720 checks, one finished every two minutes, which are builds of three minutes to ten hours with
/// caches of up to 240 GiB. Twice as much comes in by day as by night.
struct BuildDay {
    /// One thing that came in.
    struct Entry {
        var second: Int
        var shape: Shape
        /// How long it ran, in seconds; `nil` for what runs on.
        var length: Int?
    }

    /// In the order of time.
    let entries: [Entry]

    /// How many seconds a day has.
    static let length = 86_400

    /// Records a day of a cluster of so many machines.
    init(machines: Int, seed: UInt64) {
        var entropy = Entropy(seed: seed ^ 0xDA7)
        let share = { (count: Int) in max(1, count * machines / 39) }
        var entries = (0..<share(20)).map { _ in
            Entry(second: 0, shape: Shape(cpu: Workload.core / 2, memory: 1024, disk: 1024), length: nil)
        }
        for _ in 0..<share(50 * 24) {
            let shape = Shape(cpu: Workload.core / 4, memory: 256, disk: 300)
            entries.append(Entry(second: Self.moment(&entropy), shape: shape, length: 20 + entropy.below(100)))
        }
        for _ in 0..<share(720) { entries.append(Self.build(&entropy)) }
        self.entries = entries.enumerated().sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }
            .map(\.element)
    }

    /// Large builds take longer, and have more in their caches.
    private static func build(_ entropy: inout Entropy) -> Entry {
        let size = [1, 2, 4, 4, 8, 8, 8, 16][entropy.below(8)]
        let minutes = (15 + 5 * Double(size)) * exp(0.9 * Workload.gauss(&entropy))
        let cache = min(240, max(1, 3 * Double(size) * exp(1.2 * Workload.gauss(&entropy))))
        let shape = Shape(cpu: size * Workload.core, memory: size * 1792, disk: Int(cache) * 1024)
        return Entry(second: moment(&entropy), shape: shape, length: Int(min(600, max(3, minutes)) * 60))
    }

    /// A second of the day: any with two chances of three, one between eight and twenty o'clock with one.
    private static func moment(_ entropy: inout Entropy) -> Int {
        entropy.below(3) < 2 ? entropy.below(length) : 8 * 3600 + entropy.below(12 * 3600)
    }

    /// What came in, for scenarios without time: each size as often as it came.
    var shapes: [Shape] {
        var counts: [[Int]: Int] = [:]
        for entry in entries { counts[[entry.shape.cpu, entry.shape.memory, entry.shape.disk], default: 0] += 1 }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, count in
            Shape(cpu: key[0], memory: key[1], disk: key[2], weight: count)
        }
    }
}
