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
        // How far a roll-out is, only a look at all groups tells.
        if let group, evaluation.status == .blocked, !head.deployments(of: evaluation.job).contains(where: \.isActive) {
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
        draft.wake(wanted.delays, using: &entropy)
        if let stagger = wanted.stagger { draft.wakeRollingUpdate(after: stagger, using: &entropy) }
        if let job = head.jobs[evaluation.job]?.job {
            place(wanted.wants, of: job, withheld: withheld, into: &draft, session: &session, using: &entropy)
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
        _ wants: [Reconciliation.Want], of job: Job, withheld: [String: Set<NodeID>], into draft: inout PlanDraft,
        session: inout any SchedulingSession, using entropy: inout Entropy
    ) {
        draft.expect(wants.count)
        var subjects: [SubjectKey: PlacementSubject] = [:]
        for part in Self.parts(of: wants, job) {
            var requests: [PlacementRequest] = []
            requests.reserveCapacity(part.count)
            var asked: [Reconciliation.Want] = []
            asked.reserveCapacity(part.count)
            for (want, allocation) in zip(part, entropy.identifiers(part.count, of: Allocation.self)) {
                let key = SubjectKey(group: want.group, version: want.jobVersion)
                if subjects[key] == nil {
                    let old = want.jobVersion.flatMap { draft.head.jobVersions[JobVersion(job.id, $0)]?.job }
                    subjects[key] = PlacementSubject(old ?? job, group: want.group)
                }
                guard let subject = subjects[key] else { continue }
                asked.append(want)
                requests.append(
                    PlacementRequest(
                        allocation: allocation, subject: subject, avoided: Set(want.avoided),
                        withheld: withheld[want.group] ?? [], pinned: want.pinned))
            }
            var decisions = session.place(requests, using: &entropy)
            if requests.first?.subject.group.gang != nil {
                Self.settleGang(&decisions, of: asked[...], requests, in: draft.head, session: &session)
            }
            for (place, (want, request)) in zip(asked, requests).enumerated() {
                // A scheduler that breaks its promise and answers too few requests refuses the others.
                let decision =
                    place < decisions.count
                    ? decisions[place] : .refused(Refusal(plain: "the scheduler gave no answer"))
                switch decision {
                case .placed where draft.hasToEndFirst(want):
                    session.release([request.allocation])
                    draft.makeWay(for: want)
                case .placed(let placement): draft.place(want, as: request.allocation, placement)
                case .refused(let refusal): draft.refuse(want, of: job, refusal)
                }
            }
        }
    }

    /// What requests have in common: a group of one version of the job, `nil` for the newest.
    private struct SubjectKey: Hashable {
        var group: String
        var version: Int?
    }
}
