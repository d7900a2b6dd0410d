/// One spread of a subject, made ready: what the part `allocation-spread` of a node's score gets from it.
///
/// The formulas are Nomad's but for one: a value of which no instance is wanted counts -1. Nomad takes the lowest boost
/// that it saw before, which depends on the order in which nodes are looked at.
struct SpreadRule: Sendable {
    let attribute: NodeAttribute
    /// How much it counts of all spreads of the subject, from 0 to 1.
    private let share: Double
    /// How many instances are wanted at each value; `nil` where all values are meant to hold the same.
    private let wanted: [String: Double]?

    /// In targets, every value that is not named.
    private static let others = "*"

    /// Boosts of nodes: by the number of their value, and of those without one.
    struct Boosts: Sendable {
        var byValue: [Double]
        var missing = -1.0
        /// In an even spread, the least and the most that a value has which has any, and how many have the least; 0
        /// before.
        fileprivate var least = 0
        fileprivate var most = 0
        fileprivate var lagging = 0

        static let none = Boosts(byValue: [])
    }

    /// Those of the group, then those of its job.
    static func all(of job: Job, _ group: TaskGroup) -> [SpreadRule] {
        let spreads = group.spreads + job.spreads
        let weights = spreads.reduce(0) { $0 + Double($1.weight) }
        return spreads.map { SpreadRule($0, weights: weights, count: Double(group.count)) }
    }

    private init(_ spread: Spread, weights: Double, count: Double) {
        attribute = NodeAttribute(spread.attribute)
        share = weights > 0 ? Double(spread.weight) / weights : 0
        guard !spread.targets.isEmpty else {
            wanted = nil
            return
        }
        var wanted: [String: Double] = [:]
        // In percent the sum is exact, so that shares that leave nothing leave nothing.
        var rest = 100.0
        for target in spread.targets {
            wanted[target.value] = Double(target.percent) / 100 * count
            rest -= Double(target.percent)
        }
        if rest > 0 { wanted[Self.others] = rest / 100 * count }
        self.wanted = wanted
    }

    /// How many instances are wanted at each of `values`: `nil` where none is named, and everywhere when it is even.
    func goals(for values: [String]) -> [Double?] { values.map { wanted?[$0] ?? wanted?[Self.others] } }

    /// What the next instance gets at each value, where `used` counts the instances that are there.
    func boosts(goals: [Double?], used: [Int]) -> Boosts {
        guard wanted != nil else {
            var boosts = Boosts(byValue: used.map { _ in 0 })
            Self.setEvenBoosts(&boosts, used)
            return boosts
        }
        return Boosts(
            byValue: zip(goals, used).map { boost(goal: $0, used: $1) })
    }

    private func boost(goal: Double?, used: Int) -> Double {
        guard let goal, goal > 0 else { return -1 }
        return (goal - Double(used + 1)) / goal * share
    }

    /// Takes in that the value of number `value` has one more. Returns whether others stand differently too.
    func update(_ boosts: inout Boosts, goals: [Double?], used: [Int], at value: Int) -> Bool {
        guard wanted == nil else {
            boosts.byValue[value] = boost(goal: goals[value], used: used[value])
            return false
        }
        let count = used[value]
        if count - 1 == boosts.least { boosts.lagging -= 1 }
        guard boosts.lagging > 0, count > 1, count <= boosts.most else {
            Self.setEvenBoosts(&boosts, used)
            return true
        }
        boosts.byValue[value] = Self.evenBoost(count, boosts.least, boosts.most)
        return false
    }

    private static func evenBoost(_ current: Int, _ least: Int, _ most: Int) -> Double {
        if current != least { return Double(least - current) / Double(least) }
        return least == most ? -1 : Double(most - least) / Double(least)
    }

    private static func setEvenBoosts(_ boosts: inout Boosts, _ used: [Int]) {
        (boosts.least, boosts.most, boosts.lagging) = (0, 0, 0)
        for count in used where count > 0 {
            boosts.most = max(boosts.most, count)
            if boosts.least == 0 || count < boosts.least { (boosts.least, boosts.lagging) = (count, 0) }
            if count == boosts.least { boosts.lagging += 1 }
        }
        for (value, count) in used.enumerated() {
            boosts.byValue[value] = boosts.least > 0 ? evenBoost(count, boosts.least, boosts.most) : 0
        }
    }
}
