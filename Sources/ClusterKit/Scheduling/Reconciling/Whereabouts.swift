/// What is known of an instance that has not ended, going by its node.
enum Whereabouts {
    /// Its node can be counted on, and tells how it is.
    case known
    /// Nobody hears of it, and it may return: why, in words.
    case unknown(String)
    /// Nobody hears of it, and nobody waits for it: why, in words.
    case lost(String)
}

extension Snapshot {
    /// What is known of an instance that has not ended. That one is unknown for too long, whoever watches over time
    /// says by calling it lost.
    func whereabouts(of allocation: Allocation) -> Whereabouts {
        guard let loss = loss(of: allocation) else {
            return allocation.client == .unknown
                ? .unknown("node \(allocation.nodeName) has not told of it yet") : .known
        }
        if allocation.fence != nil { return .unknown(loss) }
        guard nodes[allocation.node] != nil, allocation.desired == .run, !allocation.isCanary,
            disconnectPolicy(of: allocation)?.patience != nil
        else { return .lost(loss) }
        return .unknown(loss)
    }

    /// What the version of its job that an instance runs says of its disappearance.
    func disconnectPolicy(of allocation: Allocation) -> DisconnectPolicy? {
        job(of: allocation)?.group(allocation.group)?.disconnect
    }

    /// Why nobody can say what became of a running allocation; `nil` while its node can be counted on.
    func loss(of allocation: Allocation) -> String? {
        // Asked of every instance, and nodes are large to copy.
        guard let isDown = nodes.part(of: allocation.node, { $0.status == .down }) else {
            return "node \(allocation.nodeName.isEmpty ? allocation.node.short : allocation.nodeName) is gone"
        }
        return isDown ? "node \(nodes.part(of: allocation.node, \.name) ?? "") is down" : nil
    }
}
