/// Packs: of all nodes, the one that becomes fullest, with Nomad's score. Ties go to the name that sorts first.
///
/// In small clusters it looks at every node; in larger ones an index finds the same node without looking at all
/// (`PlacementIndex`).
public struct BinPackScheduler: Scheduler {
    private let localities: [LocalityScore]
    private let indexedFrom: Int

    /// A scheduler that packs by Nomad's score.
    ///
    /// - Parameters:
    ///   - localities: further parts of the score. They are asked about each node, so the index is not used.
    ///   - indexedFrom: the least number of nodes with which the index is used. It changes the speed, never the
    ///     answers.
    public init(localities: [LocalityScore] = [], indexedFrom: Int = 16) {
        self.localities = localities
        self.indexedFrom = max(1, indexedFrom)
    }

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        BinPackSession(snapshot, localities: localities, indexedFrom: indexedFrom)
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        var session = BinPackSession(snapshot, localities: localities, indexedFrom: indexedFrom)
        return session.explain(request)
    }
}

extension BinPackScheduler: TrustedScheduler {}
