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
    /// others are `withheld`, by group.
    package func plan(
        _ evaluation: Evaluation, on head: Snapshot, session: inout any SchedulingSession, epoch: Epoch,
        withheld: [String: Set<NodeID>] = [:], at now: WallTime, using entropy: inout Entropy
    ) -> Plan {
        let wanted = reconciler.reconcile(evaluation.job, in: head, for: evaluation.id, at: now)
        var draft = PlanDraft(evaluation, on: head, epoch: epoch, at: now)
        draft.stop(wanted.stops)
        draft.upgrade(wanted.upgrades)
        draft.wake(wanted.delays, using: &entropy)
        if let job = head.jobs[evaluation.job]?.job {
            place(wanted.wants, of: job, withheld: withheld, into: &draft, session: &session, using: &entropy)
        }
        draft.hold(wanted.holds)
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
        var subject: PlacementSubject?
        for part in Self.parts(of: wants, job) {
            var requests: [PlacementRequest] = []
            requests.reserveCapacity(part.count)
            // Wants come group by group, each group of the job.
            for want in part {
                if subject?.group.name != want.group { subject = PlacementSubject(job, group: want.group) }
                guard let subject else { continue }
                requests.append(
                    PlacementRequest(
                        allocation: entropy.identifier(), subject: subject, avoided: Set(want.avoided),
                        withheld: withheld[want.group] ?? [], pinned: want.pinned))
            }
            var decisions = session.place(requests, using: &entropy)
            if subject?.group.gang != nil {
                Self.settleGang(&decisions, of: part, requests, in: draft.head, session: &session)
            }
            for (place, (want, request)) in zip(part, requests).enumerated() {
                // A scheduler that breaks its promise and answers too few requests refuses the others.
                let decision =
                    place < decisions.count
                    ? decisions[place] : .refused(Refusal(plain: "the scheduler gave no answer"))
                switch decision {
                case .placed(let placement): draft.place(want, as: request.allocation, placement)
                case .refused(let refusal): draft.refuse(want, of: job, refusal)
                }
            }
        }
    }
}
