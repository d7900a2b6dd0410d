/// What a run of equal requests has found by looking at each node. In small clusters that is the only look; beside the
/// index it is made when no node takes an instance as it is: to find who could make room, and to say why none takes it.
struct NodewiseLook {
    var candidates: Candidates
    /// Made when they are first asked for.
    var offers: PreemptionOffers?

    init(candidates: Candidates) { self.candidates = candidates }

    /// Notes that the node at `position` took an instance.
    mutating func noteInstance(at position: Int, in session: BinPackSession) {
        let place = candidates.outlook.places[position]
        let blocks = candidates.noteInstance(at: position, room: session.rooms[place])
        offers?.noteChange(at: position, blocks, candidates, in: session)
    }

    /// Leaves out `nodes`, which the next request must not use, and nobody else.
    mutating func exclude(_ nodes: Set<NodeID>, in session: BinPackSession) {
        for position in candidates.exclude(nodes, rooms: session.rooms, places: session.places) {
            offers?.noteChange(at: position, [candidates.outlook.block(of: position)], candidates, in: session)
        }
    }

    /// Like `noteInstance(at:in:)` for a place in the row of nodes.
    mutating func noteInstance(atPlace place: Int, in session: BinPackSession) {
        let position = candidates.outlook.positions[place]
        if position >= 0 { noteInstance(at: position, in: session) }
    }
}
