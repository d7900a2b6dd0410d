import ClusterKit

/// Looks at nodes that are to be empty: at the end of the time that whatever runs there was given, it is told to go.
/// Shares no code with what it checks.
struct DrainChecker {
    /// How long the servers have for that.
    private static let lateness = Duration.seconds(15)
    /// How long one that was heard of again may take to be told.
    private static let patience = Duration.seconds(5)

    private var drains: [NodeID: (drain: NodeDrain, since: Uptime)] = [:]
    /// Since when one and the same server has led without hindrance.
    private var leader: (number: Int, since: Uptime)?
    /// Since when instances run that should have been sent away.
    private var late: [AllocationID: Uptime] = [:]

    /// Takes in what `batch` says of drains.
    mutating func check(_ batch: ChangeBatch, at now: Uptime) {
        for change in batch.changes {
            switch change {
            case .removeNode(let id): drains[id] = nil
            case .putNode(let node):
                guard let drain = node.drain else { drains[node.id] = nil; continue }
                if drains[node.id]?.drain != drain { drains[node.id] = (drain, now) }
            default: break
            }
        }
    }

    /// Looks at all drains; `server` leads and is not hindered, if there is one of which that can be said.
    mutating func look(at truth: Snapshot, led server: Int?, at now: Uptime, into report: inout WorldReport) {
        guard let server else {
            (leader, late) = (nil, [:])
            return
        }
        if leader?.number != server { (leader, late) = ((server, now), [:]) }
        guard let start = leader?.since else { return }
        let left = drains.sorted { $0.key < $1.key }.flatMap { id, entry -> [Allocation] in
            guard let limit = Self.limit(of: entry.drain), now - max(start, entry.since) > limit + Self.lateness
            else { return [] }
            return Self.left(on: id, entry.drain, in: truth)
        }
        late = Dictionary(uniqueKeysWithValues: left.map { ($0.id, late[$0.id] ?? now) })
        for allocation in left {
            guard let since = late[allocation.id], now - since > Self.patience else { continue }
            report.violations.append(
                Violation(
                    rule: "a drain ends in its time",
                    detail: "\(allocation.name) \(allocation.id.short) is still to run on \(allocation.nodeName)"))
        }
    }

    /// What still runs on a drained node, as far as is known, and is not left there on purpose.
    private static func left(on node: NodeID, _ drain: NodeDrain, in truth: Snapshot) -> [Allocation] {
        truth.allocations(on: node).filter { allocation in
            let runsEverywhere = truth.jobs[allocation.job]?.job.kind.runsEverywhere == true
            return allocation.isLive && allocation.client != .unknown
                && !(runsEverywhere && drain.ignoresSystemJobs)
        }
    }

    /// How long whatever runs is left to itself at most; `nil` for as long as it takes, or where nobody is sent away.
    private static func limit(of drain: NodeDrain) -> Duration? {
        if drain.isTidying { return nil }
        if drain.isForced { return .zero }
        return drain.deadline.map { $0 - drain.startedAt }
    }
}
