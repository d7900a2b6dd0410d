@testable import ClusterKit

/// Does the same random things to a `PlacementIndex` and to a `NaivePlacement`, and reports the first difference.
struct LockStep {
    /// What the nodes and needs of a run look like.
    struct World {
        var nodes: Int
        var machines: Machines
        var kinds: Int
        var disk: ClosedRange<Int>
        var needs: Needs
        var goal: PlacementAlgorithm?
        /// How often nodes are shrunk to amounts below zero, withheld, removed and asked for by a verifier.
        var isRough: Bool
    }

    enum Machines: CaseIterable { case alike, cluster, slightlyDifferent, manyBands, hostile }
    enum Needs: CaseIterable { case shapes, any, none, hostile }

    let world: World
    let seed: UInt64
    private var chance: Entropy
    private var index = PlacementIndex()
    private var naive = NaivePlacement()
    private(set) var decisions = 0
    private(set) var placed = 0
    private var queries: [PlacementQuery] = []
    private(set) var difference: String?

    init(seed: UInt64) {
        self.seed = seed
        chance = Entropy(seed: seed)
        let sizes = [1, 3, 10, 40, 150, 400]
        world = World(
            nodes: sizes[chance.below(sizes.count)], machines: Machines.allCases[chance.below(Machines.allCases.count)],
            kinds: [1, 1, 3, 20][chance.below(4)],
            disk: [400_000...400_000, 90_000...500_000, 0...2000, -10...700][chance.below(4)],
            needs: [.shapes, .shapes, .any, .any, .none, .hostile][chance.below(6)],
            goal: [.binpack, .binpack, .spread, nil][chance.below(4)], isRough: chance.below(2) == 0)
        for node in 0..<world.nodes { insert(node) }
        for _ in 0..<(1 + chance.below(8)) { queries.append(query()) }
    }

    /// Goes on until so many decisions were compared, or one differed.
    mutating func run(decisions count: Int) {
        while decisions < count, difference == nil { step() }
        if difference == nil { compareAll() }
    }

    private mutating func step() {
        switch chance.below(12) {
        case 0, 1, 2: place()
        case 3: placeMany()
        case 4: search()
        case 5: if chance.below(2) == 0 { succession() } else { search() }
        case 6, 7, 8: giveBack()
        case 9: if world.isRough { disturb() } else { giveBack() }
        case 10: if world.isRough { searchVerified() } else { searchAbove() }
        default: if chance.below(20) == 0 { tryOnCopy() } else { renewQuery() }
        }
    }

    // MARK: Decisions

    private mutating func anyQuery() -> PlacementQuery {
        let place = chance.below(queries.count)
        if chance.below(2) == 0 { queries[place] = index.prepare(queries[place]) }
        return queries[place]
    }

    private mutating func place() {
        let query = anyQuery()
        compare(query, index.place(query), naive.place(query), "place")
    }

    private mutating func search() {
        let query = anyQuery()
        compare(query, index.best(query), naive.best(query), "best")
        let node = chance.below(naive.machines.count)
        if naive.machines[node]?.isWithheld != true, index.score(query, on: Int32(node)) != naive.score(query, on: node)
        {
            report(query, "score", text(index.score(query, on: Int32(node))))
        }
    }

    /// One search names nodes that are the best one after the other when those before take part no more.
    private mutating func succession() {
        let query = anyQuery()
        let most = [1, 2, 7, 64][chance.below(4)]
        var nodes: [Int32] = []
        index.succession(query, most: most, into: &nodes)
        if nodes.count > most { report(query, "succession of \(most)", "\(nodes.count) nodes") }
        var rest = naive
        for node in nodes.reversed() where difference == nil {
            let expected = rest.best(query)
            decisions += 1
            if Int(node) != expected?.node {
                report(query, "succession \(nodes.reversed())", "\(node), not \(text(expected?.node))")
            }
            rest.machines[Int(node)]?.isWithheld = true
        }
        if nodes.isEmpty, let expected = rest.best(query) {
            report(query, "succession", "none, not \(expected.node)")
        }
    }

