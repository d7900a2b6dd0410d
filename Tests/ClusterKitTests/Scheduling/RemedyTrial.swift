import ClusterKit
import ClusterTesting

/// Does what a remedy says, and asks again.
struct RemedyTrial {
    let state: Snapshot
    let request: PlacementRequest

    /// Whether `remedy` can be applied, and the instance is placed then: after what comes back sooner.
    func places(_ remedy: Remedy) -> Bool {
        var (job, state) = (request.subject.job, state)
        var before: [PlacementRequest] = []
        guard let group = job.groups.firstIndex(where: { $0.name == request.subject.group.name }) else { return false }
        switch remedy {
        case .askLess(let less, _, _):
            guard job.groups[group].ask(less) else { return false }
        case .end(let ended, _, _):
            before = ended.enumerated().compactMap { successor(of: $1, number: $0) }
            state.apply(batch(ended.map(Change.removeAllocation)))
        case .drop(let rule, _, _):
            state.apply(batch(changes(without: rule, for: job.groups[group])))
            job.drop(rule, of: group)
        }
        guard let subject = PlacementSubject(job, group: request.subject.group.name) else { return false }
        var again = request
        again.subject = subject
        var session = BinPackScheduler().session(on: state)
        var entropy = Entropy(seed: 1)
        if case .placed = session.place(before + [again], using: &entropy).last { return true }
        return false
    }

    private func batch(_ changes: [Change]) -> ChangeBatch {
        ChangeBatch(
            revision: state.revision.next, epoch: state.epoch, time: WallTime(nanoseconds: 0), changes: changes)
    }

    /// What takes the place of an instance that ends before the one that waits is looked at.
    private func successor(of id: AllocationID, number: Int) -> PlacementRequest? {
        guard let ended = state.allocations[id], let job = state.jobs[ended.job]?.job,
            job.kind.runsEverywhere || job.priority > request.subject.job.priority,
            let subject = PlacementSubject(job, group: ended.group)
        else { return nil }
        return PlacementRequest(
            allocation: AllocationID(high: 8, low: UInt64(number)), subject: subject,
            pinned: job.kind.runsEverywhere ? ended.node : nil)
    }

    /// Drivers that are missed are everywhere.
    private func changes(without rule: String, for group: TaskGroup) -> [Change] {
        guard rule.hasPrefix("missing drivers") || rule.hasPrefix("unhealthy drivers") else { return [] }
        return state.nodes.sorted.map { node in
            var node = node
            for task in group.tasks where node.drivers[task.driver]?.healthy != true {
                var status = node.drivers[task.driver] ?? DriverStatus(healthy: true)
                status.healthy = true
                node.drivers[task.driver] = status
            }
            return .putNode(node)
        }
    }
}

extension TaskGroup {
    /// Takes amounts away; `false` when the tasks would be left with too little to be accepted.
    fileprivate mutating func ask(_ less: Resources) -> Bool {
        var less = less
        for task in tasks.indices {
            if tasks[task].resources.cores == 0 { Self.take(&tasks[task].resources.cpuMHz, &less.cpuMHz, least: 1) }
            Self.take(&tasks[task].resources.memoryMiB, &less.memoryMiB, least: 10)
        }
        let logs = tasks.map { $0.logs.files * $0.logs.fileSizeMiB }
        Self.take(&disk.sizeMiB, &less.diskMiB, least: max(10, logs.max() ?? 0))
        return less == Resources()
    }

    private static func take(_ amount: inout Int, _ less: inout Int, least: Int) {
        let taken = min(less, max(0, amount - least))
        amount -= taken
        less -= taken
    }
}

extension Job {
    fileprivate mutating func drop(_ rule: String, of group: Int) {
        let names = { (volume: VolumeRequest) in rule.contains("\"\(volume.source)\"") }
        if rule == "datacenter" { datacenters = ["*"] }
        if rule == "node pool" { (nodePool, groups[group].nodePools) = ("all", []) }
        if rule.hasPrefix("missing host volumes") { groups[group].volumes.removeAll(where: names) }
        if rule.hasPrefix("read-only host volumes") {
            for volume in groups[group].volumes.indices where names(groups[group].volumes[volume]) {
                groups[group].volumes[volume].readOnly = true
            }
        }
        let isRule = { (constraint: Constraint) in constraint.description == rule }
        constraints.removeAll(where: isRule)
        groups[group].constraints.removeAll(where: isRule)
        for task in groups[group].tasks.indices { groups[group].tasks[task].constraints.removeAll(where: isRule) }
    }
}
