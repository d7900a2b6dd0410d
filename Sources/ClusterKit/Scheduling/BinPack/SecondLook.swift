/// What a run of equal requests has found by looking at the nodes one by one. Through the index that comes second: when
/// no node takes an instance as it is, for those that could make room, and for why none takes it.
struct SecondLook {
    var candidates: Candidates
    /// Made when they are first asked for.
    var offers: PreemptionOffers?

    init(candidates: Candidates) { self.candidates = candidates }

    /// Notes that the node at `position` took an instance.
    mutating func changed(_ position: Int, in session: BinPackSession) {
        let place = candidates.outlook.places[position]
        let blocks = candidates.changed(position, room: session.rooms[place])
        offers?.changed(position, blocks, candidates, in: session)
    }

    /// Leaves out `nodes`, which the next request must not use, and nobody else.
    mutating func exclude(_ nodes: Set<NodeID>, in session: BinPackSession) {
        for position in candidates.exclude(nodes, rooms: session.rooms, places: session.places) {
            offers?.changed(position, [candidates.outlook.block(of: position)], candidates, in: session)
        }
    }

    /// Like `changed` for a place in the row of nodes.
    mutating func changed(at place: Int, in session: BinPackSession) {
        let position = candidates.outlook.positions[place]
        if position >= 0 { changed(position, in: session) }
    }
}