    /// With a threshold that is often exactly the score of some node, or the next number above it.
    private mutating func searchAbove() {
        let query = anyQuery()
        let node = chance.below(naive.machines.count)
        var least = chance.below(3) == 0 ? Double(chance.below(100)) / 100 : naive.score(query, on: node) ?? 0.7
        if chance.below(2) == 0 { least = naive.best(query)?.score.nextUp ?? least }
        compare(query, index.best(query, atLeast: least), naive.best(query, atLeast: least), "best at least \(least)")
    }

    private mutating func searchVerified() {
        let query = anyQuery()
        let salt = chance.next()
        let verify = { (node: Int) in (UInt64(node) &* 0x9E37_79B9_7F4A_7C15 ^ salt) >> 40 & 3 != 0 }
        compare(query, index.best(query) { verify(Int($0)) }, naive.best(query, where: verify), "best verified")
    }

    private mutating func placeMany() {
        let query = anyQuery()
        let count = [1, 2, 7, 30, 200][chance.below(5)]
        var nodes: [Int32] = [-1]
        let placed = index.place(query, count: count, into: &nodes)
        if placed != nodes.count - 1 { report(query, "batch of \(count)", "said \(placed), gave \(nodes.count - 1)") }
        for place in 0..<count where difference == nil {
            let expected = naive.place(query)
            decisions += 1
            let answer = place < placed ? Int(nodes[place + 1]) : nil
            if answer != expected?.node {
                report(
                    query, "batch of \(count), instance \(place)", "\(text(answer)), not \(text(expected?.node))")
            }
            if expected == nil { break }
            self.placed += 1
        }
    }

    private mutating func tryOnCopy() {
        let before = index
        for _ in 0..<5 { _ = index.place(anyQuery()) }
        if chance.below(2) == 0 { index.remove(0) }
        index = before
    }

    private mutating func compare(
        _ query: PlacementQuery, _ answer: PlacementIndex.Choice?, _ expected: (node: Int, score: Double)?,
        _ what: String
    ) {
        decisions += 1
        if expected != nil { placed += 1 }
        guard answer.map({ Int($0.node) }) == expected?.node,
            abs((answer?.score ?? 0) - (expected?.score ?? 0)) <= 1e-9
        else {
            let score = answer.flatMap { naive.score(query, on: Int($0.node)) }
            return report(query, what, "\(text(answer)) of score \(text(score)), not \(text(expected))")
        }
    }

    private func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }

    private mutating func report(_ query: PlacementQuery, _ what: String, _ answer: String) {
        let plain = PlacementQuery(
            cpu: query.cpu, memory: query.memory, disk: query.disk, levels: query.levels, level: query.level,
            goal: query.goal)
        difference = "seed \(seed), decision \(decisions), \(world), \(what): \(plain): \(answer)"
    }

    /// What is free is the same everywhere.
    private mutating func compareAll() {
        for node in naive.machines.indices where difference == nil {
            let machine = naive.machines[node]
            if index.free(of: Int32(node)) != machine?.free {
                difference = "seed \(seed), \(world): node \(node) has \(text(index.free(of: Int32(node))))"
            }
        }
        if index.count != naive.machines.count(where: { $0 != nil }) {
            difference = "seed \(seed): \(index.count) nodes"
        }
        let cohorts = Set(naive.machines.compactMap { $0.map(Self.cohort) }).count
        if index.cohortCount != cohorts { difference = "seed \(seed): \(index.cohortCount) cohorts, not \(cohorts)" }
    }

    /// What the nodes of one cohort have in common. A cohort that is there twice costs time and changes no answer.
    private static func cohort(_ machine: NaivePlacement.Machine) -> [Int] {
        let (free, capacity) = (machine.free, machine.capacity)
        let diskBits = free.disk < 0 ? -1 : Int.bitWidth - free.disk.leadingZeroBitCount
        return [
            capacity.cpu, capacity.memory, Int(machine.kind), free.cpu, free.memory, diskBits,
            machine.isWithheld ? 1 : 0,
        ]
    }
}

// MARK: - What happens besides

extension LockStep {
    private mutating func insert(_ node: Int) {
        let capacity = capacity(of: node)
        let kind = Int32(chance.below(world.kinds))
        var free = capacity
        free.disk = world.disk.lowerBound + chance.below(world.disk.count)
        if world.machines == .hostile, chance.below(3) == 0 { free = hostile() }
        index.insert(Int32(node), capacity: capacity, class: kind, free: free)
        naive.insert(node, capacity: capacity, kind: kind, free: free)
    }

