/// Turns a reason to look at a job into a plan: reconciles, asks the scheduler for nodes, and writes down what follows.
package struct Planner: Sendable {
    private let keptJobVersions: Int
    private let reconciler: Reconciler

    /// Requests handed to the scheduler at one time: each carries its job, and a large count need not exist at once.
    private static let requestsAtOnce = 4096

    /// Keeps the newest `keptJobVersions` of each job, and those that instances name.
    package init(keptJobVersions: Int = 6, reconciler: Reconciler) {
        self.keptJobVersions = max(1, keptJobVersions)
        self.reconciler = reconciler
    }

    /// What `evaluation` asks for in the state `head`. What `session` reserved is in the plan. Nodes that are kept for
    /// others are `withheld`, by group. An evaluation that waits may be looked at for one of its groups alone.
    package func plan(
        _ evaluation: Evaluation, group: String? = nil, on head: Snapshot, session: inout any SchedulingSession,
        epoch: Epoch, withheld: [String: Set<NodeID>] = [:], at now: WallTime, using entropy: inout Entropy
    ) -> Plan {
        var scope = PlanScope.whole
        // How far a roll-out is, only a look at all groups tells, and whether one begins, only the look that a new
        // version waits for.
        if let group, evaluation.status == .blocked, !head.deployments(of: evaluation.job).contains(where: \.isActive),
            !head.openEvaluations(of: evaluation.job).contains(where: \.isDue)
        {
            scope = .group(group)
        }
        var draft = draft(
            evaluation, scope, on: head, session: &session, epoch: epoch, withheld: withheld, at: now, using: &entropy)
        return finish(&draft, using: &entropy)
    }

    private func draft(
        _ evaluation: Evaluation, _ scope: PlanScope, on head: Snapshot, session: inout any SchedulingSession,
        epoch: Epoch, withheld: [String: Set<NodeID>], at now: WallTime, using entropy: inout Entropy
    ) -> PlanDraft {
        let wanted = reconciler.reconcile(evaluation.job, scope, in: head, for: evaluation.id, at: now)
        var draft = PlanDraft(evaluation, scope, on: head, epoch: epoch, at: now)
        draft.begin(wanted.rollout, using: &entropy)
        draft.stop(wanted.stops)
        draft.mark(unknown: wanted.unknowns)
        draft.upgrade(wanted.upgrades)
        draft.welcome(wanted.returned)
        draft.wake(wanted.delays, using: &entropy)
        if let stagger = wanted.stagger { draft.wakeRollingUpdate(after: stagger, using: &entropy) }
        if let job = head.jobs[evaluation.job]?.job {
            place(wanted, of: job, withheld: withheld, into: &draft, session: &session, using: &entropy)
        }
        draft.hold(wanted.holds)
        draft.finish(wanted.rollout)
        return draft
    }

    private func finish(_ draft: inout PlanDraft, using entropy: inout Entropy) -> Plan {
        draft.followVictims(using: &entropy)
        draft.settleEvaluations(using: &entropy)
        draft.forgetVersions(keeping: keptJobVersions)
        return draft.finish()
    }

    /// Wants in parts that are handed over at one time; a gang is one part.
    private static func parts(of wants: [Reconciliation.Want], _ job: Job) -> [ArraySlice<Reconciliation.Want>] {
        let gangs = Set(job.groups.lazy.filter { $0.gang != nil }.map(\.name))
        var parts: [ArraySlice<Reconciliation.Want>] = []
        var start = 0
        while start < wants.count {
            var end = min(start + requestsAtOnce, wants.count)
            if !gangs.isEmpty {
                let (name, rest) = (wants[start].group, wants[start...])
                let isOther = { (want: Reconciliation.Want) in
                    gangs.contains(name) ? want.group != name : gangs.contains(want.group)
                }
                let next = rest.firstIndex(where: isOther) ?? wants.count
                end = gangs.contains(name) ? next : min(end, next)
            }
            parts.append(wants[start..<end])
            start = end
        }
        return parts
    }

    private func place(
        _ wanted: Reconciliation, of job: Job, withheld: [String: Set<NodeID>], into draft: inout PlanDraft,
        session: inout any SchedulingSession, using entropy: inout Entropy
    ) {
        let wants = wanted.wants
        draft.expect(wants.count)
        var subjects = WantedSubjects(job, draft.head, withheld)
        // How many of a group its roll-out still lets come.
        var allowances = wanted.allowances
        for part in Self.parts(of: wants, job) {
            var asked: [Int] = []
            asked.reserveCapacity(part.count)
            var requests: [PlacementRequest] = []
            requests.reserveCapacity(part.count)
            for (place, allocation) in zip(part.indices, entropy.identifiers(part.count, of: Allocation.self)) {
                guard let known = subjects.subject(of: wants[place].group, version: wants[place].jobVersion) else {
                    continue
                }
                asked.append(place)
                requests.append(PlacementRequest(wants[place], as: allocation, known.subject, known.withheld))
            }
            var decisions = session.place(requests, using: &entropy)
            if let name = part.first?.group, job.group(name)?.gang != nil {
                Self.settleGang(
                    &decisions, of: asked.lazy.map { wants[$0] }, requests, in: draft.head, session: &session)
            }
            for number in asked.indices {
                // A scheduler that breaks its promise and answers too few requests refuses the others.
                let want = wants[asked[number]]
                guard number < decisions.count else {
                    draft.refuse(want, Refusal.unanswered)
                    continue
                }
                switch decisions[number] {
                case .placed(let placement):
                    take(placement, for: want, as: requests[number].allocation, into: &draft, session: &session)
                    if want.countsInRollout { allowances[want.group]? -= 1 }
                case .refused(let refusal): draft.refuse(want, refusal)
                }
            }
        }
        for want in wanted.alternatives where allowances[want.group] ?? 0 > 0 {
            guard let known = subjects.subject(of: want.group, version: want.jobVersion) else { continue }
            let request = PlacementRequest(want, as: entropy.identifier(), known.subject, known.withheld)
            guard case .placed(let placement)? = session.place([request], using: &entropy).first else { continue }
            take(placement, for: want, as: request.allocation, into: &draft, session: &session)
            allowances[want.group]? -= 1
        }
    }

    private func take(
        _ placement: Placement, for want: Reconciliation.Want, as allocation: AllocationID,
        into draft: inout PlanDraft, session: inout any SchedulingSession
    ) {
        guard draft.hasToEndFirst(want) else { return draft.place(want, as: allocation, placement) }
        session.release([allocation])
        draft.makeWay(for: want)
    }
}

