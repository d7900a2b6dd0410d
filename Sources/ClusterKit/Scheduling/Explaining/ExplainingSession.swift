/// A session that can also explain. It spares an index made for one question, and takes reservations into account.
///
/// An optional ability: the server uses it where a scheduler's sessions have it, and `Scheduler.explain` otherwise.
public protocol ExplainingSession: SchedulingSession {
    /// Why each node would, or would not, take `request`. Nothing is reserved by that.
    mutating func explain(_ request: PlacementRequest) -> Explanation

    /// The same for work that others may come before. An end of allocations is proposed only where `leaves` says that
    /// the request would get their room. The default asks about the one proposal that `explain` made, and drops it when
    /// the answer is no; an implementation of its own can propose another instead.
    mutating func explain(
        _ request: PlacementRequest, where leaves: (_ ended: [AllocationID], _ node: NodeID) -> Bool
    ) -> Explanation
}

extension ExplainingSession {
    public mutating func explain(
        _ request: PlacementRequest, where leaves: (_ ended: [AllocationID], _ node: NodeID) -> Bool
    ) -> Explanation {
        var explanation = explain(request)
        explanation.remedies.removeAll { remedy in
            if case .end(let ended, let node, _) = remedy { !leaves(ended, node) } else { false }
        }
        return explanation
    }
}
