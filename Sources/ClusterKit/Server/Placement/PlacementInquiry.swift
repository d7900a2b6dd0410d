/// Finds out why instances of a job are where they are, and what keeps others waiting: asks the scheduler what it was
/// asked when it decided.
struct PlacementInquiry {
    private let scheduler: any Scheduler
    private let configuration: ServerConfiguration
    private let history: PlacementHistory
    private let now: WallTime
    private var newest: ExplainedState
    private let waiting: WaitingList

    /// What was found of one instance, in which state, and how many others were placed before.
    private struct Answer {
        let revision: Revision
        let explanation: Explanation
        var besides = 0
    }

    /// Of a node whose instance is not asked for.
    static let hasInstance = "has its instance already"

    /// Looks into the state of now and, for instances that were placed, into those that `history` keeps.
    init(
        into snapshot: Snapshot, scheduler: any Scheduler, configuration: ServerConfiguration = ServerConfiguration(),
        history: PlacementHistory = PlacementHistory(), keeping kept: KeptNodes? = nil, at now: WallTime
    ) {
        self.scheduler = scheduler
        self.configuration = configuration
        self.history = history
        self.now = now
        newest = ExplainedState(snapshot, scheduler, configuration, keeping: kept, at: now)
        waiting = WaitingList(newest.queue)
    }

    /// On groups of a job; explains the instance `asked` or, without one, of each group the next or the latest.
    mutating func report(on groups: [TaskGroup], of record: JobRecord, _ asked: Allocation? = nil) -> PlacementReport {
        let gates = JobGates(record.job, in: newest.state)
        return PlacementReport(
            job: record.job.id, groups: groups.compactMap { report(on: $0, of: record, asked, gates) })
    }

    private mutating func report(
        on group: TaskGroup, of record: JobRecord, _ asked: Allocation?, _ gates: JobGates
    ) -> PlacementReport.Group? {
        let (job, snapshot) = (record.job.id, newest.state)
        let live = snapshot.allocations(of: job).filter { $0.group == group.name && $0.isLive }
        let place = waiting.groups(of: job).first { $0.group == group.name }
        let awaits = live.count < group.count ? gates.obstacles(for: group.name) : []
        let latest = live.max { ($0.createRevision, $0.id) < ($1.createRevision, $1.id) }
        let explained = asked ?? (place == nil && awaits.isEmpty ? latest : nil)
        let missing = place?.count ?? group.count - live.count
        guard
            let found = explained.flatMap({ explain($0, of: record) })
                ?? explainNext(of: group, of: record, missing: missing)
        else { return nil }
        let isIdle = place == nil && awaits.isEmpty
        let rest = explained == nil ? rest(of: group, of: record) : standstill(of: group, of: record, missing: missing)
        // What runs on each node that may have it states no number.
        let count = record.job.kind.runsEverywhere ? live.count + (place?.count ?? 0) : group.count
        return PlacementReport.Group(
            name: group.name, count: count, placed: live.count, waiting: place, awaits: awaits,
            rest: isIdle ? rest : nil, allocation: explained, revision: found.revision, besides: found.besides,
            explanation: found.explanation)
    }

    /// Why nothing of a group of which nothing lives is to be placed.
    private func rest(of group: TaskGroup, of record: JobRecord) -> String? {
        if record.stopped { return "the job is stopped" }
        if record.job.periodic != nil { return "the job runs nothing itself: it begins others at its times" }
        if record.job.parameterized != nil {
            return "the job runs nothing itself: it begins others when it is dispatched"
        }
        if group.count <= 0 { return "no instance is wanted" }
        let ended = ended(of: group, of: record)
        let failed = ended.filter { $0.client == .failed || $0.client == .lost }
        if failed.contains(where: isTriedAgain) { return "it has failed, and is placed anew after a delay" }
        if let standstill = standstill(of: group, of: record, missing: group.count) { return standstill }
        if !failed.isEmpty { return "it has failed, and no further attempt is due" }
        let done = ended.count { $0.client == .complete && $0.jobVersion >= record.workVersion }
        return done > 0 && record.job.kind.isFinite ? "its work is done (\(done) complete)" : nil
    }

