extension ServerCore {
    /// The longest deadline that a drain may have: beyond it, `DrainLimit.unlimited` says what is meant.
    private static let longestDrain = Duration.seconds(366 * 24 * 3600)

    /// Wishes that a node be empty, or otherwise than before.
    mutating func drain(
        _ id: NodeID, _ limit: DrainLimit, _ ignoringSystemJobs: Bool, _ reason: String, at now: Now,
        into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var node = head.nodes[id] else { throw ClusterError(.notFound, "node not found") }
        var drain = NodeDrain(
            startedAt: node.drain?.startedAt ?? now.wall, isForced: limit == .atOnce,
            ignoresSystemJobs: ignoringSystemJobs, reason: reason)
        guard reason.utf8.count <= 256 else {
            throw ClusterError(.invalid, "the reason for a drain must have at most 256 bytes")
        }
        if case .after(let deadline) = limit {
            guard deadline > .zero, deadline <= Self.longestDrain else {
                throw ClusterError(
                    .invalid,
                    "the deadline of a drain must be longer than 0 and at most a year; ask for none, or to stop all "
                        + "at once, instead")
            }
            drain.deadline = now.wall + deadline
        }
        var message = node.drain == nil ? "Node drain strategy set" : "Node drain strategy updated"
        if !reason.isEmpty { message += ": \(reason)" }
        node.drain = drain
        node.eligibility = .ineligible
        node.note(NodeEvent(time: now.wall, subsystem: "Drain", message: message))
        commit([.putNode(node)], at: now, into: &effects)
        return Receipt(revision: head.revision)
    }

    /// Wishes no longer that a node be empty.
    mutating func endDrain(
        _ id: NodeID, _ makingEligible: Bool, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var node = head.nodes[id] else { throw ClusterError(.notFound, "node not found") }
        let before = node
        if node.drain != nil {
            node.drain = nil
            node.note(NodeEvent(time: now.wall, subsystem: "Drain", message: "Node drain disabled"))
        }
        if makingEligible, node.eligibility != .eligible {
            node.eligibility = .eligible
            node.setAside = nil
            node.wellSince = now.wall
            conduct.forgive(id)
            node.note(NodeEvent(time: now.wall, message: "Node marked as eligible for scheduling"))
        }
        guard node != before else { return Receipt(revision: head.revision) }
        var staying: [Allocation] = []
        for var allocation in head.allocations(on: id) where allocation.isLive && allocation.wish?.leavesNode == true {
            allocation.wish = nil
            allocation.modifyTime = now.wall
            staying.append(allocation)
        }
        var changes = [Change.putNode(node)] + staying.map(Change.putAllocation)
        changes += looks(at: staying, because: .nodeDrain, at: now, using: &entropy)
        if makingEligible { changes += looksEverywhere(because: id, at: now, using: &entropy) }
        commit(changes, at: now, into: &effects)
        return Receipt(revision: head.revision)
    }

    /// Takes the next steps of all drains. Gives whether there were any.
    mutating func drain(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) -> Bool {
        let steps = drainer.due(in: head, at: now)
        guard !steps.isEmpty else { return false }
        var changes = steps.nodes.map(Change.putNode) + steps.allocations.map(Change.putAllocation)
        changes += looks(at: steps.allocations, because: .nodeDrain, at: now, using: &entropy)
        for node in steps.nodes where node.drain == nil {
            // What runs everywhere may have come while the node took nothing.
            if node.takesWork { changes += looksEverywhere(because: node.id, at: now, using: &entropy) }
            effects.append(.note("node \(node.name) (\(node.id.short)) is drained"))
        }
        return commit(changes, at: now, into: &effects)
    }

    /// Reasons to look at the jobs of instances, one for each.
    func looks(
        at allocations: [Allocation], because trigger: EvaluationTrigger, at now: Now, using entropy: inout Entropy
    ) -> [Change] {
        var nodes: [JobID: NodeID] = [:]
        for allocation in allocations where nodes[allocation.job] == nil { nodes[allocation.job] = allocation.node }
        return nodes.sorted { $0.key < $1.key }.map { id, node in
            var evaluation = makeEvaluation(of: head.jobs[id]?.job ?? Job(id: id), trigger, at: now, using: &entropy)
            evaluation.node = node
            return .putEvaluation(evaluation)
        }
    }
}
