extension Snapshot {
    /// Whether instances of its own keep `demand` off a node.
    func keeps(_ demand: Demand, off node: NodeID) -> Bool {
        guard demand.apart != .nobody else { return false }
        return allocations(on: node).contains(where: demand.isKeptOff)
    }

    /// What instances of its own on a node mean for `demand`.
    func ownInstances(of demand: Demand, on node: NodeID) -> Demand.OwnInstances {
        if demand.replaces, let own = demand.onlyFor, let version = jobs.part(of: own.job, \.version),
            allocations(on: node).contains(where: { $0.isReplaceable(by: own, version) })
        {
            return .givesRoom
        }
        return keeps(demand, off: node) ? .keepsOff : .nothing
    }

    /// Whether instances of an older version of a group run.
    func hasReplaceable(_ group: String, of record: JobRecord) -> Bool {
        let own = GroupKey(job: record.job.id, group: group)
        return allocations(of: record.job.id).contains { $0.isReplaceable(by: own, record.version) }
    }

    /// The nodes that instances of its own keep `demand` off.
    func nodes(takenFrom demand: Demand) -> Set<NodeID> {
        guard let own = demand.onlyFor, demand.apart != .nobody else { return [] }
        return Set(allocations(of: own.job).lazy.filter(demand.isKeptOff).map(\.node))
    }
}

extension Allocation {
    /// Whether it is an older instance of a group, which a new one may take the place of.
    func isReplaceable(by own: GroupKey, _ version: Int) -> Bool {
        isLive && job == own.job && group == own.group && jobVersion != version
    }
}

extension Demand {
    /// Whether an instance does not share a node with `allocation`.
    fileprivate func isKeptOff(by allocation: Allocation) -> Bool {
        guard let onlyFor, allocation.job == onlyFor.job, !allocation.isTerminal else { return false }
        return apart == .job || (apart == .group && allocation.group == onlyFor.group)
    }
}
