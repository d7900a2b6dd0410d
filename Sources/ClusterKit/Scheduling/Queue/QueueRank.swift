/// A place in the order in which work is looked at: higher priority first, then the older, then by identifier and by
/// the order of a job's groups, so that no two are equal.
struct QueueRank: Hashable, Comparable, Sendable {
    let priority: Int
    let created: Revision
    let evaluation: EvaluationID
    /// The group's place in its job.
    let place: Int

    init(_ evaluation: Evaluation, place: Int = 0) {
        priority = evaluation.priority
        created = evaluation.createRevision
        self.evaluation = evaluation.id
        self.place = place
    }

    static func < (left: QueueRank, right: QueueRank) -> Bool {
        if left.priority != right.priority { return left.priority > right.priority }
        return (left.created, left.evaluation, left.place) < (right.created, right.evaluation, right.place)
    }
}
