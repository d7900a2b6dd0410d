/// Chooses among the instances of a service: each in turn, by weight, spread out evenly (nginx's smooth weighted round
/// robin: weights 5, 1, 1 give a a b a c a a).
struct BalancerCore: Equatable {
    private var weights: [Int]
    private var current: [Int]

    /// Begins with instances of these weights. Those below 1 count as 1.
    init(weights: [Int]) {
        self.weights = weights.map { min(max($0, 1), 1_000_000) }
        current = weights.map { _ in 0 }
    }

    /// The place of the instance whose turn it is among those that `isEligible` admits; `nil` when it admits none.
    mutating func next(where isEligible: (Int) -> Bool) -> Int? {
        if weights.count == 1 { return isEligible(0) ? 0 : nil }
        var best: Int?
        var total = 0
        for index in weights.indices where isEligible(index) {
            current[index] += weights[index]
            total += weights[index]
            if best.map({ current[index] > current[$0] }) ?? true { best = index }
        }
        if let best { current[best] -= total }
        return best
    }
}

/// Passes over an instance that just refused a connection, for a while that doubles with each further refusal.
struct AvoidanceCore: Equatable {
    private var refusals = 0
    private var until: UInt64 = 0

    /// Whether the instance is passed over at a time, in nanoseconds.
    func isAvoided(at now: UInt64) -> Bool { now < until }

    /// It refused.
    mutating func refused(at now: UInt64, first: UInt64, most: UInt64) {
        let pause = min(first << UInt64(min(refusals, 16)), most)
        refusals = min(refusals + 1, 16)
        until = now &+ pause
    }

    /// It accepted.
    mutating func accepted() {
        refusals = 0
        until = 0
    }
}
