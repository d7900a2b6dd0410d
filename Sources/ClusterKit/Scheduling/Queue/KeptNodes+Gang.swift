extension KeptNodes {
    /// What a gang that waits asks for.
    struct GangNeed {
        let entry: WaitingEntry
        let demand: Demand
        let filter: NodeFilter
    }

    /// The nodes to keep for all instances of a gang: as few as would hold them if nothing else ran there, those first
    /// of which the largest share is free. None when all nodes together could not hold them. Nodes that were chosen
    /// stay chosen as long as they can serve, so that room gathers there.
    func choice(for gang: GangNeed, _ survey: Survey) -> [Kept] {
        let known = all.filter { $0.waiter == gang.entry.waiter }
        let taken = survey.head.nodes(takenFrom: gang.demand)
        func offers(of nodes: some Sequence<NodeID>) -> [Offer] {
            nodes.compactMap { taken.contains($0) ? nil : Self.offer(of: $0, to: gang, survey) }
        }
        if !known.isEmpty, Self.reach(offers(of: known.map(\.node)), gang.entry.count) != nil { return known }
        let all = offers(of: survey.head.nodes.unordered.lazy.map(\.id))
        return Self.reach(all.sorted { $0.isBetter(than: $1) }, gang.entry.count) ?? []
    }

    /// What one node could do for a gang.
    private struct Offer {
        let kept: Kept
        /// How many instances it could hold.
        let capacity: Int

        func isBetter(than other: Offer) -> Bool {
            (kept.missing, other.capacity, kept.name, kept.node) < (
                other.kept.missing, capacity, other.kept.name,
                other.kept.node
            )
        }
    }

    /// The first of `offers` that hold `count` together; `nil` when all do not.
    private static func reach(_ offers: [Offer], _ count: Int) -> [Kept]? {
        var kept: [Kept] = []
        var held = 0
        for offer in offers {
            kept.append(offer.kept)
            held += offer.capacity
            if held >= count { return kept }
        }
        return nil
    }

    private static func offer(of id: NodeID, to gang: GangNeed, _ survey: Survey) -> Offer? {
        guard let node = survey.head.nodes[id], gang.filter.failure(on: node) == nil, let free = survey.vacancy(id)
        else { return nil }
        let opening = Opening(node, halls: [])
        guard opening.couldTake(gang.demand) else { return nil }
        let needs = gang.demand.amounts.countingCores(share: opening.coreShare)
        let isAlone = gang.demand.apart != .nobody || gang.demand.ports.contains { $0 != 0 }
        let most = isAlone ? 1 : gang.entry.count
        let capacity = min(most, needs.times(in: opening.whole))
        let missing = 1 - Double(min(capacity, needs.times(in: free))) / Double(max(1, capacity))
        return Offer(
            kept: Kept(
                waiter: gang.entry.waiter, serial: gang.entry.serial, rank: gang.entry.rank, node: id,
                name: node.name, missing: missing),
            capacity: capacity)
    }
}

extension DemandedAmounts {
    /// How often it fits in `room`, up to a million times.
    fileprivate func times(in room: Vacancy) -> Int {
        func times(_ need: Int, _ free: Int) -> Int { need > 0 ? max(0, free / need) : 1_000_000 }
        return min(
            times(cpu, room.cpuMHz), times(memory, room.memoryMiB), times(disk, room.diskMiB),
            times(cores, room.cores), 1_000_000)
    }
}
