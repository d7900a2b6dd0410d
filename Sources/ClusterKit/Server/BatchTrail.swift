/// The state just before each batch that a store hands out. Batches are written in groups, and each comes with the
/// newest state, which may be ahead of it; what a batch placed or removed shows only in the state that it changed. That
/// one is made from the last that is known, where someone needs it.
struct BatchTrail {
    private static let mostPassed = 1_024

    /// The last state that is known.
    private var state = Snapshot()
    /// What has changed it since.
    private var passed: [ChangeBatch] = []

    /// Begins at a state.
    mutating func begin(at state: Snapshot) { (self.state, passed) = (state, []) }

    /// The state that `batch` changes, which is to come next. For a batch that places and removes nothing it may be an
    /// older one.
    mutating func state(before batch: ChangeBatch) -> Snapshot {
        if batch.changes.contains(where: { $0.shows(against: state) }) { catchUp() }
        return state
    }

    /// Goes beyond a batch. `newest` is the state that it led to, or one after that.
    mutating func pass(_ batch: ChangeBatch, newest: Snapshot) {
        if newest.revision == batch.revision { return begin(at: newest) }
        passed.append(batch)
        if passed.count >= Self.mostPassed { catchUp() }
    }

    private mutating func catchUp() {
        // One that does not follow changes nothing; whoever asks sees by its revision that the state is an older one.
        for batch in passed { state.apply(batch) }
        passed = []
    }
}

extension Change {
    /// Whether the state before it tells what it does.
    fileprivate func shows(against state: Snapshot) -> Bool {
        switch self {
        case .putAllocation(let allocation): state.allocations[allocation.id] == nil
        case .removeJob, .removeAllocation, .removeEvaluation, .removeDeployment: true
        default: false
        }
    }
}