extension Evaluation {
    /// Whether the job is to be looked at for it as soon as there is time.
    fileprivate var isDue: Bool { status == .pending && waitUntil == nil }
}

extension PlacementRequest {
    /// What is asked for an instance that shall be placed.
    fileprivate init(
        _ want: Reconciliation.Want, as allocation: AllocationID, _ subject: PlacementSubject, _ withheld: Set<NodeID>
    ) {
        self.init(
            allocation: allocation, subject: subject, avoided: Set(want.avoided), withheld: withheld,
            pinned: want.pinned, replacing: want.replaced)
    }
}

/// What the requests of one look at a job have in common, by group and version.
private struct WantedSubjects {
    typealias Known = (subject: PlacementSubject, withheld: Set<NodeID>)

    private struct Key: Hashable {
        let group: String
        /// `nil` for the newest.
        let version: Int?
    }

    private let job: Job
    private let head: Snapshot
    private let withheld: [String: Set<NodeID>]
    private var subjects: [Key: Known] = [:]
    /// Wants of a group mostly stand together.
    private var latest: (key: Key, known: Known)?

    init(_ job: Job, _ head: Snapshot, _ withheld: [String: Set<NodeID>]) {
        (self.job, self.head, self.withheld) = (job, head, withheld)
    }

    /// The group of a version of the job, and the nodes that are kept for others.
    mutating func subject(of group: String, version: Int?) -> Known? {
        let key = Key(group: group, version: version)
        if let latest, latest.key == key { return latest.known }
        guard let known = subjects[key] ?? make(key) else { return nil }
        subjects[key] = known
        latest = (key, known)
        return known
    }

    private func make(_ key: Key) -> Known? {
        let old = key.version.flatMap { head.jobVersions[JobVersion(job.id, $0)]?.job }
        return PlacementSubject(old ?? job, group: key.group).map { ($0, withheld[key.group] ?? []) }
    }
}
