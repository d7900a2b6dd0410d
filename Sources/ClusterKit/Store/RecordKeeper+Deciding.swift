/// What is to be written, made from one snapshot: and what its maker answers once that is durable.
package struct KeptDraft<Outcome> {
    package var outcome: Outcome
    package var changes: [Change]
    /// What must not have moved since that snapshot.
    package var preconditions: [Precondition]

    package init(_ outcome: Outcome, changes: [Change] = [], if preconditions: [Precondition] = []) {
        self.outcome = outcome
        self.changes = changes
        self.preconditions = preconditions
    }
}

extension RecordKeeper {
    /// Writes what `decide` makes of the newest durable state. When something that it looked at has moved meanwhile,
    /// it is asked again; what it throws ends the matter. A draft without changes is answered at once.
    package func keep<Outcome>(
        _ decide: (Snapshot) throws -> KeptDraft<Outcome>
    ) async throws -> Outcome {
        var attempt = 0
        while true {
            let draft = try decide(snapshot)
            guard !draft.changes.isEmpty else { return draft.outcome }
            do {
                _ = try await keep(draft.changes, if: draft.preconditions)
                return draft.outcome
            } catch let error as ClusterError where error.code == .conflict && attempt < 200 {
                // Who was faster is in the head but perhaps not durable yet: looking again at once would see nothing
                // new. Chance keeps many who wait from coming back together.
                attempt += 1
                try await Task.sleep(for: .microseconds(Int.random(in: 500...min(1000 << min(attempt, 5), 32_000))))
            }
        }
    }
}
