/// The search for who makes room for one request, with the answers of `PreemptionOffers`: stretches of nodes that
/// cannot be better than the best one known are passed over, and so are nodes of the others.
struct PreemptionSearch {
    /// The node that was found, and what it offers.
    struct Found {
        let place: Int
        let offer: RoomOffer
        let score: Double
    }

    private let request: PlacementRequest
    private let ask: PreemptionAsk
    private let candidates: IndexedCandidates
    /// Nodes that run other groups of the job: what is known of offers to any job does not hold for them.
    private let kin: Set<Int>
    /// Those groups, by number.
    private let kinGroups: [Int32]
    private var best: Found?
    /// Whether a tier before has a node where somebody has to be told.
    private var wantsNoVictims = false

    init(
        _ request: PlacementRequest, _ ask: PreemptionAsk, _ candidates: IndexedCandidates, in session: BinPackSession
    ) {
        (self.request, self.ask, self.candidates) = (request, ask, candidates)
        kinGroups = session.held.numbers(of: candidates.rules.groupKey.job)
        let nodes = session.held.ofJob(candidates.rules.groupKey.job).keys
        kin = Set(nodes.compactMap { session.places[$0] }.filter { session.field.number(ofWithheld: $0) == nil })
    }

    /// The best of the first tier that has a node on which nobody is told to end; else of the first that has one.
    mutating func run(_ board: inout PreemptionBoard, in session: BinPackSession) -> Found? {
        if let pinned = request.pinned {
            if let place = session.places[pinned], candidates.isOpen(place, session.field) { look(at: place, session) }
            return best
        }
        var first: Found?
        for tier in candidates.outlook.tiers {
            best = nil
            for place in candidates.singlePlaces where candidates.isOpen(place, in: tier, session.field) {
                look(at: place, session)
            }
            for place in kin.sorted() where candidates.isOpen(place, in: tier, session.field) {
                look(at: place, session)
            }
            look(through: tier, &board, session)
            if let best, best.offer.victims.isEmpty { return best }
            first = first ?? best
            wantsNoVictims = first != nil
        }
        return first
    }

    // MARK: One node

    /// What a score has beside what the offer is worth.
    private struct Parts {
        var antiAffinity: Double?
        var penalty: Double?
        let rest: IndexedCandidates.Rest

        func score(_ worth: PreemptionWorth) -> Double {
            var sum = PartSum(worth: worth.parts)
            sum.add(antiAffinity)
            sum.add(rest.affinity)
            return sum.mean(penalty: penalty, spread: rest.spread)
        }

        /// The worth with which the score is `score`.
        func worth(atScore score: Double) -> Double {
            var others = PartSum(worth: 0)
            for part in [antiAffinity, rest.affinity, penalty, rest.spread] { others.add(part) }
            return score * Double(others.parts) - others.sum
        }
    }

    /// Looks at a node by itself.
    private mutating func look(at place: Int, _ session: BinPackSession) {
        let member = candidates.member(at: place, session.field)
        guard member?.isExcluded != true, member?.hosted ?? 0 == 0,
            let promise = session.promise(at: place, candidates.rules.needs, ask)
        else { return }
        let parts = Parts(
            antiAffinity: FitScore.antiAffinity(
                siblings: member?.siblings ?? 0, count: request.subject.group.count),
            penalty: request.avoided.contains(session.rooms[place].node.id) ? -1 : nil,
            rest: candidates.rest(at: place, session.field))
        if mayWin(promise, parts, place) { consider(place, parts, session) }
    }

    /// Looks at a node in full. Gives what its offer is worth.
    @discardableResult
    private mutating func consider(_ place: Int, _ parts: Parts, _ session: BinPackSession) -> PreemptionWorth {
        let rules = candidates.rules
        guard let offer = session.offer(at: place, rules.needs, limit: ask.limit, kin: kinGroups) else {
            return .none
        }
        if mayWin(offer.worth, parts, place) {
            best = Found(place: place, offer: offer, score: parts.score(offer.worth))
        }
        return offer.worth
    }

    private func mayWin(_ worth: PreemptionWorth, _ parts: Parts, _ place: Int) -> Bool {
        if wantsNoVictims, !worth.tellsNobody { return false }
        guard let best else { return true }
        if worth.tellsNobody != best.offer.victims.isEmpty { return worth.tellsNobody }
        let score = parts.score(worth)
        return score != best.score ? score > best.score : place < best.place
    }

    // MARK: All others

    private mutating func look(
        through tier: Range<Int>, _ board: inout PreemptionBoard, _ session: BinPackSession
    ) {
        let rests = candidates.rests(in: tier).map { Parts(rest: $0) }
        board.follow(session.yielding, session.field.kinds) { session.promise(at: $0, candidates.rules.needs, ask) }
        // A good one first spares most of the others.
        guard !rests.isEmpty, let first = board.best else { return }
        look(through: first, tier, rests, &board, session)
        var least = least(among: rests)
        for block in session.yielding.blocks.indices where block != first {
            let worth = board.worths[block]
            guard worth > .none, worth >= least else { continue }
            let start = session.yielding.places(of: block).lowerBound
            guard rests.contains(where: { mayWin(worth, $0, start) }) else { continue }
            look(through: block, tier, rests, &board, session)
            least = self.least(among: rests)
        }
    }

    /// What is worth less cannot win, whichever of `rests` it has beside it. Quicker to compare with than scores.
    private func least(among rests: [Parts]) -> PreemptionWorth {
        guard let best else { return PreemptionWorth(tellsNobody: wantsNoVictims, parts: -.infinity) }
        let parts = rests.reduce(Double.infinity) { min($0, $1.worth(atScore: best.score)) }
        // What keeps nobody from running wins over the others, whatever it is worth.
        return PreemptionWorth(tellsNobody: best.offer.victims.isEmpty, parts: parts - Self.slack)
    }

    /// Sums of rounded numbers may differ by this in another order.
    private static let slack = 1e-9

    private mutating func look(
        through block: Int, _ tier: Range<Int>, _ rests: [Parts], _ board: inout PreemptionBoard,
        _ session: BinPackSession
    ) {
        board.look(through: block, atLeast: least(among: rests), session.yielding, session.field.kinds) { place in
            session.promise(at: place, candidates.rules.needs, ask)
        } _: { place, worth in
            guard candidates.isOpen(place, in: tier, session.field), !kin.contains(place),
                session.field.number(ofWithheld: place) == nil
            else { return worth }
            let parts = Parts(rest: candidates.rest(at: place, session.field))
            return mayWin(worth, parts, place) ? consider(place, parts, session) : worth
        }
    }
}
