/// When a node is set aside that fails what others pass.
public struct SetAsidePolicy: Hashable, Sendable {
    /// How many jobs must have failed on the node, for causes that are not their own, and then run elsewhere.
    public var jobs: Int
    /// Within how long.
    public var window: Duration
    /// The largest part of all nodes that may be set aside at one time: `5` for a fifth. A cluster of fewer nodes than
    /// that loses none.
    public var oneOf: Int

    /// Waits for three jobs within an hour, and sets a fifth of all nodes aside at most.
    public init(jobs: Int = 3, window: Duration = .seconds(3600), oneOf: Int = 5) {
        self.jobs = jobs
        self.window = window
        self.oneOf = oneOf
    }
}

/// Which nodes fail what others pass: for each node the jobs of which an instance failed there for a cause that was not
/// its own, while the one that took its place runs, or is done, on another node.
///
/// A job that fails everywhere says nothing about nodes, and one that fails again and again counts once. What is known
/// comes from the allocations alone, so that a new leader knows it too.
struct NodeConduct: Sendable {
    /// When the last instance of each job failed.
    private var evidence: [NodeID: [JobID: WallTime]] = [:]
    /// Nodes whose evidence grew since they were last looked at.
    private var suspects: Set<NodeID> = []

    /// How many failures that led to one instance are looked at.
    private static let depth = 5

    init() {}

    /// What the allocations of `snapshot` tell.
    init(of snapshot: Snapshot) {
        for allocation in snapshot.allocations.unordered { note(allocation, in: snapshot) }
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot) {
        switch change {
        case .putAllocation(let allocation): note(allocation, in: head)
        case .removeNode(let id): forgive(id)
        default: break
        }
    }

    private mutating func note(_ allocation: Allocation, in head: Snapshot) {
        guard allocation.previous != nil, allocation.client == .running || allocation.client == .complete else {
            return
        }
        var earlier = allocation.previous
        for _ in 0..<Self.depth {
            guard let id = earlier, let failed = head.allocations[id] else { return }
            earlier = failed.previous
            guard failed.client == .failed, let cause = failed.cause, failed.node != allocation.node,
                allocation.passes(cause)
            else { continue }
            let time = failed.modifyTime
            if let since = head.nodes[failed.node]?.wellSince, since >= time { continue }
            if let known = evidence[failed.node]?[failed.job], known >= time { continue }
            evidence[failed.node, default: [:]][failed.job] = time
            suspects.insert(failed.node)
        }
    }

    /// Begins anew with a node: an operator says that it is well.
    mutating func forgive(_ node: NodeID) {
        evidence[node] = nil
        suspects.remove(node)
    }

    /// Jobs that speak against a node now, for each that has enough of them and was not looked at since; the worst node
    /// first.
    mutating func takeFaulty(_ policy: SetAsidePolicy, at now: WallTime) -> [(node: NodeID, jobs: [JobID])] {
        var found: [(node: NodeID, jobs: [JobID])] = []
        for node in suspects.sorted() {
            let recent = (evidence[node] ?? [:]).filter { now - $0.value < policy.window }
            evidence[node] = recent.isEmpty ? nil : recent
            if recent.count >= max(1, policy.jobs) { found.append((node, recent.keys.sorted())) }
        }
        suspects = []
        return found.sorted { ($1.jobs.count, $0.node) < ($0.jobs.count, $1.node) }
    }
}

extension Allocation {
    /// Whether it shows that what failed for `cause` elsewhere can be done where it is. A task that was started shows
    /// that it can be; whether the disk is large enough shows only at the end.
    fileprivate func passes(_ cause: FailureCause) -> Bool {
        switch cause {
        case .driver, .setup: true
        case .disk: client == .complete
        // A lost node is known to be lost, and what is the work's own fault is nobody else's.
        case .node, .exit, .memory: false
        }
    }
}

extension ServerCore {
    /// Gives no more work to nodes that fail what others pass, as long as they are few. What runs there goes on; an
    /// operator makes the node eligible again.
    mutating func setAsideFaultyNodes(at now: Now, into effects: inout [Effect]) {
        guard let policy = configuration.setAside else { return }
        let faulty = conduct.takeFaulty(policy, at: now.wall)
        guard !faulty.isEmpty else { return }
        let limit = head.nodes.count / max(1, policy.oneOf)
        var taken = head.nodes.unordered.count { $0.setAside != nil }
        for (id, jobs) in faulty {
            guard var node = head.nodes[id], node.eligibility == .eligible else { continue }
            let shown = jobs.prefix(5).map(\.id).joined(separator: ", ") + (jobs.count > 5 ? ", …" : "")
            let words = "\(jobs.count) jobs failed there and then ran elsewhere: \(shown)"
            guard taken < limit else {
                let reason =
                    limit > 0
                    ? "but too many are set aside already"
                    : "and is kept: at most one of \(max(1, policy.oneOf)) nodes is set aside, and there are fewer"
                effects.append(.warning("node \(node.name) (\(id.short)) seems faulty, \(reason): \(words)"))
                continue
            }
            taken += 1
            node.eligibility = .ineligible
            node.setAside = now.wall
            node.note(NodeEvent(time: now.wall, message: "Node set aside: \(words)"))
            commit([.putNode(node)], at: now, into: &effects)
            effects.append(
                .warning(
                    "node \(node.name) (\(id.short)) takes no more work: \(words); look at it, then make it eligible"))
        }
    }
}
