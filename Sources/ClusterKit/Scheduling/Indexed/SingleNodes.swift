/// Nodes that are scored one by one, in short stretches of one cell each: a stretch is looked through again only when
/// one of its nodes has changed.
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
    }

    /// Nodes that one request treats in another way than others, by place.
    struct Exceptions {
        var avoided: Set<Int> = []
        var withheld: Set<Int> = []
        var isEmpty: Bool { avoided.isEmpty && withheld.isEmpty }

        init() {}
    }

    private struct Stretch {
        var members: [Int] = []
        var winner: Candidates.Pick?
        var isStale = true

        static let most = 64
    }

    private var members: [Member] = []
    private var numbers: [Int: Int] = [:]
    /// By member, its stretch within its cell.
    private var stretchNumbers: [Int] = []
    /// By cell.
    private var stretches: [[Stretch]]

    init(cells: Int) { stretches = Array(repeating: [], count: cells) }

    /// The places of all members.
    var places: some Sequence<Int> { members.lazy.map(\.place) }

    func contains(_ place: Int) -> Bool { numbers[place] != nil }

    /// The number of the node at `place`.
    func number(of place: Int) -> Int? { numbers[place] }

    /// Adds a node, which offers nothing until it has a score. Gives its number.
    mutating func add(_ member: Member) -> Int {
        let number = members.count
        members.append(member)
        numbers[member.place] = number
        if stretches[member.cell].last.map({ $0.members.count >= Stretch.most }) ?? true {
            stretches[member.cell].append(Stretch())
        }
        let stretch = stretches[member.cell].count - 1
        stretches[member.cell][stretch].members.append(number)
        stretchNumbers.append(stretch)
        return number
    }

    /// Counts one more instance on a node.
    mutating func count(_ number: Int, hosts: Bool) {
        members[number].siblings += 1
        if hosts { members[number].hosted += 1 }
    }

    subscript(number: Int) -> Member { members[number] }

    /// The member at `place`.
    func member(at place: Int) -> Member? { numbers[place].map { members[$0] } }

    /// States the parts of the score of a node. Its stretch is looked through again only when its best became worse.
    mutating func setScore(of number: Int, to own: PartSum?, _ scatter: Scatter) {
        members[number].own = own
        let (cell, stretch) = (members[number].cell, stretchNumbers[number])
        guard !stretches[cell][stretch].isStale else { return }
        let (winner, pick) = (stretches[cell][stretch].winner, pick(members[number], scatter, Exceptions()))
        if let pick, pick.isBetter(than: winner) {
            stretches[cell][stretch].winner = pick
        } else if winner?.place == members[number].place {
            stretches[cell][stretch].isStale = true
        }
    }

    /// Notes that `cell` stands differently in the spreads.
    mutating func reconsider(_ cell: Int) {
        for stretch in stretches[cell].indices { stretches[cell][stretch].isStale = true }
    }

    /// The best of the members in `cell`, if it is better than `rival`; else `rival`.
    mutating func best(
        ofCell cell: Int, or rival: Candidates.Pick?, _ scatter: Scatter, _ exceptions: Exceptions
    ) -> Candidates.Pick? {
        var best = rival
        for number in stretches[cell].indices {
            let pick: Candidates.Pick?
            if exceptions.isEmpty {
                if stretches[cell][number].isStale {
                    stretches[cell][number].winner = look(through: stretches[cell][number], scatter, exceptions)
                    stretches[cell][number].isStale = false
                }
                pick = stretches[cell][number].winner
            } else {
                pick = look(through: stretches[cell][number], scatter, exceptions)
            }
            if let pick, pick.isBetter(than: best) { best = pick }
        }
        return best
    }

    private func look(
        through stretch: Stretch, _ scatter: Scatter, _ exceptions: Exceptions
    ) -> Candidates.Pick? {
        var best: Candidates.Pick?
        for number in stretch.members {
            if let pick = pick(members[number], scatter, exceptions), pick.isBetter(than: best) { best = pick }
        }
        return best
    }

    /// What the node at `place` offers.
    func pick(at place: Int, _ scatter: Scatter, _ exceptions: Exceptions) -> Candidates.Pick? {
        guard let number = numbers[place], scatter.isOpen(members[number].cell) else { return nil }
        return pick(members[number], scatter, exceptions)
    }

    private func pick(_ member: Member, _ scatter: Scatter, _ exceptions: Exceptions) -> Candidates.Pick? {
        guard let own = member.own, !exceptions.withheld.contains(member.place) else { return nil }
        let penalty: Double? = exceptions.avoided.contains(member.place) ? -1 : nil
        let score = own.mean(penalty: penalty, spread: scatter.spread(ofCell: member.cell))
        return Candidates.Pick(position: member.position, place: member.place, score: score)
    }
}
