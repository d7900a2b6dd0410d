import ClusterKit

/// Measures one cluster and workload.
struct Bench {
    let machines: [Machine]
    let shapes: [Shape]
    let workload: String
    let seconds: Double
    let seed: UInt64

    static let rounds = 5
    var totalCPU: Int { machines.totalCPU }

    func run(_ scenario: Scenario) async throws -> [Figure] {
        switch scenario {
        case .one: [one()]
        case .count: [batches(of: 100)]
        case .fill: [fill(), pool()]
        case .churn: [churn(.churn, machines, queries), sessionChurn()]
        case .classes: [classes()]
        case .spread: sessions(.spread)
        case .anti: sessions(.anti)
        case .preempt: [preempt(isMixed: false), preempt(isMixed: true)]
        case .pack: pack()
        case .tidy: tidy()
        case .reconcile: reconcile()
        case .day: try day()
        case .commit: parts() + (try await commit())
        }
    }

    private var queries: [PlacementQuery] {
        shapes.map { PlacementQuery(cpu: $0.cpu, memory: $0.memory, disk: $0.disk) }
    }

    func figure(_ scenario: Scenario) -> Figure {
        Figure(scenario: scenario.rawValue, workload: workload, nodes: machines.count)
    }

    // MARK: On the index

    /// Fills to 85 % and asks for single decisions on that.
    private func one() -> Figure {
        var figure = figure(.one)
        var rates: [Double] = []
        var last: Field<IndexContender>?
        for round in 0..<Self.rounds {
            var field = Field(IndexContender(machines), shapes, queries)
            field = Field(field.player, shapes, queries.map(field.player.index.prepare))
            var entropy = Entropy(seed: seed &+ UInt64(round))
            var placed = 0
            let time = Clocks.measure { placed = field.fill(toCPU: totalCPU / 100 * 85, &entropy) }
            figure.placements = placed
            figure.seconds = time
            rates.append(Double(placed) / time)
            last = field
        }
        figure.perSecond = rates.median
        if let last {
            decisions(on: last.player.index, &figure)
            figure.bytesPerNode = Double(last.player.index.byteCount) / Double(machines.count)
            figure.states = last.player.index.cohortCount
            figure.statesPerSearch = looks(on: last.player.index, queries)
        }
        return figure
    }

    /// The mean over the shapes as they are drawn.
    func looks(on index: PlacementIndex, _ queries: [PlacementQuery]) -> Double {
        let prepared = queries.map(index.prepare)
        let draw = ShapeDraw(shapes)
        var entropy = Entropy(seed: seed &+ 98)
        let draws = 10_000
        let sum = (0..<draws).reduce(0) { sum, _ in sum + index.cohortsLookedAt(for: prepared[draw.next(&entropy)]) }
        return Double(sum) / Double(draws)
    }

    /// What single searches take by the clock; reading it is part of what is measured.
    private func decisions(on index: PlacementIndex, _ figure: inout Figure) {
        let prepared = queries.map(index.prepare)
        var entropy = Entropy(seed: seed &+ 99)
        let draw = ShapeDraw(shapes)
        var times: [UInt64] = []
        times.reserveCapacity(100_000)
        var found = 0
        for _ in 0..<100_000 {
            let query = prepared[draw.next(&entropy)]
            let start = Clocks.nanoseconds
            if index.best(query) != nil { found += 1 }
            times.append(Clocks.nanoseconds - start)
        }
        times.sort()
        guard found > 0 else { return }
        figure.p50ns = Double(times[times.count / 2])
        figure.p99ns = Double(times[times.count * 99 / 100])
    }

    private func batches(of count: Int) -> Figure {
        var figure = figure(.count)
        let empty = IndexContender(machines).index
        let prepared = queries.map(empty.prepare)
        let draw = ShapeDraw(shapes)
        var rates: [Double] = []
        for round in 0..<Self.rounds {
            var entropy = Entropy(seed: seed &+ UInt64(round))
            var (placed, time) = (0, 0.0)
            while time < seconds / Double(Self.rounds) {
                var index = empty
                // The copy is made before the clock runs.
                index.take(PlacementIndex.Amounts(cpu: 0, memory: 0), from: 0)
                time += Clocks.measure {
                    var (misses, sum) = (0, 0)
                    while misses < 5 {
                        let found = index.place(prepared[draw.next(&entropy)], count: count) { sum &+= Int($0) &* $1 }
                        placed += found
                        if found < count { misses += 1 }
                    }
                }
            }
            figure.placements = placed
            figure.seconds = time
            rates.append(Double(placed) / time)
        }
        figure.perSecond = rates.median
        return figure
    }

    /// Until nothing fits any more.
    private func fill() -> Figure {
        var figure = figure(.fill)
        var rates: [Double] = []
        for round in 0..<Self.rounds {
            let player = IndexContender(machines)
            var field = Field(player, shapes, queries.map(player.index.prepare))
            var entropy = Entropy(seed: seed &+ UInt64(round))
            var placed = 0
            figure.seconds = Clocks.measure { placed = field.fill(toCPU: .max, &entropy) }
            figure.placements = placed
            rates.append(Double(placed) / figure.seconds)
        }
        figure.perSecond = rates.median
        return figure
    }

    /// How tightly a fresh cluster is filled: equal machines in a large pool, loaded to 80 % of this cluster.
    private func pool() -> Figure {
        var figure = figure(.fill)
        figure.scenario = "pool"
        let pool = Machine.pool(machines.count)
        let player = IndexContender(pool)
        var field = Field(player, shapes, queries.map(player.index.prepare))
        var entropy = Entropy(seed: seed)
        let load = pool.totalCPU / 100 * 80
        figure.seconds = Clocks.measure { figure.placements = field.fill(toCPU: load, &entropy) }
        figure.perSecond = Double(figure.placements) / figure.seconds
        figure.nodesUsed = Double(field.used(of: pool.count))
        figure.lowerBound = Self.bound(field.held, pool[0])
        return figure
    }

    /// As many machines as the amount needs that needs most of them, which need not be a whole number.
    static func bound(_ held: PlacementIndex.Amounts, _ machine: Machine) -> Double {
        let ratios = [
            (held.cpu, machine.amounts.cpu), (held.memory, machine.amounts.memory), (held.disk, machine.amounts.disk),
        ].map { Double($0.0) / Double(max(1, $0.1)) }
        return max(1, ratios.max() ?? 0)
    }
}
