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
    /// So many instances are there at any time in `pack` and `tidy`, whatever `--nodes` says.
    var population = 3000

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
        let misfit = scenario.hasOwnPool ? poolMisfit : scenario == .commit ? commitMisfit : nil
        return misfit.map { "\(scenario.rawValue): \($0)" }
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

    /// What is held at that share of what the machines have room for: of instances of mean size, as many on each as
    /// that amount allows of which it has least. Where memory is short no percentage of the processor time says how
    /// full machines are.
    func load(_ percent: Int, of machines: [Machine]) -> PlacementIndex.Amounts {
        let weights = shapes.reduce(0.0) { $0 + Double($1.weight) }
        let mean = { (amount: KeyPath<PlacementIndex.Amounts, Int>) -> Double in
            shapes.reduce(0.0) { $0 + Double($1.amounts[keyPath: amount]) * Double($1.weight) } / weights
        }
        let (cpu, memory, disk) = (mean(\.cpu), mean(\.memory), mean(\.disk))
        let room = { (whole: Int, part: Double) -> Double in part > 0 ? Double(whole) / part : .infinity }
        let count = machines.reduce(0.0) { sum, machine in
            let amounts = machine.amounts
            return sum + min(room(amounts.cpu, cpu), room(amounts.memory, memory), room(amounts.disk, disk))
        }
        // What no instance needs is never held.
        let held = { (part: Double) -> Int in part > 0 ? max(1, Int(count * Double(percent) / 100 * part)) : .max }
        return PlacementIndex.Amounts(cpu: held(cpu), memory: held(memory))
    }

    /// So many short fills are timed together, lest the rate be that of the clock too: not more, for their machines
    /// should stay in the caches.
    static func together(_ count: Int) -> Int { max(1, min(16, 4096 / max(1, count))) }

    func figure(_ scenario: Scenario, _ name: String? = nil) -> Figure {
        Figure(scenario: name ?? scenario.rawValue, workload: workload, nodes: machines.count)
    }

    /// One of instances of which all are alike, whatever the workload is.
    func equalFigure(_ scenario: Scenario, _ name: String? = nil) -> Figure {
        var figure = figure(scenario, name)
        figure.workload = "equal"
        return figure
    }

    /// Says that memory ended a measurement, where it did.
    func noteEnd(_ figure: Figure, at count: Int, of most: Int) {
        guard count >= most else { return }
        Remark.say(
            "\(figure.scenario) on \(machines.count) machines: no more than \(most) instances are placed, to bound the "
                + "memory; these machines may have room for more")
    }

    /// The same where misses may have ended it as well.
    func noteEnd(_ figure: Figure, _ filling: Filling, of most: Int) {
        noteEnd(figure, at: filling.placed, of: most)
        guard let part = filling.shortOf else { return }
        Remark.say(
            "\(figure.scenario) on \(figure.nodes) machines: \(Filling.mostMisses) instances in a row found no room, "
                + "so only \(Int(part * 100)) % of the load is held that should be")
    }

    /// Says that a cluster was not kept as full as it was, where that is so.
    func noteLoad(_ figure: Figure, _ part: Double) {
        guard abs(part - 1) > 0.05 else { return }
        Remark.say(
            "\(figure.scenario) on \(figure.nodes) machines: it ended with \(Int(part * 100)) % of the load with which "
                + "it began")
    }

    /// Both scans, where this runs.
    func scans(
        _ machines: [Machine], _ queries: [PlacementQuery], _ field: Field<IndexContender>
    ) -> (arrays: Field<ArrayContender>, records: Field<RecordScan>) {
        let arrays = ArrayContender(machines, tellsClasses: queries.contains { !$0.levels.isEmpty })
        return (
            Field(settling: arrays, queries, as: field), Field(settling: RecordScan(machines), queries, as: field)
        )
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
