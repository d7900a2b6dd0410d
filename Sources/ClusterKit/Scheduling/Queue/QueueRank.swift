/// A place in the order in which work is looked at: higher priority first, then what has waited longer, then by
/// identifier and by the order of a job's groups, so that no two are equal.
struct QueueRank: Hashable, Comparable, Sendable {
    private(set) var priority: Int
    let since: Revision
    let evaluation: EvaluationID
    /// The group's place in its job.
    let groupOrder: Int

    /// The place of an evaluation that is to be looked at: as old as it is itself.
    init(_ evaluation: Evaluation) {
        (priority, since) = (evaluation.priority, evaluation.createRevision)
        (self.evaluation, groupOrder) = (evaluation.id, 0)
    }

    /// The place of a group for which an evaluation waits.
    init(_ evaluation: Evaluation, group: String, order: Int) {
        (priority, since) = (evaluation.priority, evaluation.waitStart(of: group).revision)
        (self.evaluation, groupOrder) = (evaluation.id, order)
    }

    /// The same age at another priority.
    func at(priority: Int) -> QueueRank {
        var rank = self
        rank.priority = priority
        return rank
    }

    static func < (left: QueueRank, right: QueueRank) -> Bool {
        if left.priority != right.priority { return left.priority > right.priority }
        return (left.since, left.evaluation, left.groupOrder) < (right.since, right.evaluation, right.groupOrder)
    }
}
