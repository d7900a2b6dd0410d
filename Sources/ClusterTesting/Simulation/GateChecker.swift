import ClusterKit

/// Looks at what waits for other work: nothing of it begins before that has come far enough. Shares no code with what
/// it checks, and where it cannot be sure it says nothing.
struct GateChecker {
    /// How far the instances of a group have come.
    private struct Standing {
        var running: Set<Int> = []
        var well: Set<Int> = []
        var done: Set<Int> = []
    }

    /// Checks what `batch` places, in the state `before` it, by which that was decided.
    static func check(_ batch: ChangeBatch, from before: Snapshot, into report: inout WorldReport) {
        for case .putAllocation(let allocation) in batch.changes
        where allocation.previous == nil && before.allocations[allocation.id] == nil {
            guard let record = before.jobs[allocation.job], let group = record.job.group(allocation.group),
                let reason = obstacle(to: group, of: record, in: before)
            else { continue }
            report.violations.append(
                Violation(
                    rule: "who waits for others begins after them",
                    detail: "\(allocation.name) \(allocation.id.short) was placed, and \(reason)"))
        }
    }

    /// Why new instances of a group surely have to wait.
    private static func obstacle(to group: TaskGroup, of record: JobRecord, in state: Snapshot) -> String? {
        for dependency in record.job.after {
            let target = target(of: dependency, in: record.job)
            guard let other = state.jobs[target], !other.stopped else { return "\(target) is not there" }
            guard !other.job.kind.runsEverywhere else { continue }
            if dependency.state == .complete, !other.job.kind.isFinite { return "\(target) never ends" }
            for awaited in other.job.groups where lacks(dependency.state, awaited, of: other, in: state, .loosely) {
                return "\(target) \(awaited.name) is not \(dependency.state.rawValue)"
            }
        }
        let first = group.after.compactMap(record.job.group).first {
            lacks(.healthy, $0, of: record, in: state, .loosely)
        }
        return first.map { "group \($0.name) is not healthy" }
    }

    /// Whether new instances of a group surely need not wait.
    static func isOpen(for group: TaskGroup, of record: JobRecord, in state: Snapshot) -> Bool {
        record.job.after.allSatisfy { dependency in
            guard let other = state.jobs[target(of: dependency, in: record.job)], !other.stopped, !other.job.isParent,
                !other.job.kind.runsEverywhere, dependency.state != .complete || other.job.kind.isFinite
            else { return false }
            return other.job.groups.allSatisfy { !lacks(dependency.state, $0, of: other, in: state, .strictly) }
        }
            && group.after.compactMap(record.job.group).allSatisfy {
                !lacks(.healthy, $0, of: record, in: state, .strictly)
            }
    }

    private static func target(of dependency: JobDependency, in job: Job) -> JobID {
        dependency.job.namespace.isEmpty ? JobID(dependency.job.id, namespace: job.id.namespace) : dependency.job
    }

    private enum Measure { case loosely, strictly }

    /// Whether a group has not come so far; loosely whoever runs is well.
    private static func lacks(
        _ wanted: DependencyState, _ group: TaskGroup, of record: JobRecord, in state: Snapshot, _ measure: Measure
    ) -> Bool {
        let standing = standing(of: group, in: record, state)
        let there =
            switch (wanted, measure) {
            case (.running, _), (.healthy, .loosely): standing.running
            case (.healthy, .strictly): standing.well
            case (.complete, _): standing.done
            }
        return there.count < group.count
    }

    private static func standing(of group: TaskGroup, in record: JobRecord, _ state: Snapshot) -> Standing {
        var standing = Standing()
        let isFinite = record.job.kind.isFinite
        for allocation in state.allocations(of: record.job.id)
        where allocation.group == group.name && allocation.desired == .run {
            if isFinite, allocation.client == .complete, allocation.jobVersion >= record.workVersion {
                standing.done.insert(allocation.index)
                standing.running.insert(allocation.index)
                standing.well.insert(allocation.index)
            }
            guard allocation.client == .running else { continue }
            standing.running.insert(allocation.index)
            if isWell(allocation, group, isFinite: isFinite) { standing.well.insert(allocation.index) }
        }
        return standing
    }

    /// Whether all that shall run does, and all checks pass.
    private static func isWell(_ allocation: Allocation, _ group: TaskGroup, isFinite: Bool) -> Bool {
        let stand = group.tasks.allSatisfy { task in
            guard task.lifecycle?.isSidecar ?? true else { return true }
            let state = allocation.tasks[task.name]
            return state?.phase == .running || isFinite && state?.phase == .dead && state?.failed == false
        }
        let checks = group.services.reduce(0) { $0 + $1.checks.count }
        return stand && allocation.checks.count == checks && allocation.checks.allSatisfy { $0.health == .passing }
    }
}
