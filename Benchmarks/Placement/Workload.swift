import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The size of one instance, and how often it comes.
struct Shape: Equatable {
    var cpu: Int
    var memory: Int
    var disk: Int
    /// Relative to the other shapes.
    var weight = 1

    var amounts: PlacementIndex.Amounts { PlacementIndex.Amounts(cpu: cpu, memory: memory, disk: disk) }

    /// A job of so many instances.
    func job(_ name: String, priority: Int = 50, count: Int = 1) -> Job {
        let task = TaskSpec(name: "work", resources: TaskResources(cpuMHz: cpu, memoryMiB: memory))
        let group = TaskGroup(name: "all", count: count, tasks: [task], disk: EphemeralDisk(sizeMiB: disk))
        return Job(id: JobID(name), priority: priority, groups: [group])
    }
}

/// What is placed.
enum Workload {
    enum Kind: String, CaseIterable {
        case mix, heavy, day

        /// How many instances are there at any time in `pack` and `tidy`.
        var population: Int { self == .heavy ? 6000 : 3000 }
    }

    /// A core is 2,400 MHz.
    static let core = 2400

    static func shapes(_ kind: Kind, seed: UInt64) -> [Shape] {
        switch kind {
        case .mix: mix
        case .heavy: heavy(seed: seed)
        case .day: BuildDay(machines: 39, seed: seed).shapes
        }
    }

    /// Five shapes as build clusters have them, equally often.
    private static let mix = [(0.5, 1), (1, 2), (2, 4), (4, 7), (8, 14)].map { cores, gib in
        Shape(cpu: Int(cores * Double(core)), memory: Int(gib * 1024), disk: 300)
    }

    /// Few large ones and many small ones: cores with median 0.5 and sigma 1.3, memory near 2 GiB a core.
    private static func heavy(seed: UInt64) -> [Shape] {
        var entropy = Entropy(seed: seed ^ 0x5EED)
        return (0..<2000).map { _ in
            let cpu = min(16 * Double(core), max(24, 0.5 * Double(core) * exp(1.3 * gauss(&entropy))))
            let memory = min(28_672, max(16, cpu / Double(core) * 2048 * exp(0.7 * gauss(&entropy))))
            return Shape(cpu: Int(cpu), memory: Int(memory), disk: 300)
        }
    }

    /// A number of mean 0 and deviation 1, normally distributed.
    static func gauss(_ entropy: inout Entropy) -> Double {
        let first = (Double(entropy.next() >> 11) + 0.5) / 9_007_199_254_740_992
        let second = (Double(entropy.next() >> 11) + 0.5) / 9_007_199_254_740_992
        return (-2 * log(first)).squareRoot() * cos(2 * .pi * second)
    }
}

/// Draws shapes by their weights.
struct ShapeDraw {
    /// One entry for each unit of weight, where there are few: drawing is part of what is measured. Else empty.
    private let table: [Int32]
    /// By shape, the weights up to it and its own.
    private let sums: [Int]

    init(_ shapes: [Shape]) {
        var sum = 0
        sums = shapes.map { shape in
            sum += max(0, shape.weight)
            return sum
        }
        let isSmall = sum <= 1 << 20
        table =
            isSmall ? shapes.enumerated().flatMap { Array(repeating: Int32($0), count: max(0, $1.weight)) } : []
    }

    func next(_ entropy: inout Entropy) -> Int {
        guard let all = sums.last, all > 0 else { return 0 }
        let drawn = entropy.below(all)
        guard table.isEmpty else { return Int(table[drawn]) }
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > drawn { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
