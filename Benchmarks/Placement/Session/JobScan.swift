import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The fastest plain way to place a job that is spread over racks, or keeps away from itself: for each instance one
/// pass over arrays of numbers, eight nodes at a time. What `spread` and `anti` are measured by.
///
/// Scores are of single precision, and of nodes that this cannot tell apart any is taken. Who holds what is not written
/// down.
struct JobScan: JobPlayer {
    private typealias Lanes = SIMD8<Float>

    /// Nodes of one rack and capacity.
    private struct Block {
        let rack: Int
        let capacity: PlacementIndex.Amounts
        /// Their places, in multiples of eight.
        var lanes: Range<Int>
    }

    private var blocks: [Block] = []
    // By place. Those that only fill up a block have no node, and nothing free.
    private var nodes: [Int] = []
    private var free: [PlacementIndex.Amounts] = []
    private var cpuPowers: [Double] = []
    private var memoryPowers: [Double] = []
    // For the job at hand, by place: its instances; and by eight places: the sums of the parts of the scores without
    // that for racks, and what they are multiplied with when that is 0, and when it is not.
    private var here: [Int] = []
    private var sums: [Lanes] = []
    private var alone: [Lanes] = []
    private var beside: [Lanes] = []
    private var inRack: [Int]
    private var job: (shape: Shape, count: Int, isSpread: Bool)

    init(_ machines: [Machine], racks: Int) {
        inRack = Array(repeating: 0, count: racks)
        job = (Shape(cpu: 0, memory: 0, disk: 0), 1, false)
        let groups = Dictionary(grouping: machines.indices) { number in
            [number % racks, machines[number].amounts.cpu, machines[number].amounts.memory]
        }
        for (key, numbers) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let start = nodes.count / Lanes.scalarCount
            let fillers = (Lanes.scalarCount - numbers.count % Lanes.scalarCount) % Lanes.scalarCount
            nodes += numbers + Array(repeating: -1, count: fillers)
            free += numbers.map { machines[$0].amounts }
            free += Array(repeating: PlacementIndex.Amounts(cpu: -1, memory: -1, disk: -1), count: fillers)
            blocks.append(
                Block(
                    rack: key[0], capacity: PlacementIndex.Amounts(cpu: key[1], memory: key[2]),
                    lanes: start..<nodes.count / Lanes.scalarCount))
        }
        (cpuPowers, memoryPowers) = (Array(repeating: 1, count: nodes.count), Array(repeating: 1, count: nodes.count))
        here = Array(repeating: 0, count: nodes.count)
        sums = Array(repeating: Lanes(), count: nodes.count / Lanes.scalarCount)
        (alone, beside) = (sums, sums)
        for block in blocks { for place in places(of: block) { setPowers(place, block.capacity) } }
    }

    private func places(of block: Block) -> Range<Int> {
        block.lanes.lowerBound * Lanes.scalarCount..<block.lanes.upperBound * Lanes.scalarCount
    }

    private mutating func setPowers(_ place: Int, _ capacity: PlacementIndex.Amounts) {
        cpuPowers[place] = pow(10, Self.share(free[place].cpu, capacity.cpu))
        memoryPowers[place] = pow(10, Self.share(free[place].memory, capacity.memory))
    }

    private static func share(_ part: Int, _ whole: Int) -> Double {
        whole > 0 ? Double(part) / Double(whole) : 0
    }

    // MARK: One job

    mutating func begin(_ order: JobOrder, _ number: Int) {
        job = (order.shape(of: number), order.count, order.isSpread)
        for rack in inRack.indices { inRack[rack] = 0 }
        for block in blocks {
            let factors = factors(block)
            for place in places(of: block) {
                here[place] = 0
                set(place, factors)
            }
        }
    }

    /// What the powers of nodes are multiplied with.
    private func factors(_ block: Block) -> (cpu: Double, memory: Double) {
        (
            pow(10, -Self.share(job.shape.cpu, block.capacity.cpu)),
            pow(10, -Self.share(job.shape.memory, block.capacity.memory))
        )
    }

    private mutating func set(_ place: Int, _ factors: (cpu: Double, memory: Double)) {
        let (chunk, lane) = (place / Lanes.scalarCount, place % Lanes.scalarCount)
        let (free, shape) = (free[place], job.shape)
        guard free.cpu >= shape.cpu, free.memory >= shape.memory, free.disk >= shape.disk else {
            sums[chunk][lane] = -.infinity
            (alone[chunk][lane], beside[chunk][lane]) = (1, 1)
            return
        }
        let fit = 20 - factors.cpu * cpuPowers[place] - factors.memory * memoryPowers[place]
        var (sum, parts) = (min(max(fit, 0), 18) / 18, 1.0)
        if here[place] > 0 {
            sum -= Double(here[place] + 1) / Double(job.count)
            parts += 1
        }
        sums[chunk][lane] = Float(sum)
        (alone[chunk][lane], beside[chunk][lane]) = (Float(1 / parts), Float(1 / (parts + 1)))
    }

    /// The part of the score for the racks: where one stands between the least and the most used.
    private func rackParts() -> [Float] {
        let used = inRack.filter { $0 > 0 }
        guard job.isSpread, let least = used.min(), let most = used.max() else { return inRack.map { _ in 0 } }
        return inRack.map { count in
            if count != least { return Float(least - count) / Float(least) }
            return least == most ? -1 : Float(most - least) / Float(least)
        }
    }

    mutating func place() -> NodeID? {
        let parts = rackParts()
        var best: (score: Float, block: Int) = (-.infinity, 0)
        for (number, block) in blocks.enumerated() {
            let score = highest(block.lanes, parts[block.rack])
            if score > best.score { best = (score, number) }
        }
        guard best.score > -.infinity else { return nil }
        let block = blocks[best.block]
        guard let place = place(in: block, parts[block.rack], best.score) else { return nil }
        take(place, block)
        return NodeID(high: 1, low: UInt64(nodes[place]))
    }

    private mutating func take(_ place: Int, _ block: Block) {
        free[place].cpu -= job.shape.cpu
        free[place].memory -= job.shape.memory
        free[place].disk -= job.shape.disk
        setPowers(place, block.capacity)
        here[place] += 1
        inRack[block.rack] += 1
        set(place, factors(block))
    }

    @inline(__always)
    private func scores(_ chunk: Int, _ part: Float) -> Lanes {
        part == 0 ? sums[chunk] * alone[chunk] : (sums[chunk] + part) * beside[chunk]
    }

    private func highest(_ chunks: Range<Int>, _ part: Float) -> Float {
        var highest = Lanes(repeating: -.infinity)
        for chunk in chunks {
            let scores = scores(chunk, part)
            highest.replace(with: scores, where: scores .> highest)
        }
        return highest.max()
    }

    private func place(in block: Block, _ part: Float, _ score: Float) -> Int? {
        for chunk in block.lanes {
            let scores = scores(chunk, part)
            if let lane = scores.indices.first(where: { scores[$0] == score }) {
                return chunk * Lanes.scalarCount + lane
            }
        }
        return nil
    }
}
