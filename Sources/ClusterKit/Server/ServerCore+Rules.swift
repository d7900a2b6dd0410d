extension ServerCore {
    /// Sets the rules by which new work is placed. What runs already is left alone.
    mutating func setSchedulingRules(
        _ rules: SchedulingRules, ifUnchangedSince expected: Revision?, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard 0...SchedulingRules.mostMovesPerHour ~= rules.movesPerHour else {
            throw ClusterError(
                .invalid,
                "moves per hour must be 0, for none, to \(SchedulingRules.mostMovesPerHour), not \(rules.movesPerHour)")
        }
        let current = head.schedulingRules
        if let expected, expected != current.modifyRevision {
            throw ClusterError(
                .conflict,
                "the rules of placement were changed by revision \(current.modifyRevision), not \(expected); "
                    + "read them again")
        }
        if current.modifyRevision == .zero || !rules.saysTheSame(as: current) {
            commit([.putSchedulingRules(rules)], at: now, into: &effects)
            // Work that waits may have the room of others now.
            if !rules.preempting.isSubset(of: current.preempting) { freed = Set(head.nodes.sortedKeys) }
        }
        return Receipt(revision: head.revision)
    }
}

extension SchedulingRules {
    /// So many instances may be moved in an hour at most.
    static let mostMovesPerHour = 100_000

    /// Whether the two differ at most in their revisions.
    fileprivate func saysTheSame(as other: Self) -> Bool {
        var same = self
        same.createRevision = other.createRevision
        same.modifyRevision = other.modifyRevision
        return same == other
    }
}
