extension BinPackSession: ExplainingSession {
    /// A node that would take the request: where it stands among others, and what is said of it.
    private struct Taker {
        let tier: Int
        let score: Double
        let line: Explanation.Line
    }

    mutating func explain(_ request: PlacementRequest) -> Explanation { explain(request) { _, _ in true } }

    /// What each node says to `request`.
    mutating func explain(
        _ request: PlacementRequest, where leaves: (_ ended: [AllocationID], _ node: NodeID) -> Bool
    ) -> Explanation {
        let candidates = candidates(for: request.subject)
        var takers: [Taker] = []
        var others: [(place: Int, line: Explanation.Line)] = []
        for (place, room) in rooms.enumerated() {
            if let (words, rule) = refusal(of: request, at: place, candidates) {
                var line = Explanation.Line(node: room.node.id, name: room.node.name, refusal: words, rule: rule)
                if words == candidates.outlook.failures[place] {
                    line.found = candidates.rules.filter.word(of: room.node)
                }
                others.append((place, line))
                continue
            }
            let position = candidates.outlook.positions[place]
            let avoided = request.avoided.contains(room.node.id)
            // It has a score: `refusal` asks all that `score` asks.
            guard let score = candidates.score(at: position, on: room, avoided: avoided) else { continue }
            takers.append(taker(request, at: position, score, candidates))
        }
        if takers.isEmpty, let id = request.replacing, let found = replacement(for: request, candidates) {
            others.removeAll { place, _ in place == found.place }
            takers.append(taker(request, at: found.position, found.score, evicting: [id], candidates))
        }
        // Nobody is told to end where it is enough to wait for those who end already.
        for tellsNobody in [true, false] where takers.isEmpty && mayPreempt(request.subject.job) {
            others.removeAll { place, _ in
                guard let taker = preempting(request, at: place, candidates, tellsNobody: tellsNobody) else {
                    return false
                }
                takers.append(taker)
                return true
            }
        }
        // The rooms are in the order of names: of equals the first name comes first.
        let order = takers.indices.sorted {
            (takers[$0].tier, -takers[$0].score, $0) < (takers[$1].tier, -takers[$1].score, $1)
        }
        let remedies = takers.isEmpty ? remedies(for: request, candidates, where: leaves) : []
        return Explanation(lines: order.map { takers[$0].line } + others.map(\.line), remedies: remedies)
    }

    private func taker(
        _ request: PlacementRequest, at position: Int, _ score: FitScore, evicting: [AllocationID] = [],
        _ candidates: Candidates
    ) -> Taker {
        let node = rooms[candidates.outlook.places[position]].node
        var line = Explanation.Line(
            node: node.id, name: node.name, score: score.mean, parts: score.parts, evicting: evicting)
        for locality in localities where line.parts[locality.name] == nil {
            line.parts[locality.name] = locality.value(of: request.subject, on: node)
        }
        let cell = candidates.outlook.cell(of: position)
        return Taker(tier: candidates.outlook.cells[cell].tier, score: score.mean, line: line)
    }

    /// What the node at `place` would offer once others have ended: those who end already, or less important ones too.
    private func preempting(
        _ request: PlacementRequest, at place: Int, _ candidates: Candidates, tellsNobody: Bool
    ) -> Taker? {
        let position = candidates.outlook.positions[place]
        let node = rooms[place].node
        guard position >= 0, mayTake(request, node), let offer = preemptionOffer(at: position, candidates),
            offer.tellsNobody || !tellsNobody
        else { return nil }
        let score = candidates.completed(offer.score, at: position, avoided: request.avoided.contains(node.id))
        return taker(request, at: position, score, evicting: offer.ends, candidates)
    }

    /// The first rule that keeps `request` off the node at `place`, with the numbers of the node and, where such differ
    /// between nodes, without.
    private func refusal(
        of request: PlacementRequest, at place: Int, _ candidates: Candidates
    ) -> (words: String, rule: String?)? {
        let (room, outlook) = (rooms[place], candidates.outlook)
        if room.node.takesWork {
            if request.withheld.contains(room.node.id) { return (Refusal.kept, nil) }
            if let pinned = request.pinned, pinned != room.node.id { return (Refusal.elsewhere, nil) }
        }
        if let failure = outlook.failures[place] { return (failure, nil) }
        if let barrier = candidates.barrier(at: outlook.positions[place]) { return (barrier.line, nil) }
        return Shortage.all(candidates.rules.needs, on: room).first.map { ($0.line, $0.rule) }
    }
}
