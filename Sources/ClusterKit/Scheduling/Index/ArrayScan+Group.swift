/// A query in the numbers that the columns hold.
struct ScanNeed {
    /// Stands for a node without room; above the bits of every cost.
    static let none = Int32.max

    let query: PlacementQuery
    let cpu: Int32
    let memory: Int32
    let disk: Int32
    /// Exchanges low and high costs when the emptiest node is searched.
    let flip: Int32

    init(_ query: PlacementQuery) {
        self.query = query
        cpu = ScanGroup.narrow(query.cpu)
        memory = ScanGroup.narrow(query.memory)
        disk = ScanGroup.narrow(query.disk)
        flip = query.goal.packs ? 0 : .max
    }

    /// The highest bits that can belong to the best node when `bits` are the lowest: single precision errs by a few
    /// units of the last place.
    static func limit(_ bits: Int32) -> Int32 { min(bits, none - 65) + 64 }

    /// Whether an amount is too large for the columns: then they cannot tell who has room.
    var isWide: Bool { max(cpu, memory, disk) == .max }
}

/// What a need is worth on nodes of one capacity.
struct ScanFactors {
    let cpu: Float
    let memory: Float

    init(_ need: ScanNeed, _ capacity: CapacityTable.Key) {
        cpu = Float(PlacementScore.power(-need.query.cpu, PlacementScore.scale(capacity.cpu)))
        memory = Float(PlacementScore.power(-need.query.memory, PlacementScore.scale(capacity.memory)))
    }
}

/// The nodes of one capacity and class, in the order of their numbers.
struct ScanGroup: Sendable {
    /// So many nodes lie together: all of one column, then all of the next.
    private static let width = 512
    /// The loops take so many nodes at a time: the last block of a group is not looked through to its end.
    private static let stride = 16
    private enum Part: Int { case cpuPower, memoryPower, cpu, memory, disk }
    private static let partCount = 5

    let capacity: CapacityTable.Key
    /// The number of the capacity.
    let capacityNumber: Int
    let kind: Int32
    private(set) var nodes: [Int32] = []
    private(set) var free: [PlacementIndex.Amounts] = []
    private let cpuScale: Double
    private let memoryScale: Double
    /// By block and part: the bits of powers, and what is free as far as 31 bits go, or -1 on a node that lacks
    /// anything.
    private var columns: [Int32] = []
    /// No node has ever had less disk: a smaller need is not compared.
    private var leastDisk = Int32.max

    init(capacity: CapacityTable.Key, number: Int, kind: Int32) {
        self.capacity = capacity
        capacityNumber = number
        self.kind = kind
        cpuScale = PlacementScore.scale(capacity.cpu)
        memoryScale = PlacementScore.scale(capacity.memory)
    }

    static func narrow(_ amount: Int) -> Int32 { Int32(clamping: max(-1, amount)) }

    var blockCount: Int { columns.count / (Self.width * Self.partCount) }

    mutating func append(_ node: Int32, free amounts: PlacementIndex.Amounts) {
        if nodes.count == blockCount * Self.width {
            columns.append(contentsOf: repeatElement(-1, count: Self.width * Self.partCount))
        }
        nodes.append(node)
        free.append(amounts)
        set(nodes.count - 1, free: amounts)
    }

    mutating func set(_ position: Int, free amounts: PlacementIndex.Amounts) {
        let amounts = PlacementIndex.Amounts(
            cpu: min(amounts.cpu, capacity.cpu), memory: min(amounts.memory, capacity.memory),
            disk: min(amounts.disk, LogScale.largest))
        free[position] = amounts
        let cpuPower = Float(PlacementScore.power(amounts.cpu, cpuScale))
        let memoryPower = Float(PlacementScore.power(amounts.memory, memoryScale))
        columns[place(position, .cpuPower)] = Int32(bitPattern: cpuPower.bitPattern)
        columns[place(position, .memoryPower)] = Int32(bitPattern: memoryPower.bitPattern)
        columns[place(position, .cpu)] = amounts.disk < 0 ? -1 : Self.narrow(amounts.cpu)
        columns[place(position, .memory)] = Self.narrow(amounts.memory)
        columns[place(position, .disk)] = Self.narrow(amounts.disk)
        leastDisk = min(leastDisk, Self.narrow(amounts.disk))
    }

    private func place(_ position: Int, _ part: Part) -> Int {
        (position / Self.width * Self.partCount + part.rawValue) * Self.width + position % Self.width
    }

    // MARK: Both passes

    /// Appends the bits of the lowest cost of a node with room, for each block.
    func appendLowest(_ need: ScanNeed, _ factors: ScanFactors, to lowest: inout [Int32]) {
        let view = View(need: need, factors: factors)
        columns.withUnsafeBufferPointer { columns in
            guard let base = columns.baseAddress else { return }
            for block in 0..<blockCount {
                let start = base + block * Self.width * Self.partCount
                let length = length(of: block)
                let bits = need.disk > leastDisk ? view.lowestWithDisk(start, length) : view.lowest(start, length)
                // Who has room is then asked in the second pass only.
                lowest.append(need.isWide && bits < ScanNeed.none ? 0 : bits)
            }
        }
    }

