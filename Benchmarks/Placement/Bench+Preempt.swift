import ClusterKit

extension Bench {
    /// Important work on a cluster that less important work fills, each instance a job of its own: what one decision
    /// takes. All of the low work is alike, or drawn from the shapes with one of four priorities, in which case the
    /// important work is too.
    func preempt(isMixed: Bool) -> Figure {
        var figure = figure(.preempt)
        if isMixed { figure.scenario = "preempt-any" }
        var entropy = Entropy(seed: seed)
        var session = BinPackScheduler().session(on: crowded(isMixed: isMixed, &entropy))
        var times: [Double] = []
        while times.count < 2000, figure.seconds < seconds {
            let size = isMixed ? shapes[entropy.below(shapes.count)] : Self.high
            let high = job("high-\(figure.placements)", priority: 80, cpu: size.cpu, memory: size.memory)
            guard let subject = PlacementSubject(high, group: "all") else { break }
            let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            var decisions: [Decision] = []
            let time = Clocks.measure { decisions = session.place([request], using: &entropy) }
            guard case .placed(let placement) = decisions.first else { break }
            // What still finds room is not what is measured.
            if placement.evicting.isEmpty { continue }
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

    private static let high = Shape(cpu: 8 * Workload.core, memory: 14_336, disk: 300)
    private static let low = Shape(cpu: 4 * Workload.core, memory: 7168, disk: 300)

    private func crowded(isMixed: Bool, _ entropy: inout Entropy) -> Snapshot {
        var snapshot = snapshot()
        let lows = (isMixed ? [10, 20, 30, 40] : [20]).map { job("low-\($0)", priority: $0, cpu: 1, memory: 1) }
        var changes: [Change] = [.putSchedulingRules(SchedulingRules(preempting: [.service, .system]))]
        changes += lows.map { .putJob(JobRecord(job: $0, submitTime: WallTime(nanoseconds: 0))) }
        for node in snapshot.nodes.sorted {
            var free = (cpu: node.capacity.cpuMHz, memory: node.capacity.memoryMiB)
            var misses = 0
            while misses < 20 {
                let size = isMixed ? shapes[entropy.below(shapes.count)] : Self.low
                guard size.cpu <= free.cpu, size.memory <= free.memory else {
                    misses += 1
                    continue
                }
                free = (free.cpu - size.cpu, free.memory - size.memory)
                changes.append(
                    .putAllocation(
                        running(
                            entropy.identifier(), lows[entropy.below(lows.count)], on: node.id, size,
                            time: changes.count)))
            }
        }
        snapshot.apply(
            ChangeBatch(
                revision: snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes))
        return snapshot
    }

    /// An instance that runs.
    func running(_ id: AllocationID, _ job: Job, on node: NodeID, _ size: Shape, time: Int) -> Allocation {
        var allocation = Allocation(
            id: id, job: job.id, jobVersion: 0, group: "all", index: time, node: node,
            evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(
                total: Resources(cpuMHz: size.cpu, memoryMiB: size.memory, diskMiB: size.disk)),
            time: WallTime(nanoseconds: Int64(time)))
        allocation.client = .running
        return allocation
    }
}
