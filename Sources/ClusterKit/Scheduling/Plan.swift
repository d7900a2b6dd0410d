/// Everything that one look at a job asks for: complete, never changed afterwards, and true only when the store has it.
package struct Plan: Hashable, Sendable {
    /// The revision that the plan was made from.
    package let revision: Revision
    /// The evaluation that asked for it.
    package let evaluation: EvaluationID
    /// The changes in order, each with its reason.
    package let planned: [PlannedChange]

    package init(revision: Revision, evaluation: EvaluationID, planned: [PlannedChange]) {
        self.revision = revision
        self.evaluation = evaluation
        self.planned = planned
    }

    /// The changes, ready for one batch.
    package var changes: [Change] { planned.map(\.change) }
}

/// One change of a plan.
package struct PlannedChange: Hashable, Sendable {
    /// The change.
    package let change: Change
    /// Why, in words.
    package let reason: String

    package init(_ change: Change, because reason: String) {
        self.change = change
        self.reason = reason
    }
}
