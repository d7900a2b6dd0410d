/// A session that also says why. It spares those who ask an index of their own, and answers beside what is reserved.
///
/// The server explains with it where a scheduler's sessions are such, else with `Scheduler.explain`.
public protocol ExplainingSession: SchedulingSession {
    /// Why each node would, or would not, take `request`. Nothing is reserved by that.
    mutating func explain(_ request: PlacementRequest) -> Explanation

    /// The same for one that others may come before: to end allocations on a node is proposed only where `leaves` says
    /// that the request would get the room. Without an implementation of its own the one proposal is asked about, and
    /// no other takes its place.
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
