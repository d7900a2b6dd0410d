import ClusterKit
import ClusterTesting

extension Bench {
    static let racks = 16
    /// So many shapes in a row may find no room in an empty cluster.
    static let mostMisses = 50

    /// Through the scheduler's session, with all that is written down for a placement, job after job until one finds no
    /// room, and then again from empty machines on. Beside that what a scan over arrays and the plain scheduler make of
    /// the same jobs, one instance at a time; and what a session's first question takes, with which it makes its index.
    func sessions(_ scenario: Scenario) -> [Figure] {
        var (figure, first) = (figure(scenario), figure(scenario, "\(scenario.rawValue)-first"))
        let order = JobOrder(self, isSpread: scenario == .spread)
        let snapshot = machines.snapshot(racks: Self.racks)
        var own = SessionSeries(order, snapshot, seed: seed)
        var arrays = JobSeries(order) { JobScan(machines, racks: Self.racks) }
        var plain = JobSeries(order) { PlainPlayer(ReferenceScheduler().session(on: snapshot), seed: seed) }
        var (rates, plainTime) = (Rates(), 0.0)
        for _ in 0..<Self.rounds {
            let result = own.run(share)
            guard result.placed > 0 else { break }
            (figure.placements, figure.seconds) = (result.placed, result.seconds)
            rates.add(Double(result.placed) / result.seconds)
            rates.add(arrays: arrays.run(share, without: own.hopeless).perSecond)
            // Where a single decision takes longer than all rounds should, there are fewer.
            guard plainTime < seconds else { continue }
            let scanned = plain.run(share, without: own.hopeless)
            plainTime += scanned.seconds
            rates.add(scan: scanned.perSecond)
        }
        rates.write(to: &figure)
        if figure.placements == 0 {
            Remark.say(
                "\(scenario.rawValue): no job of \(order.count) instances fits on the machines, of "
                    + "\(own.hopeless.count) shapes that were tried")
        }
        first.noteFirsts(own.firsts)
        return [figure, first]
    }

    /// An instance that runs.
    func running(_ id: AllocationID, _ job: Job, on node: NodeID, _ shape: Shape, time: Int) -> Allocation {
        var allocation = Allocation(
            id: id, job: job.id, jobVersion: 0, group: "all", index: time, node: node,
            evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(
                total: Resources(cpuMHz: shape.cpu, memoryMiB: shape.memory, diskMiB: shape.disk)),
            time: WallTime(nanoseconds: Int64(time)))
        allocation.client = .running
        return allocation
    }
}

/// Jobs of equal instances, the same for all who place them.
struct JobOrder {
    private let bench: Bench
    /// Drawn by their weights.
    private let drawn: [Int]
    let isSpread: Bool
    /// The instances of each.
    let count: Int
    /// How many shapes there are among them.
    let variety: Int
    /// So many instances are placed at most, before all begins anew.
    var most: Int { bench.mostInSession }

    init(_ bench: Bench, isSpread: Bool) {
        self.bench = bench
        self.isSpread = isSpread
        count = min(1000, max(1, bench.machines.count * 4))
        var entropy = Entropy(seed: bench.seed)
        let draw = ShapeDraw(bench.shapes)
        drawn = (0..<4096).map { _ in draw.next(&entropy) }
        variety = Set(drawn).count
    }

    func place(of number: Int) -> Int { drawn[number % drawn.count] }
    func shape(of number: Int) -> Shape { bench.shapes[place(of: number)] }

    func subject(of number: Int) -> PlacementSubject? {
        var job = shape(of: number).job("job-\(number)", count: count)
        if isSpread { job.spreads = [Spread("${meta.rack}")] }
        return PlacementSubject(job, group: "all")
    }

    /// A single instance, with no rule.
    var question: PlacementSubject? {
        PlacementSubject(shape(of: 0).job("question"), group: "all")
    }
}

/// Jobs through the scheduler's own session, each asked for at once.
private struct SessionSeries {
    private let order: JobOrder
    private let snapshot: Snapshot
    private var entropy: Entropy
    /// The shapes of jobs that found no room in an empty cluster.
    private(set) var hopeless: Set<Int> = []
    /// What first questions took.
    private(set) var firsts: [Double] = []

    init(_ order: JobOrder, _ snapshot: Snapshot, seed: UInt64) {
        (self.order, self.snapshot) = (order, snapshot)
        entropy = Entropy(seed: seed)
    }

    /// Runs about so many seconds, on a new session.
    mutating func run(_ share: Double) -> (placed: Int, seconds: Double) {
        var session = asked()
        var (placed, time, here, number, misses) = (0, 0.0, 0, -1, 0)
        while time < share, hopeless.count < order.variety, misses < Bench.mostMisses {
            number += 1
            guard !hopeless.contains(order.place(of: number)) else { continue }
            guard let subject = order.subject(of: number) else { break }
            let requests = (0..<order.count).map { _ in
                PlacementRequest(allocation: entropy.identifier(), subject: subject)
            }
            var decisions: [Decision] = []
            let took = Clocks.measure { decisions = session.place(requests, using: &entropy) }
            let hasRoom = decisions.allSatisfy { if case .placed = $0 { true } else { false } }
            if hasRoom {
                placed += order.count
                here += order.count
                time += took
                misses = 0
            } else if here == 0 {
                hopeless.insert(order.place(of: number))
                misses += 1
            }
            // Where there was none, most of the time went into saying why.
            guard !hasRoom || here >= order.most else { continue }
            session = asked()
            here = 0
        }
        return (placed, time)
    }

    /// A session that has answered its first question.
    private mutating func asked() -> any SchedulingSession {
        var session = BinPackScheduler().session(on: snapshot)
        guard let subject = order.question else { return session }
        let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
        firsts.append(Clocks.measure { _ = session.place([request], using: &entropy) })
        session.release([request.allocation])
        return session
    }
}
