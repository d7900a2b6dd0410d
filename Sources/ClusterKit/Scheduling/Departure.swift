/// The place of an instance in the order in which instances go when fewer are wanted: what does not run yet, then what
/// leaves its node anyway, then what is idle, then the coldest, then the highest number.
///
/// An instance that tells nothing of its work counts as idle with nothing to lose.
struct Departure: Comparable {
    private let key: (Int, Int, Double, Int)

    init(_ allocation: Allocation) {
        let stage = allocation.client == .pending ? 0 : allocation.wish?.leavesNode == true ? 1 : 2
        let cost = allocation.work?.keepCost ?? 0
        // A number that is none would stand nowhere.
        key = (stage, allocation.work?.isBusy == true ? 1 : 0, cost.isNaN ? 0 : cost, -allocation.index)
    }

    static func < (left: Self, right: Self) -> Bool { left.key < right.key }

    static func == (left: Self, right: Self) -> Bool { left.key == right.key }
}
