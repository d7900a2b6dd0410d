/// A demand made ready for many nodes, or for many groups of devices.
///
/// On a missing attribute `!=` and `is_not_set` hold and everything else fails, as in Nomad. `distinct_hosts` and
/// `distinct_property` are about what runs on nodes; they are answered where instances are counted, and hold here.
struct ConstraintCheck<Side: ReadAttribute>: Sendable {
    /// The demand as the job states it.
    let constraint: Constraint
    private let left: Side
    private let right: Side
    /// Ready when the right side is a plain text, as it nearly always is.
    private let comparison: Comparison?

    init(_ constraint: Constraint) {
        self.constraint = constraint
        left = Side(constraint.attribute)
        right = Side(constraint.value)
        comparison = right.text.map { Comparison(constraint.comparison, $0, units: Side.hasUnits) }
    }

    func holds(on owner: Side.Owner) -> Bool {
        let value = left.value(of: owner)
        if let comparison { return comparison.holds(value) }
        return Comparison(constraint.comparison, right.value(of: owner), units: Side.hasUnits).holds(value)
    }
}

/// Wishes made ready, with what they count.
struct Wishes<Side: ReadAttribute>: Sendable {
    private let checks: [(check: ConstraintCheck<Side>, weight: Double)]
    /// How much all count together, whichever way they point.
    let total: Double

    init(_ affinities: [Affinity]) {
        // The two rules about what runs on nodes are no wishes.
        checks = affinities.filter { ![.distinctHosts, .distinctProperty].contains($0.comparison) }.map {
            (ConstraintCheck($0.condition), Double($0.weight))
        }
        total = checks.reduce(0) { $0 + abs($1.weight) }
    }

    var isEmpty: Bool { checks.isEmpty }

    /// The sum of the weights of what holds.
    func matched(on owner: Side.Owner) -> Double {
        checks.reduce(0) { $1.check.holds(on: owner) ? $0 + $1.weight : $0 }
    }
}
