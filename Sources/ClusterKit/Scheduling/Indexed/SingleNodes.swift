/// Nodes that are scored one by one. Those of one cell stand in an order that holds whatever the spreads say of the
/// cell (`Ladder`).
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
        /// Whether requests must not use it.
        fileprivate(set) var isExcluded = false
        /// The parts of the score that depend on the node alone; `nil` when it does not take the next instance.
        var own: PartSum?
        /// Whether it waits to be sorted into its ladder, and the next one that does; -1 for the last.
        fileprivate var isComing = false
        fileprivate var next = -1

        init(place: Int, position: Int, cell: Int, siblings: Int, hosted: Int) {
            (self.place, self.position, self.cell) = (place, position, cell)
            (self.siblings, self.hosted) = (siblings, hosted)
        }
    }

    /// The nodes of one cell.
    private struct Pool {
        /// The first member whose ladder does not know yet what it offers now: who is never asked again need not climb.
        var coming = -1
        /// One for each number of parts that a score has.
        var ladders: [Ladder] = []
    }

    private var members: [Member] = []
    /// By cell.
    private var pools: [Pool]
    /// How many members were looked at in searches: what their work grows with.
    private(set) var looks = 0

    init(cells: Int) { pools = Array(repeating: Pool(), count: cells) }

    /// How many there are: the next one gets this number.
    var count: Int { members.count }

    /// The places of all members.
    var places: some Sequence<Int> { members.lazy.map(\.place) }

    subscript(number: Int) -> Member { members[number] }

    /// Makes room for so many more.
    mutating func expect(_ more: Int) { members.reserveCapacity(members.count + more) }

    /// Adds a node, which offers nothing until it has a score.
    mutating func add(_ member: Member) { members.append(member) }

    /// Counts one more instance on a node, for `distinct_hosts` as well where it `countsAsHosted`.
    mutating func addInstance(to number: Int, countsAsHosted: Bool) {
        members[number].siblings += 1
        if countsAsHosted { members[number].hosted += 1 }
    }

    /// States whether requests must not use a node.
    mutating func setExcluded(_ number: Int, to isExcluded: Bool) { members[number].isExcluded = isExcluded }

    /// States the parts of the score of a node.
    mutating func setScore(of number: Int, to own: PartSum?) {
        let cell = members[number].cell
        if let before = members[number].own, before.count != own?.count, let ladder = ladder(of: before, in: cell) {
            pools[cell].ladders[ladder].leave(number)
        }
        members[number].own = own
        if let own {
            let new = Ladder.Lead(number, members[number], sum: own.sum)
            if let ladder = ladder(of: own, in: cell) {
                pools[cell].ladders[ladder].note(new)
            } else {
                pools[cell].ladders.append(Ladder(parts: own.parts, new))
            }
        }
        guard !members[number].isComing else { return }
        (members[number].isComing, members[number].next) = (true, pools[cell].coming)
        pools[cell].coming = number
    }

    /// Where those stand whose scores have as many parts.
    private func ladder(of own: PartSum, in cell: Int) -> Int? {
        pools[cell].ladders.firstIndex { $0.parts == own.parts }
    }

    /// Lets those climb who are to come in `cell`.
    private mutating func admit(to cell: Int) {
        while pools[cell].coming >= 0 {
            let number = pools[cell].coming
            pools[cell].coming = members[number].next
            members[number].isComing = false
            guard let own = members[number].own, let ladder = ladder(of: own, in: cell) else { continue }
            pools[cell].ladders[ladder].add(number, at: members[number].place, sum: own.sum)
        }
    }

    /// The best of the members in `cell`, which stands as `spread` says.
    mutating func best(ofCell cell: Int, spread: Double?) -> Candidates.Pick? {
        var best: Candidates.Pick?
        for ladder in pools[cell].ladders.indices {
            let pick = pick(ofCell: cell, ladder, spread)
            if let pick, pick.isBetter(than: best) { best = pick }
        }
        return best
    }

    private mutating func pick(ofCell cell: Int, _ ladder: Int, _ spread: Double?) -> Candidates.Pick? {
        if let lead = pools[cell].ladders[ladder].lead {
            looks += 1
            return pools[cell].ladders[ladder].pick(lead, spread)
        }
        admit(to: cell)
        return pools[cell].ladders[ladder].best(spread, among: members, looks: &looks)
    }

    /// What one member offers, whose cell stands as `spread` says.
    mutating func pick(_ number: Int, penalty: Double?, spread: Double?) -> Candidates.Pick? {
        looks += 1
        let member = members[number]
        guard let own = member.own else { return nil }
        let score = own.mean(penalty: penalty, spread: spread)
        return Candidates.Pick(position: member.position, place: member.place, score: score)
    }
}