    /// Compares the nodes of those blocks whose bits come near enough to the lowest, in the order of their numbers.
    func choose(
        _ need: ScanNeed, _ factors: ScanFactors, limit: Int32, _ lowest: ArraySlice<Int32>,
        _ best: inout PlacementIndex.Choice?
    ) {
        let view = View(need: need, factors: factors)
        var seen: PlacementIndex.Amounts?
        columns.withUnsafeBufferPointer { columns in
            guard let base = columns.baseAddress else { return }
            for (block, bits) in lowest.enumerated() where bits <= limit {
                let start = base + block * Self.width * Self.partCount
                if !need.isWide, let seen, view.lowest(start, length(of: block), except: seen) > limit { continue }
                for offset in 0..<min(Self.width, nodes.count - block * Self.width) {
                    guard need.isWide || view.bits(start, offset) <= limit else { continue }
                    let node = block * Self.width + offset
                    // Later nodes like one that was compared are no better.
                    if let seen, seen.cpu == free[node].cpu, seen.memory == free[node].memory { continue }
                    guard let score = score(need.query, node) else { continue }
                    seen = free[node]
                    if let known = best, known.score > score || known.score == score && known.node < nodes[node] {
                        continue
                    }
                    best = PlacementIndex.Choice(node: nodes[node], score: score)
                }
            }
        }
    }

    /// How many places of a block are looked at: those behind the last node have no room.
    private func length(of block: Int) -> Int {
        min(Self.width, (nodes.count - block * Self.width + Self.stride - 1) / Self.stride * Self.stride)
    }

    private func score(_ query: PlacementQuery, _ node: Int) -> Double? {
        let left = PlacementIndex.Amounts(
            cpu: free[node].cpu - query.cpu, memory: free[node].memory - query.memory,
            disk: free[node].disk - query.disk)
        guard min(left.cpu, left.memory, left.disk) >= 0 else { return nil }
        return PlacementScore.score(
            freeCPU: PlacementScore.share(left.cpu, of: capacity.cpu),
            freeMemory: PlacementScore.share(left.memory, of: capacity.memory), goal: query.goal)
    }

    /// The loops over one block. They have no branches, so that they become vector instructions.
    private struct View {
        let need: ScanNeed
        let factors: ScanFactors

        @inline(__always)
        private func number(_ block: UnsafePointer<Int32>, _ part: Part, _ offset: Int) -> Int32 {
            block[part.rawValue &* ScanGroup.width &+ offset]
        }

        /// The bits of a node's cost when processor time and memory suffice.
        @inline(__always)
        private func plainBits(_ block: UnsafePointer<Int32>, _ offset: Int) -> Int32 {
            let cpuPower = Float(bitPattern: UInt32(bitPattern: number(block, .cpuPower, offset)))
            let memoryPower = Float(bitPattern: UInt32(bitPattern: number(block, .memoryPower, offset)))
            let cost = factors.cpu * cpuPower + factors.memory * memoryPower
            let bits = Int32(bitPattern: cost.bitPattern) ^ need.flip
            let withCPU = number(block, .cpu, offset) >= need.cpu ? bits : ScanNeed.none
            return number(block, .memory, offset) >= need.memory ? withCPU : ScanNeed.none
        }

        @inline(__always)
        func bits(_ block: UnsafePointer<Int32>, _ offset: Int) -> Int32 {
            let bits = plainBits(block, offset)
            return number(block, .disk, offset) >= need.disk ? bits : ScanNeed.none
        }

        @inline(__always)
        private func least(_ length: Int, _ bits: (Int) -> Int32) -> Int32 {
            var least = ScanNeed.none
            for offset in 0..<length {
                let next = bits(offset)
                least = next < least ? next : least
            }
            return least
        }

        func lowest(_ block: UnsafePointer<Int32>, _ length: Int) -> Int32 {
            least(length) { plainBits(block, $0) }
        }

        func lowestWithDisk(_ block: UnsafePointer<Int32>, _ length: Int) -> Int32 {
            least(length) { bits(block, $0) }
        }

        /// Without the nodes that have the processor time and memory of `seen`.
        func lowest(_ block: UnsafePointer<Int32>, _ length: Int, except seen: PlacementIndex.Amounts) -> Int32 {
            let (cpu, memory) = (ScanGroup.narrow(seen.cpu), ScanGroup.narrow(seen.memory))
            if max(cpu, memory) == .max { return 0 }
            return least(length) { offset in
                let differs = number(block, .cpu, offset) ^ cpu | number(block, .memory, offset) ^ memory
                return differs != 0 ? bits(block, offset) : ScanNeed.none
            }
        }
    }
}
