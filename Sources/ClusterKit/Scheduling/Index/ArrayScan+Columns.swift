/// A query in the numbers that the columns hold.
struct ScanNeed: BitwiseCopyable {
    /// Stands for a node without room; above the bits of every cost.
    static let none = Int32.max

    let cpu: Int32
    let memory: Int32
    let disk: Int32
    /// Exchanges low and high costs when the emptiest node is searched.
    let flip: Int32

    init(_ query: PlacementQuery) {
        cpu = ScanColumns.narrow(query.cpu)
        memory = ScanColumns.narrow(query.memory)
        disk = ScanColumns.narrow(query.disk)
        flip = query.goal.packs ? 0 : .max
    }

    /// The highest bits that can belong to the best node when `bits` are the lowest: single precision errs by a few
    /// units of the last place.
    static func limit(_ bits: Int32) -> Int32 { min(bits, none - 65) + 64 }

    /// Whether an amount is too large for the columns: then they cannot tell who has room.
    var isWide: Bool { max(cpu, memory, disk) == .max }
}

/// What a need is worth on nodes of one capacity.
struct ScanFactors: BitwiseCopyable {
    let cpu: Float
    let memory: Float

    init(_ query: PlacementQuery, _ capacity: CapacityTable.Key) {
        cpu = Float(PlacementScore.power(-query.cpu, PlacementScore.scale(capacity.cpu)))
        memory = Float(PlacementScore.power(-query.memory, PlacementScore.scale(capacity.memory)))
    }
}

/// The nodes of one capacity and class, in the order of their numbers.
struct ScanRun {
    let capacity: CapacityTable.Key
    let kind: Int32
    let cpuScale: Double
    let memoryScale: Double
    /// Where they lie.
    var positions: Range<Int>

    init(capacity: CapacityTable.Key, kind: Int32, at position: Int) {
        self.capacity = capacity
        self.kind = kind
        cpuScale = PlacementScore.scale(capacity.cpu)
        memoryScale = PlacementScore.scale(capacity.memory)
        positions = position..<position + 1
    }
}

/// Those nodes of a run that lie in one block.
struct ScanPiece: BitwiseCopyable {
    let run: Int32
    let start: Int32
    let count: Int32
    let factors: ScanFactors
}

/// All nodes, run after run without gaps: where there are many capacities or classes, none costs more than its nodes.
struct ScanColumns: Sendable {
    /// So many nodes lie together: all of one column, then all of the next.
    private static let width = 512
    private enum Part: Int { case cpuPower, memoryPower, cpu, memory, disk }
    private static let partCount = 5

    private(set) var runs: [ScanRun] = []
    /// By node.
    private var positions: [Int32] = []
    // By position.
    private var nodes: [Int32] = []
    private var runOf: [Int32] = []
    private var free: [PlacementIndex.Amounts] = []
    /// By block and part: the bits of powers, and what is free as far as 31 bits go, or -1 on a node that lacks
    /// anything.
    private var columns: [Int32] = []
    /// No node has ever had less disk: a smaller need is not compared.
    private var leastDisk = Int32.max

    init(_ members: [ArrayScan.Member]) {
        let order = members.indices.sorted { left, right in
            let (one, other) = (members[left], members[right])
            return (one.capacity.cpu, one.capacity.memory, one.kind, left)
                < (other.capacity.cpu, other.capacity.memory, other.kind, right)
        }
        nodes = order.map { Int32(truncatingIfNeeded: $0) }
        free = order.map { members[$0].free }
        positions = Array(repeating: 0, count: order.count)
        let blocks = (order.count + Self.width - 1) / Self.width
        columns = Array(repeating: -1, count: blocks * Self.width * Self.partCount)
        for (position, number) in order.enumerated() {
            let member = members[number]
            if let last = runs.last, last.capacity == member.capacity, last.kind == member.kind {
                runs[runs.count - 1].positions = last.positions.lowerBound..<position + 1
            } else {
                runs.append(ScanRun(capacity: member.capacity, kind: member.kind, at: position))
            }
            positions[number] = Int32(truncatingIfNeeded: position)
            runOf.append(Int32(truncatingIfNeeded: runs.count - 1))
            set(position, free: member.free)
        }
    }

    static func narrow(_ amount: Int) -> Int32 { Int32(clamping: max(-1, amount)) }

    /// Gives a node so much times these amounts.
    mutating func change(_ node: Int32, _ amounts: PlacementIndex.Amounts, _ sign: Int) {
        guard positions.indices.contains(Int(node)) else { return }
        let position = Int(positions[Int(node)])
        let free = free[position]
        set(
            position,
            free: PlacementIndex.Amounts(
                cpu: free.cpu &+ sign &* amounts.cpu, memory: free.memory &+ sign &* amounts.memory,
                disk: free.disk &+ sign &* amounts.disk))
    }