    /// Why nothing more is placed of a group of which `missing` are wanted and none waits: the roll-out of its version
    /// stands still, and only what was there before is placed anew.
    private func standstill(of group: TaskGroup, of record: JobRecord, missing: Int) -> String? {
        guard missing > 0, !record.stopped, !ended(of: group, of: record).contains(where: isTriedAgain) else {
            return nil
        }
        let all = newest.state.allocations(of: record.job.id)
        let rollout = Rollout(of: record.job.id, record, in: newest.state, among: all).of(group, in: record.job)
        guard rollout.state != nil, let deployment = rollout.deployment else { return nil }
        let subject = "the roll-out of version \(deployment.jobVersion)"
        switch deployment.status {
        case .failed:
            return "\(subject) failed (\(deployment.statusDescription)): the rest is placed by another version only; "
                + "change the job, or its count"
        case .paused:
            return "\(subject) is paused; the rest is placed after: cluster deployment resume \(deployment.id.short)"
        case .running, .successful, .cancelled:
            return rollout.isCanarying ? "\(subject) shows canaries; the rest is placed once they are promoted" : nil
        }
    }

    private func ended(of group: TaskGroup, of record: JobRecord) -> [Allocation] {
        newest.state.allocations(of: record.job.id).filter { $0.group == group.name && $0.next == nil }
    }

    private func isTriedAgain(_ allocation: Allocation) -> Bool {
        allocation.followUp.flatMap { newest.state.evaluations[$0] }?.isOpen == true
    }

    // MARK: What was placed

    /// Explains an instance in the state in which it was given its node or, when that is not kept, in that of now.
    private mutating func explain(_ allocation: Allocation, of record: JobRecord) -> Answer? {
        let (before, group) = (history.state(before: allocation), allocation.group)
        let decided = before ?? newest.state
        let job = before?.job(of: allocation) ?? newest.state.job(of: allocation) ?? record.job
        guard let subject = PlacementSubject(job, group: group) else { return nil }
        var state = ExplainedState(
            decided.without(allocation.id), scheduler, configuration,
            at: before == nil ? now : allocation.createTime)
        var request = PlacementRequest(
            allocation: .next, subject: subject, avoided: Set(allocation.reschedules.map(\.node)),
            withheld: state.queue.withheld(from: group, of: job, asking: allocation.evaluation),
            pinned: job.kind.runsEverywhere ? allocation.node : nil,
            replacing: allocation.previous.flatMap { allocation.preempted.contains($0) ? $0 : nil })
        // It got that one: what is kept now, or was a moment before, need not be what was kept then.
        request.withheld.remove(allocation.node)
        return Answer(revision: decided.revision, explanation: state.explain(request).explanation)
    }

    // MARK: What is to come

    /// Explains the next instance of a group, of which `missing` are to be placed.
    private mutating func explainNext(
        of group: TaskGroup, of record: JobRecord, missing: Int
    ) -> Answer? {
        guard let subject = PlacementSubject(record.job, group: group.name) else { return nil }
        let revision = newest.state.revision
        var request = PlacementRequest(
            allocation: .next, subject: subject,
            withheld: newest.queue.withheld(from: group.name, of: record.job),
            replacing: replaceable(by: group, of: record))
        if record.job.kind.runsEverywhere {
            let served = served(by: group, of: record)
            request.withheld.formUnion(served)
            var (explanation, _) = newest.explain(request)
            for number in explanation.lines.indices where served.contains(explanation.lines[number].node) {
                explanation.lines[number].refusal = Self.hasInstance
            }
            return Answer(revision: revision, explanation: explanation)
        }
        let (explanation, besides) = newest.explain(request, besides: group.gang == nil ? 0 : missing - 1)
        return Answer(revision: revision, explanation: explanation, besides: besides)
    }

    /// The instance of an older version whose room the next one may have: that with the lowest number.
    private func replaceable(by group: TaskGroup, of record: JobRecord) -> AllocationID? {
        newest.state.allocations(of: record.job.id)
            .filter { $0.group == group.name && $0.isLive && $0.jobVersion != record.version }
            .min { ($0.index, $0.id) < ($1.index, $1.id) }?.id
    }

