/// Packs: of all nodes, the one that becomes fullest, with Nomad's score. Ties go to the name that sorts first.
///
/// Looks at every node for every request; what can be said once for equal requests is said once.
public struct BinPackScheduler: Scheduler {
    /// Makes the scheduler; it has nothing to set.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession { BinPackSession(snapshot) }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        let session = BinPackSession(snapshot)
        let filter = NodeFilter(request.subject.job, request.subject.group)
        let candidate = Candidates.Subject(request.subject)
        let lines = session.rooms.map { room in
            if room.node.takesWork, request.withheld.contains(room.node.id) {
                return Explanation.Line(node: room.node.id, name: room.node.name, refusal: Refusal.kept)
            }
            return line(for: room, filter: filter, subject: candidate, avoided: request.avoided.contains(room.node.id))
        }
        // The rooms are in the order of names and the sort keeps the order of equals, so ties stay with the first name.
        let takers = lines.filter { $0.score != nil }.sorted { ($0.score ?? 0) > ($1.score ?? 0) }
        return Explanation(lines: takers + lines.filter { $0.score == nil })
    }

    private func line(
        for room: NodeRoom, filter: NodeFilter, subject: Candidates.Subject, avoided: Bool
    ) -> Explanation.Line {
        let (id, name) = (room.node.id, room.node.name)
        if let rule = filter.failure(on: room.node) {
            return Explanation.Line(node: id, name: name, refusal: rule)
        }
        if let holders = subject.excluding(room) {
            return Explanation.Line(
                node: id, name: name, refusal: "distinct_hosts: \(holders) of its instances are here already")
        }
        if let shortage = Shortage.all(subject.needs, on: room).first {
            return Explanation.Line(node: id, name: name, refusal: shortage.line)
        }
        let score = subject.score(on: room, avoided: avoided)
        return Explanation.Line(node: id, name: name, score: score.mean, parts: score.parts)
    }
}