    private mutating func capacity(of node: Int) -> PlacementIndex.Amounts {
        switch world.machines {
        case .alike: return .init(cpu: 38_400, memory: 28_672)
        case .cluster:
            switch node % 39 {
            case 35, 36: return .init(cpu: 38_400, memory: 360_448)
            case 37, 38: return .init(cpu: 9600, memory: 28_672)
            default: return .init(cpu: 38_400, memory: 28_672)
            }
        case .slightlyDifferent: return .init(cpu: 38_400 + chance.below(3) * 700, memory: 28_000 + chance.below(900))
        case .manyBands:
            return .init(cpu: 1000 << chance.below(10) + chance.below(900), memory: 900 << chance.below(12))
        case .hostile: return hostile()
        }
    }

    private mutating func hostile() -> PlacementIndex.Amounts {
        let values = [0, 1, -1, 5, 1000, 1 << 46, (1 << 46) - 1, 1 << 45, .max, .min, 1 << 62, 17 << 30]
        return .init(
            cpu: values[chance.below(values.count)], memory: values[chance.below(values.count)],
            disk: values[chance.below(values.count)])
    }

    private mutating func query() -> PlacementQuery {
        let shapes = [(1200, 1024), (2400, 2048), (4800, 4096), (9600, 7168), (19_200, 14_336)]
        var need = PlacementIndex.Amounts(cpu: 0, memory: 0, disk: 300)
        switch world.needs {
        case .shapes: (need.cpu, need.memory) = shapes[chance.below(shapes.count)]
        case .any:
            need = .init(cpu: chance.below(9000), memory: chance.below(9000), disk: chance.below(world.disk.count))
        case .none:
            need = .init(cpu: chance.below(2) * 1000, memory: chance.below(2) * 500, disk: chance.below(2) * 200)
        case .hostile: need = hostile()
        }
        var levels: [UInt8] = []
        if world.kinds > 1, chance.below(3) > 0 {
            levels = (0..<world.kinds - chance.below(2)).map { _ in UInt8(chance.below(3)) }
        }
        return PlacementQuery(
            cpu: need.cpu, memory: need.memory, disk: need.disk, levels: levels,
            level: chance.below(3) == 0 ? UInt8(1 + chance.below(2)) : nil,
            goal: world.goal ?? (chance.below(2) == 0 ? .binpack : .spread))
    }

    private mutating func renewQuery() { queries[chance.below(queries.count)] = query() }

    private mutating func giveBack() {
        var holdings: [PlacementIndex.Holding] = []
        for _ in 0..<(1 + chance.below(3) + chance.below(2) * chance.below(40)) {
            let node = chance.below(naive.machines.count)
            let query = anyQuery()
            let amounts = PlacementIndex.Amounts(cpu: query.cpu, memory: query.memory, disk: query.disk)
            holdings.append(PlacementIndex.Holding(node: Int32(node), amounts: amounts))
            naive.take(amounts, from: node, times: -1)
        }
        if holdings.count < 3 {
            for holding in holdings { index.give(holding.amounts, to: holding.node) }
        } else {
            index.give(back: holdings)
        }
    }

    private mutating func disturb() {
        let node = chance.below(naive.machines.count)
        switch chance.below(7) {
        case 0:
            if naive.machines[node] == nil { insert(node) } else { remove(node) }
        case 1:
            let place = chance.below(2) == 0 ? naive.machines.count : node
            index.openGap(at: Int32(place))
            if place < naive.machines.count { naive.machines.insert(nil, at: place) }
            insert(place)
        case 2, 3:
            index.withhold(Int32(node))
            naive.machines[node]?.isWithheld = true
        case 4:
            index.restore(Int32(node))
            naive.machines[node]?.isWithheld = false
        case 5:
            let free =
                chance.below(2) == 0 ? hostile() : .init(cpu: chance.below(9999), memory: chance.below(9999), disk: 900)
            index.update(Int32(node), free: free)
            naive.update(node, free: free)
        default:
            let amounts = world.needs == .hostile ? hostile() : .init(cpu: 1000, memory: 7000, disk: 100)
            index.take(amounts, from: Int32(node))
            naive.take(amounts, from: node)
        }
    }

    private mutating func remove(_ node: Int) {
        index.remove(Int32(node))
        naive.machines[node] = nil
    }
}