    /// The nodes that could have an instance of a group which runs everywhere, and need no other.
    private func served(by group: TaskGroup, of record: JobRecord) -> Set<NodeID> {
        guard group.count > 0 else { return [] }
        let state = newest.state
        var reconciler = NodewiseReconciler(
            group: group, record: record,
            versions: VersionCheck(record, [group], head: state) {
                JobChange.needsReplacement(group: $2, from: $0, to: $1)
            }, head: state, evaluation: nil)
        var found = Reconciliation()
        reconciler.reconcile(state.allocations(of: record.job.id).filter { $0.group == group.name }, into: &found)
        let (wanted, filter) = (Set(found.wants.compactMap(\.pinned)), NodeFilter(record.job, group))
        let nodes = state.nodes.unordered.filter { filter.failure(on: $0) == nil && !wanted.contains($0.id) }
        return Set(nodes.map(\.id))
    }
}

extension AllocationID {
    /// Of an instance that is not placed yet.
    fileprivate static let next = AllocationID(high: 0, low: 0)
}

/// A state, who waits in it, and a session on it that is made when it is first needed.
private struct ExplainedState {
    let state: Snapshot
    let queue: QueueView
    private let scheduler: any Scheduler
    private var session: (any SchedulingSession)?

    init(
        _ state: Snapshot, _ scheduler: any Scheduler, _ configuration: ServerConfiguration,
        keeping kept: KeptNodes? = nil, at now: WallTime
    ) {
        var session: (any SchedulingSession)?
        queue = QueueView(of: state, configuration: configuration, keeping: kept, at: now) {
            let new = scheduler.session(on: state)
            session = new
            return new
        }
        (self.state, self.scheduler, self.session) = (state, scheduler, session)
    }

    /// What each node says to `request` after as many others like it as are placed `besides`, and how many were: none
    /// where the scheduler's sessions do not explain.
    mutating func explain(
        _ request: PlacementRequest, besides others: Int = 0
    ) -> (explanation: Explanation, besides: Int) {
        guard var session = (session ?? scheduler.session(on: state)) as? any ExplainingSession else {
            return (scheduler.explain(request, on: state), 0)
        }
        // Nobody else holds it meanwhile, so nothing of it is copied.
        self.session = nil
        defer { self.session = session }
        let (subject, needs) = (request.subject, GroupNeeds(request.subject.group))
        var ahead = QueueAhead(queue, before: queue.rank(of: subject.group.name, of: subject.job), session)
        let leaves = { (ended: [AllocationID], node: NodeID) in
            ahead.leaves(needs, on: node, replacing: request.replacing, without: ended)
        }
        guard others > 0 else { return (session.explain(request, where: leaves), 0) }
        var entropy = Entropy(seed: 0)
        let requests = entropy.identifiers(others, of: Allocation.self).map { id in
            var other = request
            other.allocation = id
            return other
        }
        let decisions = session.place(requests, using: &entropy)
        var explanation = session.explain(request, where: leaves)
        session.release(requests.map(\.allocation))
        let refused = decisions.count { if case .refused = $0 { true } else { false } }
        if refused > 0 { explanation.remedies.removeAll { !$0.places(refused + 1, of: request.subject) } }
        return (explanation, others)
    }
}

extension Remedy {
    /// Whether it would place `count` instances, not only one: a rule that goes opens several nodes, unless another one
    /// counts over all of them.
    fileprivate func places(_ count: Int, of subject: PlacementSubject) -> Bool {
        guard case .drop(_, let nodes, _) = self else { return false }
        let constraints = subject.job.constraints + subject.group.constraints
        return nodes >= count && !constraints.contains { $0.comparison == .distinctProperty }
    }
}

extension Snapshot {
    /// The state as if an allocation had never been. Its revision is one that nothing has.
    fileprivate func without(_ allocation: AllocationID) -> Snapshot {
        guard allocations[allocation] != nil else { return self }
        var copy = self
        copy.apply(
            ChangeBatch(
                revision: revision.next, epoch: epoch, time: WallTime(nanoseconds: 0),
                changes: [.removeAllocation(allocation)]))
        return copy
    }
}
