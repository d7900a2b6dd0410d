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
    private let kinPlaces: Set<Int>
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
        kinPlaces = Set(nodes.compactMap { session.places[$0] }.filter { session.field.number(ofWithheld: $0) == nil })
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
            for place in kinPlaces.sorted() where candidates.isOpen(place, in: tier, session.field) {
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

    /// The parts of a score that do not depend on the offer.
    private struct Parts {
        var antiAffinity: Double?
        var penalty: Double?
        let shared: IndexedCandidates.SharedParts

        func score(_ worth: PreemptionWorth) -> Double {
            var sum = PartSum(worth: worth.parts)
            sum.add(antiAffinity)
            sum.add(shared.affinity)
            return sum.mean(penalty: penalty, spread: shared.spread)
        }

        /// The least worth with which the score reaches `score`.
        func worth(atScore score: Double) -> Double {
            var others = PartSum(worth: 0)
            for part in [antiAffinity, shared.affinity, penalty, shared.spread] { others.add(part) }
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
            shared: candidates.sharedParts(at: place, session.field))
        if mayWin(promise, parts, place) { consider(place, parts, session) }
    }

    /// Looks at a node in full. Returns what its offer is worth.
    @discardableResult
    private mutating func consider(_ place: Int, _ parts: Parts, _ session: BinPackSession) -> PreemptionWorth {
        let rules = candidates.rules
        guard let offer = session.offer(at: place, rules.needs, limit: ask.limit, kinGroups: kinGroups) else {
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
        let possible = candidates.sharedParts(in: tier).map { Parts(shared: $0) }
        board.follow(session.yielding, session.field.kinds) { session.promise(at: $0, candidates.rules.needs, ask) }
        // A good one first spares most of the others.
        guard !possible.isEmpty, let first = board.best else { return }
        look(through: first, tier, possible, &board, session)
        var least = least(among: possible)
        for stretch in session.yielding.stretches.indices where stretch != first {
            let worth = board.worths[stretch]
            guard worth > .none, worth >= least else { continue }
            let start = session.yielding.places(of: stretch).lowerBound
            guard possible.contains(where: { mayWin(worth, $0, start) }) else { continue }
            look(through: stretch, tier, possible, &board, session)
            least = self.least(among: possible)
        }
    }

    /// What is worth less cannot win, whichever of `possible` it has beside it. Quicker to compare with than scores.
    private func least(among possible: [Parts]) -> PreemptionWorth {
        guard let best else { return PreemptionWorth(tellsNobody: wantsNoVictims, parts: -.infinity) }
        let parts = possible.reduce(Double.infinity) { min($0, $1.worth(atScore: best.score)) }
        // What keeps nobody from running wins over the others, whatever it is worth.
        return PreemptionWorth(tellsNobody: best.offer.victims.isEmpty, parts: parts - Rounding.sums)
    }

    private mutating func look(
        through stretch: Int, _ tier: Range<Int>, _ possible: [Parts], _ board: inout PreemptionBoard,
        _ session: BinPackSession
    ) {
        board.look(through: stretch, atLeast: least(among: possible), session.yielding, session.field.kinds) { place in
            session.promise(at: place, candidates.rules.needs, ask)
        } _: { place, worth in
            guard candidates.isOpen(place, in: tier, session.field), !kinPlaces.contains(place),
                session.field.number(ofWithheld: place) == nil
            else { return worth }
            let parts = Parts(shared: candidates.sharedParts(at: place, session.field))
            return mayWin(worth, parts, place) ? consider(place, parts, session) : worth
        }
    }
}
