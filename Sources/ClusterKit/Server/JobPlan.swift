/// What registering a job would do, found out without doing it: by the reconciler and the scheduler of the server, on a
/// copy of its state. What happens meanwhile may change it.
public struct JobPlan: Sendable {
    /// What becomes of the instances of one group at first.
    public struct Group: Hashable, Sendable {
        /// Instances that are placed for no other one.
        public var place = 0
        /// Instances that are placed beside the others, to be found good first.
        public var canary = 0
        /// Instances that end, and others with the new statement take their place.
        public var destructiveUpdate = 0
        /// Instances that go on under the new statement.
        public var inPlaceUpdate = 0
        /// Instances that end.
        public var stop = 0
        /// Instances that the first step leaves as they are.
        public var ignore = 0
        /// Instances of other jobs that would make room.
        public var preemptions = 0
        /// How many instances restart in the course of the roll-out, those of later steps included.
        public var restarts = 0
        /// The fields for which they restart, as a job file names them, or the rules that their nodes do not meet;
        /// empty when none does.
        public var restartReasons: [String] = []

        /// Whether nothing is created or ended, neither at first nor later.
        public var changesNothing: Bool { place + canary + destructiveUpdate + stop + restarts == 0 }
    }

    /// What the statement changes.
    public let diff: JobDiff
    /// What becomes of each group, by name; of those that only the old statement has as well.
    public private(set) var groups: [String: Group] = [:]
    /// Why groups would find no room, by name.
    public private(set) var refusals: [String: Refusal] = [:]
    /// Instances of other jobs that would make room: a sample, for who that is may change.
    public private(set) var preempted: [Allocation] = []
    /// The revision that last changed the job's statement; zero when there is no such job. Register with it, and nobody
    /// can have changed the job between.
    public let jobModifyRevision: Revision
    /// What deserves a second look, as the registration would say it.
    public let warnings: [String]
    /// The revision of the state that was looked at.
    public let revision: Revision

    /// Whether nothing would be created or ended.
    public var changesNothing: Bool { groups.values.allSatisfy(\.changesNothing) }

    init(
        for job: Job, on snapshot: Snapshot, ifUnchangedSince expected: Revision?, scheduler: any Scheduler,
        configuration: ServerConfiguration, keeping kept: KeptNodes? = nil, at time: WallTime,
        using entropy: inout Entropy
    ) throws(ClusterError) {
        let known = snapshot.jobs[job.id]
        if let expected { try ServerCore.check(known, isUnchangedSince: expected) }
        try ServerCore.requireTimes(of: job, at: time)
        var job = job
        job.origin = known?.job.origin
        diff = JobDiff(from: known?.job, to: job)
        jobModifyRevision = known?.jobModifyRevision ?? .zero
        revision = snapshot.revision
        let evaluation = Evaluation(
            id: entropy.identifier(), job: job.id, kind: job.kind, priority: job.priority, trigger: .jobRegister,
            time: time)
        let record = try ServerCore.record(for: job, source: nil, note: nil, after: known, in: snapshot, at: time)
        warnings = try snapshot.checkGates(of: job) + job.canaryWarnings
        var head = snapshot
        head.apply(
            ChangeBatch(
                revision: head.revision.next, epoch: head.epoch, time: time,
                changes: [.putJob(record), .putEvaluation(evaluation)]))
        // As the server that leads keeps them when the job comes, so as they are before.
        var withheld: [String: Set<NodeID>] = [:]
        if kept?.isEmpty != true {
            let queue = QueueView(of: snapshot, configuration: configuration, keeping: kept, at: time) {
                scheduler.session(on: snapshot)
            }
            withheld = queue.withheld(from: head.evaluations[evaluation.id] ?? evaluation, of: job)
        }
        var session = CheckedScheduler.of(scheduler).session(on: head)
        let reconciler = Reconciler { JobChange.needsReplacement(group: $2, from: $0, to: $1) }
        let plan = Planner(keptJobVersions: configuration.keptJobVersions, reconciler: reconciler).plan(
            evaluation, on: head, session: &session, epoch: head.epoch, withheld: withheld, at: time, using: &entropy)
        for group in job.groups { groups[group.name] = Group() }
        let ending = take(plan, of: job.id, on: head)
        refusals = refusals.shown(for: job)
        if let known { findRestarts(from: known, to: record, but: ending, in: head) }
    }

    /// Gives the instances of the job that end for good.
    private mutating func take(_ plan: Plan, of job: JobID, on head: Snapshot) -> Set<AllocationID> {
        var ending: Set<AllocationID> = []
        var touched: Set<AllocationID> = []
        var replaced: Set<AllocationID> = []
        let changed = plan.changes.compactMap { if case .putAllocation(let one) = $0 { one } else { nil } }
        for new in changed where head.allocations[new.id] == nil {
            let isReplacing = new.previous.flatMap { head.allocations[$0] }?.isLive ?? false
            if isReplacing, let previous = new.previous { replaced.insert(previous) }
            if new.isCanary {
                groups[new.group, default: Group()].canary += 1
            } else if isReplacing {
                groups[new.group, default: Group()].destructiveUpdate += 1
            } else {
                groups[new.group, default: Group()].place += 1
            }
        }
        for new in changed {
            guard let old = head.allocations[new.id], old.isLive else { continue }
            touched.insert(new.id)
            if new.desired == .evict {
                preempted.append(old)
                if let group = new.preemptedBy.flatMap({ id in changed.first { $0.id == id } })?.group {
                    groups[group, default: Group()].preemptions += 1
                }
            }
            guard new.job == job, !replaced.contains(new.id) else { continue }
            if new.desired != .run, new.followUp == plan.evaluation {
                // Nothing of its name may run beside it: its successor is placed once it has ended.
                groups[new.group, default: Group()].destructiveUpdate += 1
            } else if new.desired != .run {
                groups[new.group, default: Group()].stop += 1
                ending.insert(new.id)
            } else if new.jobVersion != old.jobVersion {
                groups[new.group, default: Group()].inPlaceUpdate += 1
            } else {
                touched.remove(new.id)
            }
        }
        for old in head.allocations(of: job) where old.isLive && !touched.contains(old.id) {
            groups[old.group, default: Group()].ignore += 1
        }
        for case .putEvaluation(let evaluation) in plan.changes where !evaluation.refusals.isEmpty {
            refusals = evaluation.refusals
        }
        return ending
    }

    /// The instances that run on, but something else than the new statement asks for, and what that is.
    private mutating func findRestarts(
        from known: JobRecord, to record: JobRecord, but ending: Set<AllocationID>, in head: Snapshot
    ) {
        let job = record.job
        var check = VersionCheck(record, job.groups, head: head) {
            JobChange.needsReplacement(group: $2, from: $0, to: $1)
        }
        for allocation in head.allocations(of: job.id) where allocation.isLive && !ending.contains(allocation.id) {
            let running = head.job(of: allocation) ?? known.job
            var reasons = JobChange.replacingFields(group: allocation.group, from: running, to: job)
            if reasons.isEmpty, let group = job.group(allocation.group) {
                reasons = check.brokenRule(of: allocation, in: group).map { [$0] } ?? []
            }
            guard !reasons.isEmpty else { continue }
            groups[allocation.group, default: Group()].restarts += 1
            groups[allocation.group]?.restartReasons = reasons
        }
    }
}
