/// What nodes offer where other work has to end for an instance. An offer that tells nobody to end, because enough ends
/// for others already, comes before all that do. As in `Candidates`, a run of equal requests looks at each node once,
/// and then at what has changed; nodes that cannot be better than the best one known are not looked at in full.
struct PreemptionOffers {
    /// What one node offers.
    struct Offer {
        /// Whose end the instance awaits.
        let ends: [AllocationID]
        /// Whether all of them end for others already.
        let tellsNobody: Bool
        let score: FitScore
    }

    private enum Look {
        /// Not looked at in full. No offer of the node is better than this, and somebody is told to end.
        case promise(PartSum)
        case offer(Offer)
        case none
    }

    private struct Bid {
        let pick: Candidates.Pick
        let tellsNobody: Bool

        func isBetter(than other: Bid?) -> Bool {
            guard let other else { return true }
            return tellsNobody == other.tellsNobody ? pick.isBetter(than: other.pick) : tellsNobody
        }

        /// What keeps its promise, and promises less, is not better.
        var bar: Double { tellsNobody ? .infinity : pick.score }
    }

    private struct Summary {
        var winner: Bid?
        /// The best that nodes of the block promise which were not looked at in full.
        var promise = Double.infinity
    }

    /// By position.
    private var looks: [Look] = []
    /// By block.
    private var summaries: [Summary]

    init(_ candidates: Candidates, in session: BinPackSession) {
        summaries = Array(repeating: Summary(), count: candidates.outlook.blocks.count)
        looks = candidates.outlook.places.indices.map { Self.look(at: $0, candidates, session) }
    }

    /// The best node for `request`, and whose end it awaits there.
    mutating func best(
        for request: PlacementRequest, _ candidates: Candidates, in session: BinPackSession
    ) -> (pick: Candidates.Pick, ends: [AllocationID])? {
        let avoided = AvoidedPositions(request, candidates.outlook, places: session.places)
        if let pinned = request.pinned {
            guard let place = session.places[pinned] else { return nil }
            let position = candidates.outlook.positions[place]
            guard position >= 0, candidates.isOpen(position) else { return nil }
            return bid(at: position, avoided, candidates, session).flatMap(answer)
        }
        var first: Bid?
        for tier in candidates.outlook.tiers {
            guard let best = best(in: tier, avoided, candidates, session) else { continue }
            if best.tellsNobody { return answer(best) }
            first = first ?? best
        }
        return first.flatMap(answer)
    }

    private func answer(_ bid: Bid) -> (pick: Candidates.Pick, ends: [AllocationID])? {
        guard case .offer(let offer) = looks[bid.pick.position] else { return nil }
        return (bid.pick, offer.ends)
    }

    private mutating func best(
        in tier: Range<Int>, _ avoided: AvoidedPositions, _ candidates: Candidates, _ session: BinPackSession
    ) -> Bid? {
        let open = tier.filter { candidates.isOpen(candidates.outlook.blocks[$0].positions.lowerBound) }
        let ordinary = open.filter { !avoided.blocks.contains($0) }
        var best: Bid?
        for block in ordinary {
            if let winner = summaries[block].winner, winner.isBetter(than: best) { best = winner }
        }
        for block in ordinary where summaries[block].promise + Rounding.sums >= best?.bar ?? -.infinity {
            summaries[block] = look(through: block, against: best, candidates, session)
            if let winner = summaries[block].winner, winner.isBetter(than: best) { best = winner }
        }
        for block in open where avoided.blocks.contains(block) {
            for position in candidates.outlook.blocks[block].positions {
                if let bid = bid(at: position, avoided, candidates, session), bid.isBetter(than: best) { best = bid }
            }
        }
        return best
    }

    private mutating func look(
        through block: Int, against rival: Bid?, _ candidates: Candidates, _ session: BinPackSession
    ) -> Summary {
        var summary = Summary(promise: -.infinity)
        for position in candidates.outlook.blocks[block].positions {
            if case .promise(let bound) = looks[position] {
                let promise = candidates.mean(of: bound, at: position, avoided: false)
                let least = max(rival?.bar ?? -.infinity, summary.winner?.bar ?? -.infinity)
                if promise + Rounding.sums < least {
                    summary.promise = max(summary.promise, promise)
                    continue
                }
            }
            let bid = bid(at: position, AvoidedPositions(), candidates, session)
            if let bid, bid.isBetter(than: summary.winner) { summary.winner = bid }
        }
        return summary
    }

    private mutating func bid(
        at position: Int, _ avoided: AvoidedPositions, _ candidates: Candidates, _ session: BinPackSession
    ) -> Bid? {
        if case .promise = looks[position] {
            looks[position] = session.preemptionOffer(at: position, candidates).map { .offer($0) } ?? .none
        }
        guard case .offer(let offer) = looks[position] else { return nil }
        let score = candidates.mean(of: offer.score.own, at: position, avoided: avoided.positions.contains(position))
        let pick = Candidates.Pick(position: position, place: candidates.outlook.places[position], score: score)
        return Bid(pick: pick, tellsNobody: offer.tellsNobody)
    }

    /// What the node at `position` offers: at best, without a look at who would end, unless somebody ends already.
    private static func look(at position: Int, _ candidates: Candidates, _ session: BinPackSession) -> Look {
        let room = session.rooms[candidates.outlook.places[position]]
        let rules = candidates.rules
        let limit = rules.subject.job.priority &- VictimChoice.gap
        guard !candidates.isBarred(position), room.mayMakeRoom(upTo: limit) else { return .none }
        let needs = rules.needs
        var (cpu, sum) = (needs.cpu(coreShare: room.coreShare), room.yielding.extent(upTo: limit).sum)
        sum.add(room.going)
        guard needs.memory <= room.freeMemory &+ sum.memory, cpu <= room.freeCPU &+ sum.cpu,
            needs.disk <= room.freeDisk &+ sum.disk
        else { return .none }
        if room.hasDeparting { return session.preemptionOffer(at: position, candidates).map { .offer($0) } ?? .none }
        var score = candidates.score(
            at: position, binpack: candidates.binpackBound(on: room, freeing: sum),
            devices: needs.deviceWeight > 0 ? 1 : nil)
        let lowest = room.yielding.lowest ?? 0
        score.preemption = lowest > 0 ? VictimChoice.part([lowest]) : 1
        return .promise(score.own)
    }

    /// Notes that the node at `position` stands differently, and that nodes of `blocks` may.
    mutating func noteChange(
        at position: Int, _ blocks: [Int], _ candidates: Candidates, in session: BinPackSession
    ) {
        looks[position] = Self.look(at: position, candidates, session)
        for block in blocks { summaries[block] = Summary() }
    }
}
