extension PlanDraft {
    /// Sees to it that failed instances are looked at when their time comes: one evaluation for each moment.
    mutating func wake(_ delays: [Reconciliation.Delay], using entropy: inout Entropy) {
        guard !delays.isEmpty else { return }
        var wakes: [WallTime: EvaluationID] = [:]
        for known in head.openEvaluations(of: evaluation.job)
        where known.status == .pending && known.id != evaluation.id {
            guard known.trigger == .failedFollowUp, let time = known.waitUntil, wakes[time] == nil else { continue }
            wakes[time] = known.id
        }
        for delay in delays.sorted(by: { ($0.until, $0.allocation) < ($1.until, $1.allocation) }) {
            let id = wakes[delay.until] ?? makeWake(at: delay.until, using: &entropy)
            wakes[delay.until] = id
            nextWake = nextWake ?? id
            self.delay(delay.allocation, until: id)
        }
    }

    private mutating func makeWake(at time: WallTime, using entropy: inout Entropy) -> EvaluationID {
        var wake = follower(.failedFollowUp, using: &entropy)
        wake.waitUntil = time
        wake.statusDescription = "waits before failed instances are placed anew"
        records.add(.putEvaluation(wake), because: wake.statusDescription)
        return wake.id
    }

    /// Sees to it that jobs whose instances make room are looked at: the instances go elsewhere, or wait.
    mutating func followVictims(using entropy: inout Entropy) {
        for id in robbed.sorted() where id != evaluation.job {
            guard let job = head.jobs[id] else { continue }
            var next = Evaluation(
                id: entropy.identifier(), job: id, kind: job.job.kind, priority: job.job.priority, trigger: .preemption,
                time: now)
            next.previous = evaluation.id
            next.jobModifyRevision = job.jobModifyRevision
            records.add(.putEvaluation(next), because: "instances of \(id) make room")
        }
    }

    /// Sees to it that the next nodes get the newest version.
    mutating func wakeRollingUpdate(after stagger: Duration, using entropy: inout Entropy) {
        let waits = head.evaluations(of: evaluation.job).contains {
            $0.trigger == .rollingUpdate && $0.status == .pending && $0.id != evaluation.id
        }
        guard !waits else { return }
        var next = follower(.rollingUpdate, using: &entropy)
        next.waitUntil = now + stagger
        next.statusDescription = "waits before the next nodes get the newest version"
        records.add(.putEvaluation(next), because: next.statusDescription)
        nextWake = nextWake ?? next.id
    }

    private func follower(_ trigger: EvaluationTrigger, using entropy: inout Entropy) -> Evaluation {
        let job = head.jobs[evaluation.job]
        var follower = Evaluation(
            id: entropy.identifier(), job: evaluation.job, kind: job?.job.kind ?? evaluation.kind,
            priority: job?.job.priority ?? evaluation.priority, trigger: trigger, time: now)
        follower.previous = evaluation.id
        follower.jobModifyRevision = job?.jobModifyRevision ?? evaluation.jobModifyRevision
        return follower
    }

    /// Ends the evaluation, and keeps exactly one that waits for room as long as something does.
    mutating func settleEvaluations(using entropy: inout Entropy) {
        if case .group(let name) = scope { takeOver(allBut: name, from: [evaluation] + othersWaiting) }
        if evaluation.status == .blocked {
            settleWaiting()
        } else {
            settleOrdinary(using: &entropy)
        }
    }

    /// Others that wait for the same job, the oldest first.
    private var othersWaiting: [Evaluation] {
        head.openEvaluations(of: evaluation.job)
            .filter { $0.status == .blocked && $0.id != evaluation.id }
            .sorted { ($0.createRevision, $0.id) < ($1.createRevision, $1.id) }
    }

    /// The evaluation was waiting itself. When it still has to, and no instance changed, nothing is written: amounts in
    /// its reasons may be older than the state, the kinds of reasons are not.
    private mutating func settleWaiting() {
        var updated = evaluation
        let others = othersWaiting
        for other in others { end(other, .canceled, "another evaluation of the job waits for room") }
        updated.waitStarts = waitStarts(after: evaluation, insteadOf: others)
        if queued.isEmpty {
            updated.status = .complete
            updated.statusDescription = ""
        } else if evaluation.queued == queued && evaluation.refusals.mapValues(\.kinds) == refusals.mapValues(\.kinds) {
            guard updated.waitStarts != evaluation.waitStarts else { return }
        } else {
            updated.statusDescription = waitingDescription
        }
        put(&updated, because: queued.isEmpty ? "everything was placed" : "less waits for room, or for other reasons")
    }

