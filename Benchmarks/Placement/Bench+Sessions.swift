import ClusterKit

extension Bench {
    /// Through the scheduler's session, with all that is written down for a placement.
    func sessions(_ scenario: Scenario) -> Figure {
        var figure = figure(scenario)
        let snapshot = snapshot()
        var rates: [Double] = []
        let count = min(1000, max(1, machines.count * 4))
        for round in 0..<Self.rounds {
            var session = BinPackScheduler().session(on: snapshot)
            var entropy = Entropy(seed: seed &+ UInt64(round))
            var (placed, time, number) = (0, 0.0, 0)
            while time < seconds / Double(Self.rounds) {
                guard let subject = subject(number, count: count, isSpread: scenario == .spread) else { break }
                number += 1
                let requests = (0..<count).map { _ in
                    PlacementRequest(allocation: entropy.identifier(), subject: subject)
                }
                var decisions: [Decision] = []
                time += Clocks.measure { decisions = session.place(requests, using: &entropy) }
                let found = decisions.count { if case .placed = $0 { true } else { false } }
                placed += found
                guard found == count else {
                    session.release(requests.map(\.allocation))
                    session = BinPackScheduler().session(on: snapshot)
                    continue
                }
            }
            (figure.placements, figure.seconds) = (placed, time)
            rates.append(Double(placed) / time)
        }
        figure.perSecond = rates.median
        return figure
    }

    /// The machines as a state of a cluster, in 16 racks.
    func snapshot() -> Snapshot {
        let nodes = machines.enumerated().map { number, machine in
            var node = Node(
                id: NodeID(high: 1, low: UInt64(number)), name: machine.name, meta: ["rack": "r\(number % 16)"],
                capacity: Resources(
                    cpuMHz: machine.amounts.cpu, memoryMiB: machine.amounts.memory, diskMiB: machine.amounts.disk),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            node.status = .ready
            return Change.putNode(node)
        }
        return Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes)
    }

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
