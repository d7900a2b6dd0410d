/// An instance that takes the room of the one that it replaces.
extension BinPackSession {
    /// Where an instance has the place of the one that it replaces, and how well it fits there.
    struct Replacement {
        let position: Int
        let place: Int
        let score: FitScore
    }

    /// A place for an instance that no node takes beside the one that it replaces: that one's node, as if that one had
    /// ended.
    func replacement(for request: PlacementRequest, _ candidates: Candidates) -> Replacement? {
        guard let (old, place) = replaced(by: request, candidates.rules) else { return nil }
        let position = candidates.outlook.positions[place]
        guard position >= 0 else { return nil }
        var room = rooms[place]
        room.remove(old)
        let isAvoided = request.avoided.contains(old.node)
        return candidates.scoreReplacing(at: position, on: room, avoided: isAvoided)
            .map { Replacement(position: position, place: place, score: $0) }
    }

    /// The one whose room `request` may have, and where that is.
    func replaced(by request: PlacementRequest, _ rules: SubjectRules) -> (held: Held, place: Int)? {
        guard let id = request.replacing, let old = holder(id), let place = places[old.node],
            mayReplace(old, request, rules)
        else { return nil }
        return (old, place)
    }

    /// Whether the one that runs may end for the other there, and does not end for anybody else.
    private func mayReplace(_ old: Held, _ request: PlacementRequest, _ rules: SubjectRules) -> Bool {
        old.groupKey == rules.groupKey && old.isLive && !old.isGoing && !request.withheld.contains(old.node)
            && (request.pinned ?? old.node) == old.node
    }

    /// Places an instance where the one ends that it replaces.
    mutating func replace(
        for request: PlacementRequest, among look: inout NodewiseLook, using entropy: inout Entropy
    ) -> (place: Int, placement: Placement)? {
        guard let id = request.replacing, let found = replacement(for: request, look.candidates) else { return nil }
        let placement = makeRoom(
            at: found.place, for: request, look.candidates.rules, awaiting: [id], score: found.score.mean,
            using: &entropy)
        guard let placement else { return nil }
        look.noteInstance(at: found.position, in: self)
        return (found.place, placement)
    }

    /// Like `replace(for:among:using:)`, for nodes that stand in the index.
    mutating func replace(
        for request: PlacementRequest, among candidates: inout IndexedCandidates, _ nodewise: inout NodewiseLook?,
        using entropy: inout Entropy
    ) -> Placement? {
        guard request.replacing != nil else { return nil }
        var look = take(&nodewise, for: request)
        defer { nodewise = look }
        guard let (place, placement) = replace(for: request, among: &look, using: &entropy) else { return nil }
        candidates.willTake(place, field: &field)
        candidates.didTake(place, in: rooms, field)
        return placement
    }
}
