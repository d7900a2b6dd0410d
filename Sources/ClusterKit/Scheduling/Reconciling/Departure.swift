/// The place of an instance in the order in which instances go when fewer are wanted: what failed or is lost, then what
/// does not run yet, then what leaves its node anyway, then what is idle, then the coldest, then the highest number.
///
/// An instance that tells nothing of its work counts as idle with nothing to lose.
struct Departure: Comparable {
    private let key: (Int, Int, Double, Int)

    init(_ allocation: Allocation) {
        let stage = allocation.client == .pending ? 1 : allocation.wish?.leavesNode == true ? 2 : 3
        let cost = allocation.work?.keepCost ?? 0
        // A number that is none would stand nowhere.
        key = (stage, allocation.work?.isBusy == true ? 1 : 0, cost.isNaN ? 0 : cost, -allocation.index)
    }

    private init(stage: Int, _ number: Int) { key = (stage, 0, 0, -number) }

    /// Before everything that runs.
    static func first(_ number: Int) -> Departure { Departure(stage: 0, number) }

    /// After everything that runs.
    static func never(_ number: Int) -> Departure { Departure(stage: 4, number) }

    static func < (left: Self, right: Self) -> Bool { left.key < right.key }

    static func == (left: Self, right: Self) -> Bool { left.key == right.key }
}
