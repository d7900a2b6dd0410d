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

    /// High-priority work on a cluster that low-priority work fills: what one decision takes.
    func preempt() -> Figure {
        var figure = figure(.preempt)
        var snapshot = snapshot()
        var entropy = Entropy(seed: seed)
        let low = job("low", priority: 20, cpu: 4 * Workload.core, memory: 7168)
        var changes: [Change] = [
            .putJob(JobRecord(job: low, submitTime: WallTime(nanoseconds: 0))),
            .putSchedulingRules(SchedulingRules(preempting: [.service, .system])),
        ]
        for node in snapshot.nodes.sorted {
            for _ in 0..<min(node.capacity.cpuMHz / (4 * Workload.core), node.capacity.memoryMiB / 7168) {
                var allocation = Allocation(
                    id: entropy.identifier(), job: low.id, jobVersion: 0, group: "all", index: changes.count,
                    node: node.id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
                    resources: AllocatedResources(
                        total: Resources(cpuMHz: 4 * Workload.core, memoryMiB: 7168, diskMiB: 300)),
                    time: WallTime(nanoseconds: Int64(changes.count)))
                allocation.client = .running
                changes.append(.putAllocation(allocation))
            }
        }
        snapshot.apply(
            ChangeBatch(
                revision: snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes))
        var session = BinPackScheduler().session(on: snapshot)
        let high = job("high", priority: 80, cpu: 8 * Workload.core, memory: 14_336)
        guard let subject = PlacementSubject(high, group: "all") else { return figure }
        var times: [Double] = []
        while times.count < 2000, figure.seconds < seconds {
            let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            var decisions: [Decision] = []
            let time = Clocks.measure { decisions = session.place([request], using: &entropy) }
            guard case .placed(let placement) = decisions.first, !placement.evicting.isEmpty else { break }
            figure.seconds += time
            figure.placements += 1
            times.append(time)
        }
        figure.perSecond = figure.placements == 0 ? .nan : Double(figure.placements) / figure.seconds
        guard !times.isEmpty else { return figure }
        figure.p50ns = times.median * 1e9
        figure.p99ns = times.sorted()[times.count * 99 / 100] * 1e9
        return figure
    }

    /// The machines as a state of a cluster, in 16 racks.
    private func snapshot() -> Snapshot {
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

    private func job(_ name: String, priority: Int, cpu: Int, memory: Int, count: Int = 1) -> Job {
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
