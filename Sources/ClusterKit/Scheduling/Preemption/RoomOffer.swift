/// What one node offers to an instance that waits for the end of other work there.
struct RoomOffer {
    /// Who is told to end.
    let victims: [Contender]
    /// Who ends already, and is awaited as well.
    let awaited: [Contender]
    /// How full the node becomes.
    let binpack: Double
    /// How little the victims matter.
    let preemption: Double

    var ends: [AllocationID] { (victims + awaited).map(\.id) }
    var worth: PreemptionWorth { PreemptionWorth(tellsNobody: victims.isEmpty, parts: binpack + preemption) }
}

extension BinPackSession {
    /// What the node at `place` offers an instance; `nil` when the end of all that may end is not enough, or when
    /// nothing has to end. Groups of its own job, which are `kinGroups`, stay.
    func offer(at place: Int, _ needs: GroupNeeds, limit: Int, kinGroups: [Int32]) -> RoomOffer? {
        guard rooms[place].mayMakeRoom(upTo: limit) else { return nil }
        var (yielding, going): ([Contender], [Contender]) = ([], [])
        held.visit(onNode: rooms[place].number) { holder in
            if holder.isGoing { going.append(holder) }
            if holder.yields, holder.priority <= limit, !kinGroups.contains(holder.group) { yielding.append(holder) }
        }
        var choice = VictimChoice(
            needs, on: rooms[place].gauge, going: going, full: needs.isPlain ? nil : fullTrial(at: place, needs))
        guard let (victims, awaited) = choice.victims(among: yielding), !victims.isEmpty || !awaited.isEmpty else {
            return nil
        }
        var freed = PlacementIndex.Amounts.none
        for holder in victims { freed.add(holder.amounts) }
        for holder in awaited { freed.add(holder.amounts) }
        return RoomOffer(
            victims: victims, awaited: awaited,
            binpack: needs.binpack(on: rooms[place].gauge, freeing: freed, schedulingRules.algorithm),
            preemption: VictimChoice.part(victims.map(\.priority)))
    }

    private func fullTrial(at place: Int, _ needs: GroupNeeds) -> FullTrial {
        let holders = held.holders(on: rooms[place].node.id).map { ($0.id, $0) }
        return FullTrial(room: rooms[place], needs: needs, holders: Dictionary(holders) { first, _ in first })
    }

    /// No offer of the node at `place` is worth more; `nil` when it has none.
    func promise(at place: Int, _ needs: GroupNeeds, _ ask: PreemptionAsk) -> PreemptionWorth? {
        let soon = PlacementIndex.Amounts.each(rooms[place].free, rooms[place].going, &+)
        let (sum, largest) = rooms[place].yielding.extent(upTo: ask.limit)
        guard ask.fits(in: PlacementIndex.Amounts.each(soon, sum, &+)) else { return nil }
        let freeing = PlacementIndex.Amounts.each(rooms[place].going, sum, &+)
        let fit = needs.binpackBound(on: rooms[place].gauge, freeing: freeing, ask.algorithm)
        if rooms[place].hasDeparting, ask.fits(in: soon) {
            return PreemptionWorth(tellsNobody: true, parts: fit + VictimChoice.part([]))
        }
        guard let lowest = rooms[place].yielding.lowest, lowest <= ask.limit,
            let count = ask.fewest(free: soon, largest: largest)
        else { return nil }
        return PreemptionWorth(tellsNobody: false, parts: fit + VictimChoice.best(lowest: lowest, count: count))
    }
}
