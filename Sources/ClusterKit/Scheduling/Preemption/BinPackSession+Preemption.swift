extension BinPackSession {
    /// Whether instances of `job` may take the room of less important ones.
    func mayPreempt(_ job: Job) -> Bool { schedulingRules.preempting.contains(job.kind) }

    /// What the node at `position` offers to an instance that waits for ends: of work that makes room already, and of
    /// less important work beside it. `nil` when that is not enough, or not what the instance lacks.
    func preemptionOffer(at position: Int, _ candidates: Candidates) -> PreemptionOffers.Offer? {
        guard candidates.isOpen(position), !candidates.isBarred(position) else { return nil }
        let place = candidates.outlook.places[position]
        let (needs, job) = (candidates.rules.needs, candidates.rules.subject.job)
        let limit = job.priority &- VictimChoice.gap
        guard let offer = offer(at: place, needs, limit: limit, kinGroups: held.numbers(of: job.id)) else { return nil }
        let devices = needs.deviceWeight > 0 ? needs.devicePart(on: room(at: place, without: offer.ends)) : nil
        var score = candidates.score(at: position, binpack: offer.binpack, devices: devices)
        score.preemption = offer.preemption
        return PreemptionOffers.Offer(
            ends: offer.ends, tellsNobody: offer.victims.isEmpty, score: score)
    }

    private func room(at place: Int, without ends: [AllocationID]) -> NodeRoom {
        var left = rooms[place]
        for end in ends { holder(end).map { left.remove($0) } }
        return left
    }

    /// A place for an instance that no node takes as it is, which waits for the end of other work there.
    mutating func preempt(
        for request: PlacementRequest, among look: inout NodewiseLook, using entropy: inout Entropy
    ) -> (pick: Candidates.Pick, placement: Placement)? {
        guard mayPreempt(request.subject.job) else { return nil }
        if look.offers == nil { look.offers = PreemptionOffers(look.candidates, in: self) }
        guard let (pick, ends) = look.offers?.best(for: request, look.candidates, in: self) else { return nil }
        let placement = makeRoom(
            at: pick.place, for: request, look.candidates.rules, awaiting: ends,
            score: pick.score, using: &entropy)
        guard let placement else { return nil }
        look.noteInstance(at: pick.position, in: self)
        return (pick, placement)
    }

    /// Places an instance where others end before.
    mutating func makeRoom(
        at place: Int, for request: PlacementRequest, _ rules: SubjectRules, awaiting ends: [AllocationID],
        score: Double,
        using entropy: inout Entropy
    ) -> Placement? {
        let left = rules.needs.isPlain ? rooms[place] : room(at: place, without: ends)
        guard let resources = left.allocate(rules.needs, using: &entropy) else { return nil }
        let node = reserve(request, rules.groupKey, resources, at: place)
        expect(ends, by: request.allocation)
        return Placement(
            node: node, nodeName: rooms[place].name, resources: resources, score: score, evicting: ends)
    }

    // MARK: Through the index

    /// Whether stretches of nodes can tell enough: what cores and devices come free is asked node by node.
    func searchesStretches(for needs: GroupNeeds) -> Bool { needs.cores == 0 && needs.devices.isEmpty }

    /// Like `preempt(for:among:using:)` of a `NodewiseLook`, without a look at each node. `candidates` were asked for
    /// the best node before, in vain.
    mutating func preempt(
        for request: PlacementRequest, among candidates: IndexedCandidates, using entropy: inout Entropy
    ) -> (place: Int, placement: Placement)? {
        let rules = candidates.rules
        guard mayPreempt(request.subject.job) else { return nil }
        if yielding.isEmpty { yielding = YieldingStretches(rooms) }
        let ask = PreemptionAsk(
            cpu: rules.needs.cpu, memory: rules.needs.memory, disk: rules.needs.disk,
            ports: rules.needs.ports.map(\.number).sorted(),
            limit: request.subject.job.priority &- VictimChoice.gap, algorithm: schedulingRules.algorithm)
        var board = takeBoard(PreemptionBoard.Key(ask: ask, admitted: candidates.outlook.positions.map { $0 >= 0 }))
        defer { boards.append(board) }
        yielding.refresh(rooms) { !board.hasLooked(through: $0) }
        var search = PreemptionSearch(request, ask, candidates, in: self)
        guard let found = search.run(&board, in: self) else { return nil }
        let placement = makeRoom(
            at: found.place, for: request, rules, awaiting: found.offer.ends, score: found.score, using: &entropy)
        return placement.map { (found.place, $0) }
    }

    /// The board for an ask, taken from the others; a new one in place of the one that is longest unused.
    private mutating func takeBoard(_ key: PreemptionBoard.Key) -> PreemptionBoard {
        if let known = boards.firstIndex(where: { $0.key == key }) { return boards.remove(at: known) }
        if boards.count >= Self.mostBoards { boards.removeFirst() }
        return PreemptionBoard(key, stretches: yielding.stretches.count)
    }
}

extension NodeRoom {
    /// Whether work whose priority is at most `limit` may end here, or work that makes room already.
    func mayMakeRoom(upTo limit: Int) -> Bool { hasDeparting || yielding.lowest.map { $0 <= limit } ?? false }
}
