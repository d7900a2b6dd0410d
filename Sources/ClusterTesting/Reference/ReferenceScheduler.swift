public import ClusterKit

/// Decides as `BinPackScheduler` must, slowly and plainly: for each request it adds up every node from the list of
/// allocations. It defines what is right, and shares only records with what it is compared with, no code that decides.
public struct ReferenceScheduler: Scheduler {
    /// Makes the scheduler; it has nothing to set.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession { ReferenceSession(snapshot) }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        var takers: [(tier: Int, line: Explanation.Line)] = []
        var others: [Explanation.Line] = []
        for verdict in ReferenceSession(snapshot).judge(request) {
            var line = Explanation.Line(node: verdict.node.id, name: verdict.node.name)
            switch verdict.opinion {
            case .takes(let offer):
                (line.score, line.parts) = (offer.score, offer.parts)
                takers.append((offer.tier, line))
            case .forbids(let reason), .lacks(let reason):
                line.refusal = reason
                others.append(line)
            }
        }
        let order = takers.indices.sorted {
            let (left, right) = (takers[$0], takers[$1])
            return (left.tier, -(left.line.score ?? 0), $0) < (right.tier, -(right.line.score ?? 0), $1)
        }
        return Explanation(lines: order.map { takers[$0].line } + others)
    }
}

/// What the reference thinks of one node for one request.
package struct ReferenceVerdict: Sendable {
    package enum Opinion: Sendable {
        /// It would take the instance.
        case takes(ReferenceOffer)
        /// A rule forbids it, whatever is free.
        case forbids(String)
        /// Too little is free.
        case lacks(String)
    }

    package var node: Node
    package var opinion: Opinion

    package var offer: ReferenceOffer? {
        if case .takes(let offer) = opinion { offer } else { nil }
    }

    /// Why it would not; empty when it would.
    package var refusal: String {
        switch opinion {
        case .takes: ""
        case .forbids(let reason), .lacks(let reason): reason
        }
    }
}

/// How a node would take an instance.
package struct ReferenceOffer: Sendable {
    /// The place of its pool in the group's order; lower ones come first, whatever the score.
    package var tier: Int
    /// The parts of the score by Nomad's names.
    package var parts: [String: Double]
    /// What the instance would hold of the node's devices.
    package var devices: [AllocatedDevice]
    /// Processor time, memory and disk that are free before it.
    package var free: [Double]
    /// What would have to end.
    package var evicting: [AllocationID] = []
    /// Whether all of that was told to already.
    package var tellsNobody = false

    /// The mean of the parts.
    package var score: Double {
        parts.keys.sorted().reduce(0) { $0 + (parts[$1] ?? 0) } / Double(max(1, parts.count))
    }
}
