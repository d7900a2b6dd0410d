import ClusterKit

extension Bench {
    /// Through the scheduler's session, with all that is written down for a placement, job after job until one finds no
    /// room. Beside that, what a session's first question takes, with which it makes its index.
    func sessions(_ scenario: Scenario) -> [Figure] {
        var (figure, first) = (figure(scenario), figure(scenario))
        first.scenario += "-first"
        let snapshot = snapshot()
        var (rates, firsts): ([Double], [Double]) = ([], [])
        let count = min(1000, max(1, machines.count * 4))
        for round in 0..<Self.rounds {
            var entropy = Entropy(seed: seed &+ UInt64(round))
            var (session, asked) = asked(on: snapshot, &entropy)
            firsts.append(asked)
            var (placed, time, number, misses) = (0, 0.0, 0, 0)
            while time < seconds / Double(Self.rounds) {
                guard let subject = subject(number, count: count, isSpread: scenario == .spread) else { break }
                number += 1
                let requests = (0..<count).map { _ in
                    PlacementRequest(allocation: entropy.identifier(), subject: subject)
                }
                var decisions: [Decision] = []
                let took = Clocks.measure { decisions = session.place(requests, using: &entropy) }
                guard decisions.allSatisfy({ if case .placed = $0 { true } else { false } }) else {
                    misses += 1
                    // From the second on the cluster was empty: such jobs fit on none, and neither will the others.
                    guard misses <= min(shapes.count, Self.mostMisses) else { break }
                    // Most of that went into saying why.
                    (session, asked) = self.asked(on: snapshot, &entropy)
                    firsts.append(asked)
                    continue
                }
                placed += count
                time += took
                misses = 0
            }
            (figure.placements, figure.seconds) = (placed, time)
            if placed > 0 { rates.append(Double(placed) / time) }
        }
        if rates.isEmpty {
            Remark.say("\(scenario.rawValue): no job of \(count) instances fits on the machines, whatever its shape")
        } else {
            figure.perSecond = rates.median
        }
        (first.placements, first.seconds, first.p50ns) = (firsts.count, firsts.reduce(0, +), firsts.median * 1e9)
        first.perSecond = Double(firsts.count) / first.seconds
        return [figure, first]
    }

    /// How many jobs in a row may find no room in an empty cluster.
    private static let mostMisses = 50

    /// A session that has answered its first question, and how many seconds that took.
    private func asked(on snapshot: Snapshot, _ entropy: inout Entropy) -> (any SchedulingSession, Double) {
        var session = BinPackScheduler().session(on: snapshot)
        guard let subject = subject(0, count: 1, isSpread: false) else { return (session, 0) }
        let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
        let time = Clocks.measure { _ = session.place([request], using: &entropy) }
        session.release([request.allocation])
        return (session, time)
    }

    /// The machines as a state of a cluster, in 16 racks.
    func snapshot() -> Snapshot { machines.snapshot(racks: 16) }

    func job(_ name: String, priority: Int, cpu: Int, memory: Int, count: Int = 1) -> Job {
        let task = TaskSpec(name: "work", resources: TaskResources(cpuMHz: cpu, memoryMiB: memory))
        return Job(
            id: JobID(name), priority: priority, groups: [TaskGroup(name: "all", count: count, tasks: [task])])
    }

    private func subject(_ number: Int, count: Int, isSpread: Bool) -> PlacementSubject? {
        let shape = shapes[number % shapes.count]
        var job = job("job-\(number)", priority: 50, cpu: shape.cpu, memory: shape.memory, count: count)
        if isSpread { job.spreads = [Spread("${meta.rack}")] }
        return PlacementSubject(job, group: "all")
    }
}
