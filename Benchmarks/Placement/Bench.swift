import ClusterKit

/// Measures one cluster and workload.
struct Bench {
    let machines: [Machine]
    /// Those that come at all.
    let shapes: [Shape]
    let workload: String
    let seconds: Double
    let seed: UInt64

    /// So many instances are placed on the index at most, for each takes memory. Of the workloads that are drawn fewer
    /// fill a million machines.
    var mostOnIndex = 1 << 25
    /// The same through a session, which knows more of each.
    var mostInSession = 1 << 22

    static let rounds = 5

    init(machines: [Machine], shapes: [Shape], workload: String, seconds: Double, seed: UInt64) {
        (self.machines, self.workload, self.seconds, self.seed) = (machines, workload, seconds, seed)
        self.shapes = shapes.filter { $0.weight > 0 }
    }

    func run(_ scenario: Scenario) async throws -> [Figure] {
        switch scenario {
        case .one: one()
        case .count: [batches(of: 100)]
        case .fill: [fill()] + pool()
        case .churn: [churn(.churn, machines, queries), sessionChurn()]
        case .classes: [classes()]
        case .spread, .anti: sessions(scenario)
        case .preempt: preempt(isMixed: false) + preempt(isMixed: true)
        case .pack: pack()
        case .tidy: tidy()
        case .reconcile: reconcile()
        case .day: try day()
        case .commit: parts() + (try await commit())
        }
    }

    /// Why a scenario is not measured; `nil` when it is.
    func objection(to scenario: Scenario) -> String? {
        if seconds > scenario.mostSeconds {
            return "\(scenario.rawValue): \(seconds) seconds are more than its \(Int(scenario.mostSeconds))"
        }
        return scenario == .pack || scenario == .tidy ? poolMisfit.map { "\(scenario.rawValue): \($0)" } : nil
    }

    /// The first shape that no machine of the pools has room for, in words. Machines would be left empty for it, and
    /// whoever leaves would not be followed.
    var poolMisfit: String? {
        guard let machine = Machine.pool(1).first, let shape = shapes.first(where: { !machine.fits($0) }) else {
            return nil
        }
        return "an instance of \(shape.amounts.words) fits on none of its machines, which have \(machine.amounts.words)"
    }

    var queries: [PlacementQuery] {
        shapes.map { PlacementQuery(cpu: $0.cpu, memory: $0.memory, disk: $0.disk) }
    }

    /// What each contender has of a round.
    var share: Double { seconds / Double(Self.rounds) }

    /// So many MHz are held at that share of the load.
    func load(_ percent: Int, of machines: [Machine]) -> Int { machines.totalCPU / 100 * percent }

    func figure(_ scenario: Scenario, _ name: String? = nil) -> Figure {
        Figure(scenario: name ?? scenario.rawValue, workload: workload, nodes: machines.count)
    }

    /// Says that memory ended a measurement, where it did.
    func noteEnd(_ figure: Figure, at count: Int, of most: Int) {
        guard count >= most else { return }
        Remark.say(
            "\(figure.scenario) on \(machines.count) machines: no more than \(most) instances are placed, to bound the "
                + "memory; these machines may have room for more")
    }

    /// Both scans, where this runs.
    func scans(
        _ machines: [Machine], _ queries: [PlacementQuery], _ tenants: [Tenant]
    ) -> (arrays: Field<ArrayContender>, records: Field<RecordScan>) {
        var arrays = Field(ArrayContender(machines), shapes, queries)
        arrays.settle(tenants)
        var records = Field(RecordScan(machines), shapes, queries)
        records.settle(tenants)
        return (arrays, records)
    }

    /// How many cohorts a search looks at, the mean over the shapes as they are drawn.
    func looks(on index: PlacementIndex, _ queries: [PlacementQuery]) -> Double {
        let prepared = queries.map(index.prepare)
        let draw = ShapeDraw(shapes)
        var entropy = Entropy(seed: seed &+ 98)
        let draws = 10_000
        let sum = (0..<draws).reduce(0) { sum, _ in sum + index.cohortsLookedAt(for: prepared[draw.next(&entropy)]) }
        return Double(sum) / Double(draws)
    }

    /// As many machines as the amount needs that needs most of them, which need not be a whole number.
    static func bound(_ held: PlacementIndex.Amounts, _ machine: Machine) -> Double {
        let ratios = [
            (held.cpu, machine.amounts.cpu), (held.memory, machine.amounts.memory), (held.disk, machine.amounts.disk),
        ].map { Double($0.0) / Double(max(1, $0.1)) }
        return max(1, ratios.max() ?? 0)
    }
}

extension PlacementIndex.Amounts {
    /// For people.
    var words: String { "\(cpu) MHz, \(memory) MiB of memory and \(disk) MiB of disk" }
}
