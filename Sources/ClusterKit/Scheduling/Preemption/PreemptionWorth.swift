/// What an offer is worth: one for which nobody is told to end comes before all others.
struct PreemptionWorth: Comparable, Sendable {
    var tellsNobody: Bool
    /// The parts `binpack` and `preemption` together.
    var parts: Double

    /// No offer.
    static let none = Self(tellsNobody: false, parts: -.infinity)

    static func < (left: Self, right: Self) -> Bool {
        left.tellsNobody == right.tellsNobody ? left.parts < right.parts : right.tellsNobody
    }
}
