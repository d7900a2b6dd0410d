/// Packs: of all nodes, the one that becomes fullest, with Nomad's score. Ties go to the name that sorts first.
///
/// Looks at every node for every subject; what can be said once for equal requests is said once.
public struct BinPackScheduler: Scheduler {
    private let localities: [LocalityScore]

    /// Makes the scheduler. `localities` are further parts of the score.
    public init(localities: [LocalityScore] = []) { self.localities = localities }

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        BinPackSession(snapshot, localities: localities)
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        var session = BinPackSession(snapshot, localities: localities)
        return session.explain(request)
    }
}
