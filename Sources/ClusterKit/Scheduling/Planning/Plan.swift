/// Everything that one look at a job asks for: complete, never changed afterwards, and true only when the store has it.
package struct Plan: Hashable, Sendable {
    /// The revision that the plan was made from.
    package let revision: Revision
    /// The evaluation that asked for it.
    package let evaluation: EvaluationID
    /// The changes in order, ready for one batch.
    package private(set) var changes: [Change] = []
    /// Why each of them, in words.
    package private(set) var reasons: [String] = []

    package init(revision: Revision, evaluation: EvaluationID) {
        self.revision = revision
        self.evaluation = evaluation
    }

    mutating func reserve(_ count: Int) {
        changes.reserveCapacity(count)
        reasons.reserveCapacity(count)
    }

    mutating func add(_ change: Change, because reason: String) {
        changes.append(change)
        reasons.append(reason)
    }

    mutating func add(_ other: Plan) {
        changes += other.changes
        reasons += other.reasons
    }
}
