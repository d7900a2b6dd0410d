extension BinPackSession {
    /// Whether instances of `job` may take the room of less important ones.
    func mayPreempt(_ job: Job) -> Bool { rules.preempting.contains(job.kind) }

    /// What the node at `position` offers to an instance that waits for ends: of work that makes room already, and of
    /// less important work beside it. `nil` when that is not enough, or not what the instance lacks.
    func preemptionOffer(at position: Int, _ candidates: Candidates) -> PreemptionOffers.Offer? {
        guard candidates.isOpen(position), !candidates.isBarred(position) else { return nil }
        let room = rooms[candidates.outlook.places[position]]
        let limit = candidates.rules.subject.job.priority &- VictimChoice.gap
        guard room.mayMakeRoom(upTo: limit) else { return nil }
        let holders = room.holders.compactMap { holder($0) }
        let yielding = holders.filter { holder in
            holder.yieldingPriority.map { $0 <= limit } ?? false && holder.instance.job != candidates.rules.instance.job
        }
        var choice = VictimChoice(candidates.rules.needs, on: room, going: holders.filter(\.isGoing))
        guard let (victims, awaited) = choice.victims(among: yielding), !victims.isEmpty || !awaited.isEmpty else {
            return nil
        }
        let left = self.room(room, without: victims + awaited)
        var score = candidates.score(
            at: position, binpack: candidates.binpack(on: left), devices: candidates.rules.needs.devicePart(on: left))
        score.preemption = VictimChoice.part(victims.compactMap(\.priority))
        return PreemptionOffers.Offer(
            ends: (victims + awaited).map(\.id), tellsNobody: victims.isEmpty, score: score)
    }

    func room(_ room: NodeRoom, without victims: [Held]) -> NodeRoom {
        var left = room
        for victim in victims { left.remove(victim) }
        return left
    }

    /// A place for an instance that no node takes as it is, which waits for the end of other work there.
    mutating func preempt(
        for request: PlacementRequest, among look: inout SecondLook, using entropy: inout Entropy
    ) -> (pick: Candidates.Pick, placement: Placement)? {
        guard mayPreempt(request.subject.job) else { return nil }
        if look.offers == nil { look.offers = PreemptionOffers(look.candidates, in: self) }
        guard let (pick, ends) = look.offers?.best(for: request, look.candidates, in: self) else { return nil }
        let left = room(rooms[pick.place], without: ends.compactMap { holder($0) })
        let (needs, instance) = (look.candidates.rules.needs, look.candidates.rules.instance)
        guard let resources = left.allocate(needs, using: &entropy) else { return nil }
        let node = reserve(request, instance, resources, at: pick.place)
        expect(ends, by: request.allocation)
        look.changed(pick.position, in: self)
        return (pick, Placement(node: node, resources: resources, score: pick.score, evicting: ends))
    }
}

extension NodeRoom {
    /// Whether work whose priority is at most `limit` may end here, or work that makes room already.
    func mayMakeRoom(upTo limit: Int) -> Bool { hasGoers || yielding.lowest.map { $0 <= limit } ?? false }
}
