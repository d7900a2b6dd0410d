extension Refusal {
    /// As people are told it. A gang is placed whole or not at all: whoever finds no room is refused beside those that
    /// found some, whose room stays free all the same. Without a word of them, nodes seem full that are empty.
    func shown(for group: TaskGroup?) -> Refusal {
        guard group?.gang != nil, coalesced > 0, nodesEvaluated > 0 else { return self }
        // Those that wait for other work were not placed.
        let others = awaits.isEmpty ? "the other \(coalesced)" : "the others"
        var shown = self
        shown.shortages = shortages.map { "beside \(others) of its gang, where those find room: \($0)" }
        return shown
    }
}

extension [String: Refusal] {
    /// Those of groups of `job`, as people are told them.
    func shown(for job: Job?) -> Self {
        guard let job, job.groups.contains(where: { $0.gang != nil }) else { return self }
        return Dictionary(uniqueKeysWithValues: map { ($0.key, $0.value.shown(for: job.group($0.key))) })
    }
}

extension Evaluation {
    /// As people are told it, with what its job is in `snapshot`.
    package func shown(in snapshot: Snapshot) -> Evaluation {
        guard !refusals.isEmpty else { return self }
        var shown = self
        shown.refusals = refusals.shown(for: snapshot.jobs[job]?.job)
        return shown
    }
}
