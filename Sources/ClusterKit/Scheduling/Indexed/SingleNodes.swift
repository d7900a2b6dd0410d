import HeapModule

/// Nodes that are scored one by one.
///
/// Those of one cell bid in a heap whose top is the best. Who has changed bids once more, and what is no longer true is
/// dropped when it comes to the top. When the cell stands differently in the spreads, all bids are made anew, but not
/// before somebody could win by that.
struct SingleNodes {
    /// One node.
    struct Member {
        let place: Int
        let position: Int
        let cell: Int
        /// Instances of the group that it has.
        var siblings: Int
        /// Instances that `distinct_hosts` counts.
        var hosted: Int
        /// The parts of the score that depend on the node alone; `nil` when it does not take the next instance.
        var own: PartSum?
        /// Of its latest bid.
        fileprivate var score = -Double.infinity

        init(place: Int, position: Int, cell: Int, siblings: Int, hosted: Int) {
            (self.place, self.position, self.cell) = (place, position, cell)
            (self.siblings, self.hosted) = (siblings, hosted)
        }
    }

    /// Nodes that one request treats in another way than others, by place.
    struct Exceptions {
        var avoided: Set<Int> = []
        var withheld: Set<Int> = []
        var isEmpty: Bool { avoided.isEmpty && withheld.isEmpty }

        init() {}
    }

    private struct Bid: Comparable {
        let score: Double
        let place: Int
        let number: Int

        /// Of equals the node whose name comes first is the best.
        static func < (left: Bid, right: Bid) -> Bool {
            left.score != right.score ? left.score < right.score : left.place > right.place
        }
    }

    /// The nodes of one cell.
    private struct Pool {
        var members: [Int] = []
        var bids = Heap<Bid>()
        var isStale = true
        /// By the number of parts, the highest sum that one ever had.
        var most = Array(repeating: -Double.infinity, count: PartSum.mostParts + 1)

        /// No member has a higher score.
        func bound(_ spread: Double?) -> Double {
            var bound = -Double.infinity
            for count in 1..<most.count where most[count] > -.infinity {
                bound = max(bound, PartSum(sum: most[count], count: count).mean(penalty: nil, spread: spread))
            }
            return bound
        }
    }

    private var members: [Member] = []
    /// By cell.
    private var pools: [Pool]

    init(cells: Int) { pools = Array(repeating: Pool(), count: cells) }

    /// How many there are: the next one gets this number.
    var count: Int { members.count }

    /// The places of all members.
    var places: some Sequence<Int> { members.lazy.map(\.place) }

    subscript(number: Int) -> Member { members[number] }

    /// Adds a node, which offers nothing until it has a score.
    mutating func add(_ member: Member) {
        pools[member.cell].members.append(members.count)
        members.append(member)
    }

    /// Counts one more instance on a node.
    mutating func count(_ number: Int, hosts: Bool) {
        members[number].siblings += 1
        if hosts { members[number].hosted += 1 }
    }

    /// States the parts of the score of a node. `spread` is how its cell stands.
    mutating func setScore(of number: Int, to own: PartSum?, spread: Double?) {
        let cell = members[number].cell
        members[number].own = own
        members[number].score = -.infinity
        guard let own else { return }
        pools[cell].most[own.parts] = max(pools[cell].most[own.parts], own.sum)
        if pools[cell].isStale { return }
        // Most of what is there is of the past.
        if pools[cell].bids.count > 2 * pools[cell].members.count + 64 {
            pools[cell].isStale = true
        } else {
            pools[cell].bids.insert(bid(number, own, spread))
        }
    }

    /// Notes that `cell` stands differently in the spreads.
    mutating func reconsider(_ cell: Int) { pools[cell].isStale = true }

    /// No member in `cell` has a higher score.
    func bound(ofCell cell: Int, spread: Double?) -> Double {
        pools[cell].isStale ? pools[cell].bound(spread) : pools[cell].bids.max?.score ?? -.infinity
    }

    /// The best of the members in `cell`.
    mutating func best(ofCell cell: Int, spread: Double?) -> Candidates.Pick? {
        if pools[cell].isStale { bidAnew(in: cell, spread) }
        while let top = pools[cell].bids.max {
            if members[top.number].score == top.score {
                return Candidates.Pick(position: members[top.number].position, place: top.place, score: top.score)
            }
            pools[cell].bids.removeMax()
        }
        return nil
    }

    /// The same for a request that treats some of them in another way.
    func best(ofCell cell: Int, _ scatter: Scatter, _ exceptions: Exceptions) -> Candidates.Pick? {
        var best: Candidates.Pick?
        for number in pools[cell].members {
            if let pick = pick(number, scatter, exceptions), pick.isBetter(than: best) { best = pick }
        }
        return best
    }

    /// What a node offers.
    func pick(_ number: Int, _ scatter: Scatter, _ exceptions: Exceptions) -> Candidates.Pick? {
        let member = members[number]
        guard let own = member.own, !exceptions.withheld.contains(member.place), scatter.isOpen(member.cell) else {
            return nil
        }
        let penalty: Double? = exceptions.avoided.contains(member.place) ? -1 : nil
        let score = own.mean(penalty: penalty, spread: scatter.spread(ofCell: member.cell))
        return Candidates.Pick(position: member.position, place: member.place, score: score)
    }

    // MARK: Bids

    private mutating func bidAnew(in cell: Int, _ spread: Double?) {
        pools[cell].isStale = false
        var bids: [Bid] = []
        bids.reserveCapacity(pools[cell].members.count)
        for number in pools[cell].members {
            if let own = members[number].own { bids.append(bid(number, own, spread)) }
        }
        pools[cell].bids = Heap(bids)
    }

    private mutating func bid(_ number: Int, _ own: PartSum, _ spread: Double?) -> Bid {
        members[number].score = own.mean(penalty: nil, spread: spread)
        return Bid(score: members[number].score, place: members[number].place, number: number)
    }
}
