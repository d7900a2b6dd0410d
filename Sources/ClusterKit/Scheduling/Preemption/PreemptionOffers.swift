/// What nodes offer that would have to end other work for an instance. As in `Candidates`, a run of equal requests
/// looks at each node once, and then at what has changed; nodes that cannot be better than the best one known are not
/// looked at in full.
struct PreemptionOffers {
    /// What one node offers.
    struct Offer {
        let victims: [AllocationID]
        let score: FitScore
    }

    private enum Look {
        /// Not looked at in full. No offer of the node is better than this.
        case promise(PartSum)
        case offer(victims: [AllocationID], own: PartSum)
        case none
    }

    private struct Summary {
        var winner: Candidates.Pick?
        /// The best that nodes of the block promise which were not looked at in full.
        var promise = Double.infinity
    }

    /// By position.
    private var looks: [Look] = []
    /// By block.
    private var summaries: [Summary]

    /// Sums of rounded numbers may differ by this in another order.
    private static let slack = 1e-9

    init(_ candidates: Candidates, in session: BinPackSession) {
        summaries = Array(repeating: Summary(), count: candidates.outlook.blocks.count)
        looks = candidates.outlook.places.indices.map { Self.promise(at: $0, candidates, session) }
    }

    /// The best node for `request`, and who ends there.
    mutating func best(
        for request: PlacementRequest, _ candidates: Candidates, in session: BinPackSession
    ) -> (pick: Candidates.Pick, victims: [AllocationID])? {
        let exceptions = CandidateExceptions(request, candidates.outlook, places: session.places)
        if let pinned = request.pinned {
            guard let place = session.places[pinned] else { return nil }
            let position = candidates.outlook.positions[place]
            guard position >= 0, candidates.isOpen(position) else { return nil }
            return pick(at: position, exceptions, candidates, session).flatMap(answer)
        }
        for tier in candidates.outlook.tiers {
            if let best = best(in: tier, exceptions, candidates, session) { return answer(best) }
        }
        return nil
    }

    private func answer(_ pick: Candidates.Pick) -> (pick: Candidates.Pick, victims: [AllocationID])? {
        guard case .offer(let victims, _) = looks[pick.position] else { return nil }
        return (pick, victims)
    }

    private mutating func best(
        in tier: Range<Int>, _ exceptions: CandidateExceptions, _ candidates: Candidates, _ session: BinPackSession
    ) -> Candidates.Pick? {
        let open = tier.filter { candidates.isOpen(candidates.outlook.blocks[$0].positions.lowerBound) }
        let ordinary = open.filter { !exceptions.blocks.contains($0) }
        var best: Candidates.Pick?
        for block in ordinary {
            if let winner = summaries[block].winner, winner.isBetter(than: best) { best = winner }
        }
        for block in ordinary where summaries[block].promise + Self.slack >= best?.score ?? -.infinity {
            summaries[block] = look(through: block, against: best, candidates, session)
            if let winner = summaries[block].winner, winner.isBetter(than: best) { best = winner }
        }
        for block in open where exceptions.blocks.contains(block) {
            for position in candidates.outlook.blocks[block].positions {
                if let pick = pick(at: position, exceptions, candidates, session), pick.isBetter(than: best) {
                    best = pick
                }
            }
        }
        return best
    }

    private mutating func look(
        through block: Int, against rival: Candidates.Pick?, _ candidates: Candidates, _ session: BinPackSession
    ) -> Summary {
        var summary = Summary(promise: -.infinity)
        for position in candidates.outlook.blocks[block].positions {
            if case .promise(let bound) = looks[position] {
                let promise = candidates.mean(of: bound, at: position, avoided: false)
                let least = max(rival?.score ?? -.infinity, summary.winner?.score ?? -.infinity)
                if promise + Self.slack < least {
                    summary.promise = max(summary.promise, promise)
                    continue
                }
            }
            let pick = pick(at: position, CandidateExceptions(), candidates, session)
            if let pick, pick.isBetter(than: summary.winner) { summary.winner = pick }
        }
        return summary
    }

    private mutating func pick(
        at position: Int, _ exceptions: CandidateExceptions, _ candidates: Candidates, _ session: BinPackSession
    ) -> Candidates.Pick? {
        if exceptions.withheld.contains(position) { return nil }
        if case .promise = looks[position] {
            looks[position] =
                session.preemptionOffer(at: position, candidates)
                .map { .offer(victims: $0.victims, own: $0.score.own) } ?? .none
        }
        guard case .offer(_, let own) = looks[position] else { return nil }
        let score = candidates.mean(of: own, at: position, avoided: exceptions.avoided.contains(position))
        return Candidates.Pick(position: position, place: candidates.outlook.places[position], score: score)
    }

    /// What the node at `position` offers at best, without a look at who would end.
    private static func promise(at position: Int, _ candidates: Candidates, _ session: BinPackSession) -> Look {
        let room = session.rooms[candidates.outlook.places[position]]
        let rules = candidates.rules
        let limit = rules.subject.job.priority &- VictimChoice.gap
        guard !candidates.isBarred(position), let lowest = room.yielding.lowest, lowest <= limit else { return .none }
        let needs = rules.needs
        let (cpu, sum) = (needs.cpu(coreShare: room.coreShare), room.yielding.sum(upTo: limit))
        guard needs.memory <= room.freeMemory &+ sum.memory, cpu <= room.freeCPU &+ sum.cpu,
            needs.disk <= room.freeDisk &+ sum.disk
        else { return .none }
        var score = candidates.score(
            at: position, binpack: candidates.binpackBound(on: room, freeing: sum),
            devices: needs.deviceWeight > 0 ? 1 : nil)
        score.preemption = lowest > 0 ? VictimChoice.part([lowest]) : 1
        return .promise(score.own)
    }

    /// Notes that the node at `position` took an instance, and that nodes of `blocks` may stand differently.
    mutating func changed(_ position: Int, _ blocks: [Int], _ candidates: Candidates, in session: BinPackSession) {
        looks[position] = Self.promise(at: position, candidates, session)
        for block in blocks { summaries[block] = Summary() }
    }
}
