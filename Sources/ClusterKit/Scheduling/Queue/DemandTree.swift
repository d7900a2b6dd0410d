/// Finds, among many demands, the first in the order of ranks that some room suffices for: a complete binary tree over
/// slots. Each inner node knows the least of each amount and the best rank below it, so that a search passes over whole
/// branches that cannot fit, or come too late.
struct DemandTree: Sendable {
    /// What one slot asks for.
    struct Mark: Sendable {
        var amounts = DemandedAmounts.endless
        /// Its place in the order; `nil` while it is not to be found.
        var rank: QueueRank?
        /// Its place among those that a node may be kept for; `nil` when none may.
        var ripe: QueueRank?

        fileprivate init() {}

        init(amounts: DemandedAmounts, rank: QueueRank?, ripe: QueueRank?) {
            self.amounts = rank == nil ? .endless : amounts
            self.rank = rank
            self.ripe = ripe
        }

        fileprivate init(_ left: Mark, _ right: Mark) {
            amounts = left.amounts.lesser(right.amounts)
            rank = Self.better(left.rank, right.rank)
            ripe = Self.better(left.ripe, right.ripe)
        }

        private static func better(_ left: QueueRank?, _ right: QueueRank?) -> QueueRank? {
            guard let left, let right else { return left ?? right }
            return min(left, right)
        }
    }

    /// The root is at 1, the children of `n` at `2n` and `2n + 1`, the slots in the last row.
    private var marks = [Mark(), Mark()]

    private var slots: Int { marks.count / 2 }

    mutating func set(_ mark: Mark, at slot: Int) {
        while slot >= slots { grow() }
        var place = slots + slot
        marks[place] = mark
        while place > 1 {
            place /= 2
            marks[place] = Mark(marks[2 * place], marks[2 * place + 1])
        }
    }

    private mutating func grow() {
        let old = marks[slots...]
        marks = Array(repeating: Mark(), count: slots * 2) + old + Array(repeating: Mark(), count: slots)
        for place in (1..<slots).reversed() { marks[place] = Mark(marks[2 * place], marks[2 * place + 1]) }
    }

    /// The slot of the best rank that `room` suffices for and that `accepts`, if it does not come after `bound`. Counts
    /// the places looked at.
    func first(
        fitting room: Vacancy, upTo bound: QueueRank?, looks: inout Int, accepts: (Int, QueueRank) -> Bool
    ) -> (slot: Int, rank: QueueRank)? {
        var best: (slot: Int, rank: QueueRank)?
        func visit(_ place: Int) {
            looks += 1
            guard let rank = marks[place].rank, marks[place].amounts.fits(in: room) else { return }
            if let limit = best?.rank ?? bound, limit < rank { return }
            guard place < slots else {
                if accepts(place - slots, rank) { best = (place - slots, rank) }
                return
            }
            let (left, right) = (2 * place, 2 * place + 1)
            let turns = Self.precedes(marks[right].rank, marks[left].rank) ? (right, left) : (left, right)
            visit(turns.0)
            visit(turns.1)
        }
        visit(1)
        return best
    }

    /// The slot of the best rank after `rank` among those that a node may be kept for.
    func firstRipe(after rank: QueueRank?, looks: inout Int) -> (slot: Int, rank: QueueRank)? {
        var best: (slot: Int, rank: QueueRank)?
        func visit(_ place: Int) {
            looks += 1
            guard let ripe = marks[place].ripe, best.map({ ripe < $0.rank }) ?? true else { return }
            guard place < slots else {
                if rank.map({ $0 < ripe }) ?? true { best = (place - slots, ripe) }
                return
            }
            visit(2 * place)
            visit(2 * place + 1)
        }
        visit(1)
        return best
    }

    private static func precedes(_ left: QueueRank?, _ right: QueueRank?) -> Bool {
        guard let left else { return false }
        return right.map { left < $0 } ?? true
    }
}
