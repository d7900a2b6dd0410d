/// What new instances of a job wait for: other jobs and other groups of its own that have not come far enough.
///
/// Only instances that are new wait. Those that run, and those that take the place of one that ran, go on whatever
/// becomes of what the job waited for: a dependency that was met is not taken back.
struct JobGates: Sendable {
    private let ofJob: [String]
    private let ofGroups: [String: [String]]

    init(_ job: Job, in head: Snapshot) {
        ofJob = job.after.compactMap { head.obstacle(to: $0, of: job) }
        guard job.groups.contains(where: { !$0.after.isEmpty }), let record = head.jobs[job.id] else {
            ofGroups = [:]
            return
        }
        let allocations = head.allocations(of: job.id)
        var well: [String: Bool] = [:]
        for name in Set(job.groups.flatMap(\.after)) {
            guard let group = job.group(name) else { continue }
            well[name] = GroupStanding(of: group, in: record, allocations, head: head).hasReached(.healthy)
        }
        let pairs = job.groups.map { group in
            (group.name, group.after.filter { well[$0] == false }.map { "group \($0) is not healthy yet" })
        }
        ofGroups = Dictionary(pairs, uniquingKeysWith: +)
    }

    /// Why new instances of a group have to wait; empty when they need not.
    func obstacles(for group: String) -> [String] {
        #if MUTANTS
            if Sabotage.active == .openGates { return [] }
        #endif
        return ofJob + (ofGroups[group] ?? [])
    }
}

extension Job {
    /// The job that a dependency names; without a namespace, one of the job's own.
    func target(of dependency: JobDependency) -> JobID {
        dependency.job.namespace.isEmpty ? JobID(dependency.job.id, namespace: id.namespace) : dependency.job
    }

    /// Why nothing can wait for it; `nil` when something can. What it makes are jobs of their own.
    var reasonNotToAwait: String? {
        guard isParent else { return nil }
        let kind = periodic != nil ? "periodic" : "parameterized"
        return "job \(id) is \(kind) and runs nothing itself, so it is never running, healthy or complete"
    }

    /// All that it waits for: other jobs, and itself where groups wait for each other.
    var awaited: Set<JobID> {
        var awaited = Set(after.map(target))
        if groups.contains(where: { !$0.after.isEmpty }) { awaited.insert(id) }
        return awaited
    }
}

extension Snapshot {
    /// Why a dependency is not met; `nil` when it is.
    fileprivate func obstacle(to dependency: JobDependency, of job: Job) -> String? {
        let target = job.target(of: dependency)
        guard let record = jobs[target] else { return "job \(target) is not registered yet" }
        guard !record.stopped else { return "job \(target) is stopped" }
        if let reason = record.job.reasonNotToAwait { return reason }
        if dependency.state == .complete, !record.job.kind.isFinite {
            return "job \(target) is of type \(record.job.kind.rawValue), which is never complete"
        }
        let allocations = allocations(of: target)
        let isMet = record.job.groups.allSatisfy {
            GroupStanding(of: $0, in: record, allocations, head: self).hasReached(dependency.state)
        }
        return isMet ? nil : "job \(target) is not \(dependency.state.rawValue) yet"
    }
}

/// How far the instances of one group are.
private struct GroupStanding {
    private let record: JobRecord
    private let group: TaskGroup
    private let head: Snapshot
    private let wanted: Int
    /// What counts for the group: of those that have one number, one is enough.
    private let standing: [Allocation]

    init(of group: TaskGroup, in record: JobRecord, _ allocations: [Allocation], head: Snapshot) {
        self.record = record
        self.group = group
        self.head = head
        let isFinite = record.job.kind.isFinite
        standing = allocations.filter { allocation in
            guard allocation.group == group.name, allocation.desired == .run else { return false }
            // The work of an older version of a batch job is not that of this one.
            return !(isFinite && allocation.isTerminal && allocation.jobVersion < record.workVersion)
        }
        if record.job.kind.runsEverywhere {
            let filter = NodeFilter(record.job, group)
            let nodes = head.nodes.unordered.count { record.reaches($0) && filter.failure(on: $0) == nil }
            wanted = group.count == 0 ? 0 : max(1, nodes)
        } else {
            wanted = group.count
        }
    }

    func hasReached(_ state: DependencyState) -> Bool {
        let there = standing.filter { allocation in
            // What is done has run, and was well.
            if record.job.kind.isFinite, allocation.client == .complete { return true }
            return switch state {
            case .running: allocation.client == .running
            case .healthy: isWell(allocation)
            case .complete: false
            }
        }
        return Set(there.map(\.index)).count >= wanted
    }

    /// Whether an instance does well now. What its roll-out found of it once says nothing of that, and neither does a
    /// check that was not made yet.
    private func isWell(_ allocation: Allocation) -> Bool {
        var (job, group) = (record.job, group)
        if allocation.jobVersion != record.version, let old = head.job(of: allocation),
            let former = old.group(allocation.group)
        {
            (job, group) = (old, former)
        }
        let byChecks = (group.update ?? job.update)?.healthCheck != "task_states"
        return HealthState(of: allocation, in: group, byChecks: byChecks, whereWorkEnds: job.kind.isFinite).isWell
    }
}
