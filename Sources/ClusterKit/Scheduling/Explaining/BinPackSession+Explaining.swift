extension BinPackSession {
    /// What each node says to `request`.
    mutating func explain(_ request: PlacementRequest) -> Explanation {
        let candidates = candidates(for: request.subject)
        var takers: [(tier: Int, score: Double, line: Explanation.Line)] = []
        var others: [Explanation.Line] = []
        for (place, room) in rooms.enumerated() {
            var line = Explanation.Line(node: room.node.id, name: room.node.name)
            if let refusal = refusal(of: request, at: place, candidates) {
                line.refusal = refusal
                others.append(line)
                continue
            }
            let position = candidates.outlook.positions[place]
            let avoided = request.avoided.contains(room.node.id)
            guard let score = candidates.score(at: position, on: room, avoided: avoided) else { continue }
            line.score = score.mean
            line.parts = score.parts
            for locality in localities where line.parts[locality.name] == nil {
                line.parts[locality.name] = locality.value(of: request.subject, on: room.node)
            }
            let cell = candidates.outlook.cell(of: position)
            takers.append((candidates.outlook.cells[cell].tier, score.mean, line))
        }
        // The rooms are in the order of names: of equals the first name comes first.
        let order = takers.indices.sorted {
            (takers[$0].tier, -takers[$0].score, $0) < (takers[$1].tier, -takers[$1].score, $1)
        }
        let remedies = takers.isEmpty ? remedies(for: request, candidates) : []
        return Explanation(lines: order.map { takers[$0].line } + others, remedies: remedies)
    }

    /// The first rule that keeps `request` off the node at `place`.
    private func refusal(of request: PlacementRequest, at place: Int, _ candidates: Candidates) -> String? {
        let (room, outlook) = (rooms[place], candidates.outlook)
        if room.node.takesWork {
            if request.withheld.contains(room.node.id) { return Refusal.kept }
            if let pinned = request.pinned, pinned != room.node.id { return Refusal.elsewhere }
        }
        if let failure = outlook.failures[place] { return failure }
        if let barrier = candidates.barrier(at: outlook.positions[place]) { return barrier.line }
        return Shortage.all(candidates.rules.needs, on: room).first?.line
    }
}
