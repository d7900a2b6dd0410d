/// Compares what a job asks for with what there is of it.
///
/// The rule is `count` instances with distinct numbers for each group: the lowest free number is given first, and
/// `Departure` says who ends first when there are too many. An instance that failed for good keeps its number, and so
/// does one whose batch work is done. Jobs that run everywhere have one instance of each group on each node instead.
package struct Reconciler: Sendable {
    /// Whether instances of a group that run one version have to be replaced to run another.
    package typealias ReplacementRule = @Sendable (_ from: Job, _ to: Job, _ group: String) -> Bool

    private let needsReplacement: ReplacementRule
    private let largestCount: Int

    /// Compares versions by `needsReplacement`. No group gets more than `largestCount` instances, whatever a job asks
    /// for, so that a number cannot exhaust the server.
    package init(
        needsReplacement: @escaping ReplacementRule, largestCount: Int = 1_000_000
    ) {
        self.needsReplacement = needsReplacement
        self.largestCount = largestCount
    }

    /// What has to change for `job`. `evaluation` is the one being looked at: what waited for it waits no longer.
    package func reconcile(
        _ job: JobID, _ scope: PlanScope = .whole, in head: Snapshot, for evaluation: EvaluationID? = nil,
        at now: WallTime
    ) -> Reconciliation {
        if scope == .whole, QuietJob(head.jobs[job], in: head, largestCount: largestCount)?.holds() == true {
            return Reconciliation()
        }
        return lookCloser(at: job, scope, in: head, for: evaluation, at: now)
    }

    /// The same for a job of which something may have to change.
    package func lookCloser(
        at job: JobID, _ scope: PlanScope = .whole, in head: Snapshot, for evaluation: EvaluationID? = nil,
        at now: WallTime
    ) -> Reconciliation {
        // Each group puts its own in order.
        let allocations = head.allocationsByJob.unordered(of: job).compactMap { head.allocations[$0] }
        let byGroup = Self.byGroup(allocations, scope)
        var result = Reconciliation()
        var wanted: [TaskGroup] = []
        var ending = "job was stopped"
        let rollout = Rollout(of: job, head.jobs[job], in: head, among: allocations)
        result.rollout.note(rollout)
        if let record = head.jobs[job], record.job.isParent {
            ending = "job runs nothing itself any more"
        } else if let record = head.jobs[job], !record.stopped {
            wanted = record.job.groups.filter { scope.includes($0.name) }
            ending = "group is no longer part of the job"
            let gates = JobGates(record.job, in: head)
            let versions = VersionCheck(record, wanted, head: head, needsReplacement: needsReplacement)
            for group in wanted {
                let before = result.wants.count
                defer { result.hold(group.name, from: before, gates.obstacles(for: group.name), in: head) }
                if record.job.kind.runsEverywhere {
                    var reconciler = NodewiseReconciler(
                        group: group, record: record, versions: versions, head: head, evaluation: evaluation)
                    reconciler.reconcile(byGroup[group.name] ?? [], into: &result)
                    continue
                }
                var reconciler = GroupReconciler(
                    group: group, record: record, versions: versions, rollout: rollout.of(group, in: record.job),
                    head: head, evaluation: evaluation, largestCount: largestCount, now: now)
                reconciler.reconcile(byGroup[group.name] ?? [], into: &result)
            }
        }
        let names = Set(wanted.map(\.name))
        for group in byGroup.keys.sorted() where !names.contains(group) {
            end(byGroup[group] ?? [], because: ending, in: head, into: &result)
        }
        return result
    }

    private func end(
        _ allocations: [Allocation], because reason: String, in head: Snapshot, into result: inout Reconciliation
    ) {
        for allocation in Self.byNumber(allocations) {
            if allocation.isTerminal {
                // Or its failure would still count when the job is registered again.
                guard allocation.client == .failed || allocation.client == .lost, allocation.desired == .run else {
                    continue
                }
                result.stops.append(.init(allocation: allocation.id, reason: reason))
                continue
            }
            switch head.whereabouts(of: allocation) {
            case .lost(let loss): result.stops.append(.init(allocation: allocation.id, reason: loss, lost: true))
            case .unknown: result.giveUp(allocation, because: reason, in: head)
            case .known where allocation.desired == .run:
                result.stops.append(.init(allocation: allocation.id, reason: reason))
            case .known: break
            }
        }
    }

    /// Instances by their group. Neighbors are mostly of one, and then nothing is looked up.
    private static func byGroup(_ allocations: [Allocation], _ scope: PlanScope) -> [String: [Allocation]] {
        var byGroup: [String: [Allocation]] = [:]
        var start = 0
        while start < allocations.count {
            let name = allocations[start].group
            let end = allocations[start...].firstIndex { $0.group != name } ?? allocations.count
            if scope.includes(name) { byGroup[name, default: []] += allocations[start..<end] }
            start = end
        }
        return byGroup
    }

    /// By number, then the older one first. Sorts keys, for instances are large to move; where each number is there
    /// once, as in most groups, each instance goes to its place.
    static func byNumber(_ allocations: [Allocation]) -> [Allocation] {
        if let placed = byPlace(allocations) { return placed }
        let keys = allocations.indices.map { place in
            let allocation = allocations[place]
            return (allocation.index, allocation.createRevision, allocation.id, place)
        }
        return keys.sorted { $0 < $1 }.map { allocations[$0.3] }
    }

    /// By number, if no two have the same and none is far above the others.
    private static func byPlace(_ allocations: [Allocation]) -> [Allocation]? {
        var places = [Int](repeating: -1, count: 2 * allocations.count + 64)
        for (place, allocation) in allocations.enumerated() {
            let number = allocation.index
            guard places.indices.contains(number), places[number] < 0 else { return nil }
            places[number] = place
        }
        return places.compactMap { $0 < 0 ? nil : allocations[$0] }
    }
}
