import HeapModule

/// Which evaluations are to be looked at, and in which order: higher priority first, then the older one. Kept in step
/// with the head of the state, from which it can be made anew at any time. Those that wait for room stand in the
/// `WaitingQueue`.
struct Agenda: Sendable {
    private struct Alarm: Comparable, Sendable {
        let time: Uptime
        let id: EvaluationID

        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.id) < (right.time, right.id) }
    }

    private var ready = Heap<QueueRank>()
    private var queued: Set<EvaluationID> = []
    private var delayed = Heap<Alarm>()
    private var turns: [EvaluationID: QueueRank] = [:]

    init() {}

    /// What the evaluations of `snapshot` ask for.
    init(of snapshot: Snapshot, at now: Now) {
        for evaluation in snapshot.evaluations.sorted { note(evaluation, at: now) }
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot, at now: Now) {
        switch change {
        case .putEvaluation(let evaluation): if let stored = head.evaluations[evaluation.id] { note(stored, at: now) }
        case .removeEvaluation(let id): drop(id)
        default: break
        }
    }

    private mutating func note(_ evaluation: Evaluation, at now: Now) {
        switch evaluation.status {
        case .pending:
            guard queued.insert(evaluation.id).inserted else { return }
            let turn = QueueRank(evaluation)
            #if MUTANTS
                if Sabotage.active == .lazyLooks, evaluation.trigger == .nodeUpdate, evaluation.waitUntil == nil {
                    turns[evaluation.id] = turn
                    return delayed.insert(Alarm(time: now.uptime + .seconds(30), id: evaluation.id))
                }
            #endif
            if let time = evaluation.waitUntil {
                turns[evaluation.id] = turn
                // Never longer than it was meant to wait, however far the wall clock was set back meanwhile.
                let wait = min(time - now.wall, time - evaluation.createTime)
                delayed.insert(Alarm(time: now.uptime + max(.zero, wait), id: evaluation.id))
            } else {
                ready.insert(turn)
            }
        case .blocked, .complete, .failed, .canceled: drop(evaluation.id)
        }
    }

    private mutating func drop(_ id: EvaluationID) {
        queued.remove(id)
        turns.removeValue(forKey: id)
    }

    /// Whether something is to be looked at now.
    var hasReady: Bool { !ready.isEmpty }

    /// When the next delayed evaluation comes due.
    var nextDelayed: Uptime? { delayed.min?.time }

    /// Makes delayed evaluations ready whose time has come.
    mutating func promote(at now: Uptime) {
        while let alarm = delayed.min, alarm.time <= now {
            delayed.removeMin()
            if let turn = turns.removeValue(forKey: alarm.id) { ready.insert(turn) }
        }
    }

    /// Where the first stands that is to be looked at now.
    var firstReady: QueueRank? {
        mutating get {
            while let turn = ready.min {
                if queued.contains(turn.evaluation) { return turn }
                ready.removeMin()
            }
            return nil
        }
    }

    /// The evaluation whose turn it is.
    mutating func nextReady() -> EvaluationID? {
        while let turn = ready.popMin() {
            if queued.remove(turn.evaluation) != nil { return turn.evaluation }
        }
        return nil
    }
}
