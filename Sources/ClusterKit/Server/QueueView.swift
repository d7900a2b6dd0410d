/// Who waits for room in a state, and which nodes are kept for whom: by the server that leads or, where that is not
/// known, as one finds it that has looked at nothing else before. Whose turn it is among gangs, only the server that
/// leads knows.
struct QueueView {
    let state: Snapshot
    let queue: WaitingQueue
    let kept: KeptNodes

    /// Looks at `state`. A session is asked for only where it is not known what is `kept`, and someone has waited long
    /// enough for a node.
    init(
        of state: Snapshot, configuration: ServerConfiguration, keeping known: KeptNodes? = nil, at now: WallTime,
        session: () -> any SchedulingSession
    ) {
        let clocks = Now(wall: now, uptime: Uptime(nanoseconds: 0))
        var queue = WaitingQueue(of: state, patience: configuration.reservationDelay, at: clocks)
        var kept = known ?? KeptNodes()
        let limit = configuration.reservationLimit(nodes: state.nodes.unordered.count { $0.takesWork })
        if known == nil, limit > 0, queue.firstRipe(after: nil) != nil {
            let session = session()
            kept.update(
                from: &queue, limit: limit, .init(head: state, touched: nil, vacancy: { session.vacancy(on: $0) }))
        }
        (self.state, self.queue, self.kept) = (state, queue, kept)
    }

    /// The nodes that a group does not get because they are kept for work that comes before it.
    func withheld(from group: String, of job: Job, asking evaluation: EvaluationID? = nil) -> Set<NodeID> {
        kept.isEmpty ? [] : kept.withheld(from: rank(of: group, of: job, asking: evaluation))
    }

    /// The nodes that the groups of `job` do not get for that reason, were `evaluation` looked at now.
    func withheld(from evaluation: Evaluation, of job: Job) -> [String: Set<NodeID>] {
        kept.withheld(from: evaluation, of: job, among: queue)
    }

    /// Where a group stands: where it waits, else where `evaluation` stands, else behind all of its priority.
    func rank(of group: String, of job: Job, asking evaluation: EvaluationID? = nil) -> QueueRank {
        if let rank = queue.rank(of: group, in: job.id) { return rank }
        let known = evaluation.flatMap { state.evaluations[$0] }
        let order = job.groups.firstIndex { $0.name == group } ?? 0
        return QueueRank(known ?? nextEvaluation(of: job), group: group, order: order)
    }

    /// One that would be made now.
    private func nextEvaluation(of job: Job) -> Evaluation {
        var evaluation = Evaluation(
            id: EvaluationID(high: 0, low: 0), job: job.id, kind: job.kind, priority: job.priority,
            trigger: .jobRegister, time: WallTime(nanoseconds: 0))
        evaluation.createRevision = state.revision.next
        return evaluation
    }
}
