/// What one node offers to an instance that waits for the end of other work there.
struct RoomOffer {
    /// Who is told to end.
    let victims: [Held]
    /// Who ends already, and is awaited as well.
    let awaited: [Held]
    /// How full the node becomes.
    let binpack: Double
    /// How little the victims matter.
    let preemption: Double

    var ends: [Held] { victims + awaited }
    var worth: PreemptionWorth { PreemptionWorth(tellsNobody: victims.isEmpty, parts: binpack + preemption) }
}

extension BinPackSession {
    /// What the node at `place` offers an instance of `job`; `nil` when the end of all that may end is not enough, or
    /// when nothing has to end.
    func offer(at place: Int, _ needs: GroupNeeds, limit: Int, job: JobID) -> RoomOffer? {
        let room = rooms[place]
        guard room.mayMakeRoom(upTo: limit) else { return nil }
        let holders = held.holders(on: room.node.id)
        let yielding = holders.filter { holder in
            holder.yieldingPriority.map { $0 <= limit } ?? false && holder.instance.job != job
        }
        var choice = VictimChoice(needs, on: room, going: holders.filter(\.isGoing))
        guard let (victims, awaited) = choice.victims(among: yielding), !victims.isEmpty || !awaited.isEmpty else {
            return nil
        }
        var freed = YieldingWork.Amounts.none
        for holder in victims + awaited { freed.add(NodeRoom.amounts(of: holder)) }
        return RoomOffer(
            victims: victims, awaited: awaited, binpack: needs.binpack(on: room.level, freeing: freed, rules.algorithm),
            preemption: VictimChoice.part(victims.compactMap(\.priority)))
    }

    /// No offer of the node at `place` is worth more; `nil` when it has none.
    func promise(at place: Int, _ needs: GroupNeeds, _ ask: PreemptionAsk) -> PreemptionWorth? {
        let soon = YieldingWork.Amounts.each(rooms[place].free, rooms[place].going, &+)
        let (sum, largest) = rooms[place].yielding.extent(upTo: ask.limit)
        guard ask.fits(in: YieldingWork.Amounts.each(soon, sum, &+)) else { return nil }
        let freeing = YieldingWork.Amounts.each(rooms[place].going, sum, &+)
        let fit = needs.binpackBound(on: rooms[place].level, freeing: freeing, ask.algorithm)
        if rooms[place].hasGoers, ask.fits(in: soon) {
            return PreemptionWorth(tellsNobody: true, parts: fit + VictimChoice.part([]))
        }
        guard let lowest = rooms[place].yielding.lowest, lowest <= ask.limit,
            let count = ask.fewest(free: soon, largest: largest)
        else { return nil }
        return PreemptionWorth(tellsNobody: false, parts: fit + VictimChoice.best(lowest: lowest, count: count))
    }
}
