import HeapModule

/// Which evaluations are to be looked at, and in which order: higher priority first, then the older one. Kept in step
/// with the head of the state, from which it can be made anew at any time.
struct Agenda: Sendable {
    private struct Turn: Comparable, Sendable {
        let priority: Int
        let created: Revision
        let id: EvaluationID

        init(_ evaluation: Evaluation) {
            priority = evaluation.priority
            created = evaluation.createRevision
            id = evaluation.id
        }

        static func < (left: Turn, right: Turn) -> Bool {
            (-left.priority, left.created, left.id) < (-right.priority, right.created, right.id)
        }
    }

    private struct Alarm: Comparable, Sendable {
        let time: WallTime
        let id: EvaluationID

        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.id) < (right.time, right.id) }
    }

    private var ready = Heap<Turn>()
    private var queued: Set<EvaluationID> = []
    private var delayed = Heap<Alarm>()
    private var blocked: [EvaluationID: Turn] = [:]
    private var turns: [EvaluationID: Turn] = [:]

    init() {}

    /// What the evaluations of `snapshot` ask for.
    init(of snapshot: Snapshot) {
        for evaluation in snapshot.evaluations.sorted { note(evaluation) }
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot) {
        switch change {
        case .putEvaluation(let evaluation): if let stored = head.evaluations[evaluation.id] { note(stored) }
        case .removeEvaluation(let id): drop(id)
        default: break
        }
    }

    private mutating func note(_ evaluation: Evaluation) {
        switch evaluation.status {
        case .pending:
            guard queued.insert(evaluation.id).inserted else { return }
            let turn = Turn(evaluation)
            if let time = evaluation.waitUntil {
                turns[evaluation.id] = turn
                delayed.insert(Alarm(time: time, id: evaluation.id))
            } else {
                ready.insert(turn)
            }
        case .blocked: blocked[evaluation.id] = Turn(evaluation)
        case .complete, .failed, .canceled: drop(evaluation.id)
        }
    }

    private mutating func drop(_ id: EvaluationID) {
        queued.remove(id)
        blocked.removeValue(forKey: id)
        turns.removeValue(forKey: id)
    }

    /// Whether something is to be looked at now.
    var hasReady: Bool { !ready.isEmpty }

    /// When the next delayed evaluation comes due.
    var nextDelayed: WallTime? { delayed.min?.time }

    /// Makes delayed evaluations ready whose time has come.
    mutating func promote(at now: WallTime) {
        while let alarm = delayed.min, alarm.time <= now {
            delayed.removeMin()
            if let turn = turns.removeValue(forKey: alarm.id) { ready.insert(turn) }
        }
    }

    /// The evaluation whose turn it is.
    mutating func nextReady() -> EvaluationID? {
        while let turn = ready.popMin() {
            if queued.remove(turn.id) != nil { return turn.id }
        }
        return nil
    }

    /// The evaluations that wait for room, in their order.
    func waiting() -> [EvaluationID] { blocked.values.sorted().map(\.id) }
}
