extension Planner {
    /// Takes back what a gang got when not all of its new instances got a node: then none has one. An instance that
    /// takes the place of one that ran is placed alone.
    static func settleGang(
        _ decisions: inout [Decision], of wants: some Collection<Reconciliation.Want>, _ requests: [PlacementRequest],
        in head: Snapshot, session: inout any SchedulingSession
    ) {
        var (placed, missing): ([Int], Refusal?) = ([], nil)
        for (place, want) in wants.enumerated() where !want.goesOn(in: head) {
            switch place < decisions.count ? decisions[place] : .refused(Refusal.unanswered) {
            case .placed: placed.append(place)
            case .refused(let refusal): missing = missing ?? refusal
            }
        }
        guard let missing, !placed.isEmpty else { return }
        #if MUTANTS
            if Sabotage.active == .tornGangs { return }
        #endif
        session.release(placed.map { requests[$0].allocation })
        for place in placed { decisions[place] = .refused(missing) }
    }
}
