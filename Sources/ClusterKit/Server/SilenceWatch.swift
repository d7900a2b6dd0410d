/// By when each instance of which nothing is heard must have returned.
///
/// Made anew from the state at any time: deadlines count from when the node was lost, which is stored, and are waited
/// for on the clock that nobody can set.
struct SilenceWatch: Sendable {
    private var deadlines = Deadlines<AllocationID>()
    /// Silent instances by node.
    private var silent: [NodeID: Set<AllocationID>] = [:]
    /// The longest lease that this server granted.
    var longestLease: Duration

    /// Begins without any; nodes have leases of `lease`.
    init(lease: Duration = .zero) { longestLease = lease }

    /// The silent instances of `snapshot`.
    init(of snapshot: Snapshot, lease: Duration, at now: Now) {
        self.init(lease: lease)
        for allocation in snapshot.allocations.unordered where allocation.client == .unknown {
            note(allocation, in: snapshot, at: now)
        }
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot, at now: Now) {
        switch change {
        case .putAllocation(let allocation): note(allocation, in: head, at: now)
        case .removeAllocation(let id): deadlines.clear(id)
        case .putNode(let node): look(at: node.id, in: head, at: now)
        case .removeNode(let id): look(at: id, in: head, at: now)
        default: break
        }
    }

    private mutating func note(_ allocation: Allocation, in head: Snapshot, at now: Now) {
        guard allocation.client == .unknown else {
            if silent.isEmpty { return }
            guard silent[allocation.node]?.remove(allocation.id) != nil else { return }
            if silent[allocation.node]?.isEmpty == true { silent[allocation.node] = nil }
            return deadlines.clear(allocation.id)
        }
        silent[allocation.node, default: []].insert(allocation.id)
        // A change of the instance alone moves nothing.
        if deadlines[allocation.id] == nil { set(allocation, in: head, at: now) }
    }

    private mutating func look(at node: NodeID, in head: Snapshot, at now: Now) {
        for id in silent[node] ?? [] {
            guard let allocation = head.allocations[id] else { continue }
            if head.nodes[node]?.status == .down, deadlines[id] != nil { continue }
            set(allocation, in: head, at: now)
        }
    }

    /// A node that is there again tells of the instance soon.
    private mutating func set(_ allocation: Allocation, in head: Snapshot, at now: Now) {
        guard head.loss(of: allocation) != nil else { return deadlines.clear(allocation.id) }
        if let killTime = allocation.fence {
            let isKnown = head.nodes[allocation.node] != nil
            let wait = Self.wait(forLease: longestLease, killTime, isOver: isKnown)
            return deadlines.set(allocation.id, to: now.uptime + wait)
        }
        guard let node = head.nodes[allocation.node], let patience = head.disconnectPolicy(of: allocation)?.patience
        else { return deadlines.set(allocation.id, to: now.uptime) }
        deadlines.set(allocation.id, to: now.uptime(of: node.statusTime + patience, atMost: patience))
    }

    /// How long after the loss of its node nothing of an instance can run that has a lease. Clocks may differ by a
    /// hundredth and whoever ends it may be a second late. It counts from now, whatever the wall clock says: it is no
    /// matter of patience. The lease of a lost node is over; one that someone had forgotten may have a whole one.
    private static func wait(forLease lease: Duration, _ killTime: Duration, isOver: Bool) -> Duration {
        #if MUTANTS
            if Sabotage.active == .hastyFence { return .zero }
        #endif
        let killTime = max(.zero, killTime)
        return (isOver ? .zero : lease) + killTime + (lease + killTime) / 100 + .seconds(1)
    }

    /// Waits no longer for what is silent on a node.
    mutating func endWait(for node: NodeID, at now: Uptime) {
        for id in silent[node] ?? [] {
            deadlines.clear(id)
            deadlines.set(id, to: now)
        }
    }

    /// When an instance may be lost for good.
    var nextWake: Uptime? { deadlines.next }

    /// Instances whose time is over, in order.
    mutating func due(at now: Uptime) -> [AllocationID] { deadlines.due(at: now) }
}

extension ServerCore {
    /// Gives up instances that did not return in time: jobs are looked at, which may want others.
    mutating func giveUpSilent(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        var changes: [Change] = []
        var lost: [Allocation] = []
        for id in silence.due(at: now.uptime) {
            guard var allocation = head.allocations[id], allocation.client == .unknown,
                let loss = head.loss(of: allocation)
            else { continue }
            allocation.client = .lost
            allocation.cause = .node
            allocation.clientDescription = "\(loss), and nothing was heard of it in time"
            if allocation.desired == .run, allocation.next != nil {
                allocation.desired = .stop
                allocation.desiredDescription = "another has taken its place"
            }
            allocation.modifyTime = now.wall
            changes.append(.putAllocation(allocation))
            lost.append(allocation)
        }
        guard !changes.isEmpty else { return }
        changes += looks(at: lost, because: .disconnectTimeout, at: now, using: &entropy)
        commit(changes, at: now, into: &effects)
    }
}
