import HeapModule

/// A node that may have room for those who wait, as far as it does not change within a round.
struct Opening: Sendable {
    let node: Node
    /// The processor time that one exclusive core takes along.
    let coreShare: Int
    /// What it would have if nothing ran there.
    let whole: Vacancy
    /// The halls whose work it admits.
    let halls: [Int]

    init(_ node: Node, halls: [Int]) {
        let room = NodeRoom(node)
        self.node = node
        coreShare = room.coreShare
        whole = Vacancy(room)
        self.halls = halls
    }

    /// Whether there is room for `demand` as long as nothing else runs here.
    func couldTake(_ demand: Demand) -> Bool {
        demand.amounts.countingCores(share: coreShare).fits(in: whole)
            && demand.ports.allSatisfy { !node.reservedPorts.contains($0) }
    }
}

/// The nodes that are looked at in a round, the one first whose next turn has the best rank.
///
/// What is noted of a node is never better than what holds: room only shrinks in a round, and who was refused is set
/// aside. So only the node at the front is asked anew.
struct Openings: Sendable {
    private struct Turn: Comparable, Sendable {
        /// `nil` is not known, which comes first.
        let rank: QueueRank?
        let node: NodeID

        static func < (left: Turn, right: Turn) -> Bool {
            guard left.rank != right.rank else { return left.node < right.node }
            guard let first = left.rank, let second = right.rank else { return left.rank == nil }
            return first < second
        }
    }

    private var nodes: [NodeID: Opening] = [:]
    private var turns = Heap<Turn>()

    init() {}

    /// Takes nodes in and asks all of them anew.
    mutating func open(_ opened: [Opening]) {
        for opening in opened { nodes[opening.node.id] = opening }
        turns = Heap(nodes.keys.map { Turn(rank: nil, node: $0) })
    }

    /// The node to ask, and the rank that it was known to have.
    var first: (opening: Opening, rank: QueueRank?)? {
        guard let turn = turns.min, let opening = nodes[turn.node] else { return nil }
        return (opening, turn.rank)
    }

    /// Notes the answer for `first`: the rank of the first in the queue that may use it, or that nobody may.
    mutating func note(_ rank: QueueRank?) {
        guard let turn = turns.min else { return }
        if let rank {
            turns.replaceMin(with: Turn(rank: rank, node: turn.node))
        } else {
            turns.removeMin()
            nodes[turn.node] = nil
        }
    }
}
