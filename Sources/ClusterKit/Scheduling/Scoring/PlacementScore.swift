#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension PlacementAlgorithm {
    /// Whether the fullest node is best. Asked by case: `==` may compare the words that cases are stored as, and the
    /// search asks it of every cohort.
    @inline(__always)
    var packs: Bool { if case .binpack = self { true } else { false } }
}

/// Nomad's score of a node: `20 - 10^freeCPU - 10^freeMemory`, where both are the shares of its capacity that stay
/// free once the instance is there; held within 0 to 18 and divided by 18. To spread it is the other way around.
///
/// The search works with the *cost* `10^freeCPU + 10^freeMemory`, from 2 to 20, because it splits:
/// `10^((free - need) / capacity)` is `10^(free / capacity)`, which depends on the node, times `10^(-need / capacity)`,
/// which depends on the request. So no power is computed while nodes are compared. To spread, the cost is negated.
enum PlacementScore {
    /// The score of shares from 0 to 1: the number that decides.
    static func score(freeCPU: Double, freeMemory: Double, goal: PlacementAlgorithm) -> Double {
        let cost = pow(10, freeCPU) + pow(10, freeMemory)
        return score(cost: goal.packs ? cost : -cost, goal: goal)
    }

    static func score(cost: Double, goal: PlacementAlgorithm) -> Double {
        let fit = goal.packs ? 20 - cost : -cost - 2
        return min(max(fit, 0), 18) / 18
    }

    /// The highest cost that has at least this score.
    static func cost(score: Double, goal: PlacementAlgorithm) -> Double {
        if score <= 0 { return .infinity }
        return goal.packs ? 20 - score * 18 : -(score * 18) - 2
    }

    /// `part` of `whole`; nothing is no part of nothing.
    static func share(_ part: Int, of whole: Int) -> Double {
        whole > 0 ? Double(part) / Double(whole) : 0
    }

    /// What an amount is multiplied with for `power`: `log2(10) / capacity`.
    static func scale(_ capacity: Int) -> Double {
        capacity > 0 ? 3.321_928_094_887_362 / Double(capacity) : 0
    }

    /// `10^(amount / capacity)`, by the cheaper power of two.
    static func power(_ amount: Int, _ scale: Double) -> Double { exp2(Double(amount) * scale) }
}