    private mutating func set(_ position: Int, free amounts: PlacementIndex.Amounts) {
        let run = runs[Int(runOf[position])]
        let amounts = PlacementIndex.Amounts(
            cpu: min(amounts.cpu, run.capacity.cpu), memory: min(amounts.memory, run.capacity.memory),
            disk: min(amounts.disk, LogScale.largest))
        free[position] = amounts
        let cpuPower = Float(PlacementScore.power(amounts.cpu, run.cpuScale))
        let memoryPower = Float(PlacementScore.power(amounts.memory, run.memoryScale))
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

    /// The run, cut where blocks end.
    func pieces(ofRun number: Int, _ factors: ScanFactors) -> [ScanPiece] {
        let positions = runs[number].positions
        let blocks = positions.lowerBound / Self.width...(positions.upperBound - 1) / Self.width
        return blocks.map { block in
            let part = positions.clamped(to: block * Self.width..<(block + 1) * Self.width)
            return ScanPiece(
                run: Int32(truncatingIfNeeded: number), start: Int32(truncatingIfNeeded: part.lowerBound),
                count: Int32(truncatingIfNeeded: part.count), factors: factors)
        }
    }

    // MARK: Both passes

    /// The bits of the lowest cost of a node with room: of each piece, into `lowest`, and of all.
    func findLowest(_ query: ArrayScan.Prepared, into lowest: inout [Int32]) -> Int32 {
        let need = query.need
        let comparesDisk = need.disk > leastDisk
        var least = ScanNeed.none
        columns.withUnsafeBufferPointer { columns in
            guard let base = columns.baseAddress else { return }
            for (number, piece) in query.pieces.enumerated() {
                let view = View(need: need, factors: piece.factors)
                let (start, length) = (base + place(Int(piece.start), .cpuPower), Int(piece.count))
                let bits = comparesDisk ? view.lowestWithDisk(start, length) : view.lowest(start, length)
                // Who has room is then asked in the second pass only.
                lowest[number] = need.isWide && bits < ScanNeed.none ? 0 : bits
                least = min(least, lowest[number])
            }
        }
        return least
    }

    /// Compares the nodes of those pieces whose bits come near enough to the lowest.
    func best(_ query: ArrayScan.Prepared, _ lowest: [Int32], limit: Int32) -> PlacementIndex.Choice? {
        let need = query.need
        var best: PlacementIndex.Choice?
        // One that was compared, of the run at hand.
        var (seen, run): (PlacementIndex.Amounts?, Int32) = (nil, -1)
        columns.withUnsafeBufferPointer { columns in
            guard let base = columns.baseAddress else { return }
            for (number, piece) in query.pieces.enumerated() where lowest[number] <= limit {
                if piece.run != run { (seen, run) = (nil, piece.run) }
                let view = View(need: need, factors: piece.factors)
                let (start, length) = (base + place(Int(piece.start), .cpuPower), Int(piece.count))
                if !need.isWide, let seen, view.lowest(start, length, except: seen) > limit { continue }
                for offset in 0..<length {
                    guard need.isWide || view.bits(start, offset) <= limit else { continue }
                    let position = Int(piece.start) + offset
                    // Later nodes like one that was compared are no better.
                    if let seen, seen.cpu == free[position].cpu, seen.memory == free[position].memory { continue }
                    guard let score = score(query.query, position) else { continue }
                    seen = free[position]
                    let node = nodes[position]
                    if let known = best, known.score > score || known.score == score && known.node < node { continue }
                    best = PlacementIndex.Choice(node: node, score: score)
                }
            }
        }
        return best
    }

    private func score(_ query: PlacementQuery, _ position: Int) -> Double? {
        let (capacity, free) = (runs[Int(runOf[position])].capacity, free[position])
        let left = PlacementIndex.Amounts(
            cpu: free.cpu - query.cpu, memory: free.memory - query.memory, disk: free.disk - query.disk)
        guard min(left.cpu, left.memory, left.disk) >= 0 else { return nil }
        return PlacementScore.score(
            freeCPU: PlacementScore.share(left.cpu, of: capacity.cpu),
            freeMemory: PlacementScore.share(left.memory, of: capacity.memory), goal: query.goal)
    }

    /// The loops over one piece, from the first number of its first node on. They have no branches, so that they become
    /// vector instructions.
    private struct View {
        let need: ScanNeed
        let factors: ScanFactors

        @inline(__always)
        private func number(_ start: UnsafePointer<Int32>, _ part: Part, _ offset: Int) -> Int32 {
            start[part.rawValue &* ScanColumns.width &+ offset]
        }

        /// The bits of a node's cost when processor time and memory suffice.
        @inline(__always)
        private func plainBits(_ start: UnsafePointer<Int32>, _ offset: Int) -> Int32 {
            let cpuPower = Float(bitPattern: UInt32(bitPattern: number(start, .cpuPower, offset)))
            let memoryPower = Float(bitPattern: UInt32(bitPattern: number(start, .memoryPower, offset)))
            let cost = factors.cpu * cpuPower + factors.memory * memoryPower
            let bits = Int32(bitPattern: cost.bitPattern) ^ need.flip
            let withCPU = number(start, .cpu, offset) >= need.cpu ? bits : ScanNeed.none
            return number(start, .memory, offset) >= need.memory ? withCPU : ScanNeed.none
        }

        @inline(__always)
        func bits(_ start: UnsafePointer<Int32>, _ offset: Int) -> Int32 {
            let bits = plainBits(start, offset)
            return number(start, .disk, offset) >= need.disk ? bits : ScanNeed.none
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

        func lowest(_ start: UnsafePointer<Int32>, _ length: Int) -> Int32 {
            least(length) { plainBits(start, $0) }
        }

        func lowestWithDisk(_ start: UnsafePointer<Int32>, _ length: Int) -> Int32 {
            least(length) { bits(start, $0) }
        }

        /// Without the nodes that have the processor time and memory of `seen`.
        func lowest(_ start: UnsafePointer<Int32>, _ length: Int, except seen: PlacementIndex.Amounts) -> Int32 {
            let (cpu, memory) = (ScanColumns.narrow(seen.cpu), ScanColumns.narrow(seen.memory))
            if max(cpu, memory) == .max { return 0 }
            return least(length) { offset in
                let differs = number(start, .cpu, offset) ^ cpu | number(start, .memory, offset) ^ memory
                return differs != 0 ? bits(start, offset) : ScanNeed.none
            }
        }
    }
}