    private mutating func settleOrdinary(using entropy: inout Entropy) {
        var updated = evaluation
        updated.status = .complete
        updated.statusDescription = ""
        updated.next = nextWake ?? updated.next
        let waiting = othersWaiting
        for extra in waiting.dropFirst() { end(extra, .canceled, "another evaluation of the job waits for room") }
        if queued.isEmpty {
            // What waits on other nodes was not looked at.
            if scope == .whole, let first = waiting.first { end(first, .complete, "nothing waits for room anymore") }
        } else {
            let id = keepWaiting(waiting.first, insteadOf: Array(waiting.dropFirst()), using: &entropy)
            updated.blocked = id
        }
        put(&updated, because: "job was looked at")
    }

    /// The evaluation that waits for room, brought up to date or made. It stands for `others` from now on.
    private mutating func keepWaiting(
        _ known: Evaluation?, insteadOf others: [Evaluation], using entropy: inout Entropy
    ) -> EvaluationID {
        guard let known else {
            var waiting = follower(.queuedAllocations, using: &entropy)
            waiting.status = .blocked
            waiting.statusDescription = waitingDescription
            put(&waiting, because: "some instances found no room")
            return waiting.id
        }
        var updated = known
        updated.priority = head.jobs[known.job]?.job.priority ?? known.priority
        updated.kind = head.jobs[known.job]?.job.kind ?? known.kind
        updated.statusDescription = waitingDescription
        updated.waitStarts = waitStarts(after: known, insteadOf: others)
        if updated != known || known.queued != queued || known.refusals != refusals {
            put(&updated, because: "what waits for room has changed")
        }
        return known.id
    }

    /// Since when each group waits, as far as that is not since `known` was made. That one held what waited before,
    /// and `others` which are given up for it: what has waited longer there keeps its age.
    ///
    /// A group that begins to wait is new in the queue, however long others of its job have waited; so is one that
    /// waited for other work until now. One of which more instances wait than before is as old as they are on average:
    /// nobody keeps a place in the queue for a thousand with one.
    private func waitStarts(after known: Evaluation, insteadOf others: [Evaluation]) -> [String: WaitStart] {
        var starts: [String: WaitStart] = [:]
        let now = WaitStart(revision: head.revision.next, time: now)
        for (group, count) in queued where refusals[group]?.isAtGate != true {
            let waits = ([known] + others).compactMap { Wait(of: group, in: $0) }
            let start = waits.reduce(nil) { $0?.joined(by: $1) ?? $1 }?.joined(by: count, from: now).start ?? now
            starts[group] = start == known.waitStart ? nil : start
        }
        return starts
    }

    /// Instances that wait for room, and since when they do on average.
    private struct Wait {
        let count: Int
        let start: WaitStart

        init(_ count: Int, since start: WaitStart) { (self.count, self.start) = (count, start) }

        /// What waited for other work begins to wait for room only then.
        init?(of group: String, in evaluation: Evaluation) {
            guard let count = evaluation.queued[group], count > 0, evaluation.refusals[group]?.isAtGate != true else {
                return nil
            }
            self.init(count, since: evaluation.waitStart(of: group))
        }

        /// The same instances as two evaluations tell of them: the older age, and a mean where the younger tells of
        /// more.
        func joined(by other: Wait) -> Wait {
            let isFirst = (start.revision, start.time) <= (other.start.revision, other.start.time)
            let (older, younger) = isFirst ? (self, other) : (other, self)
            return older.joined(by: younger.count, from: younger.start)
        }

        /// With as many more as make `count`, which wait from `later` on.
        func joined(by count: Int, from later: WaitStart) -> Wait {
            guard count > self.count else { return self }
            return Wait(count, since: start.averaged(with: count - self.count, from: later, of: count))
        }
    }

    private mutating func end(_ other: Evaluation, _ status: EvaluationStatus, _ reason: String) {
        var other = other
        other.status = status
        other.statusDescription = reason
        if status == .complete {
            other.queued = [:]
            other.refusals = [:]
            other.waitStarts = [:]
        }
        other.modifyTime = now
        records.add(.putEvaluation(other), because: reason)
    }

    /// Writes an evaluation with what this look found.
    private mutating func put(_ evaluation: inout Evaluation, because reason: String) {
        evaluation.queued = queued
        evaluation.refusals = refusals
        evaluation.snapshotRevision = head.revision
        evaluation.modifyTime = now
        records.add(.putEvaluation(evaluation), because: reason)
    }

    /// Lets go of old versions of the job that no instance names. What a failed roll-out returns to stays, and so does
    /// what someone gave a name.
    mutating func forgetVersions(keeping count: Int) {
        for version in head.spareVersions(of: evaluation.job, beyond: count) {
            records.add(.removeJobVersion(version), because: "only the newest \(count) and those in use stay")
        }
    }
}

extension Refusal {
    /// What stands in the way, without how much.
    fileprivate var kinds: [Set<String>] { [Set(filtered.keys), Set(exhausted.keys), Set(awaits)] }
}
