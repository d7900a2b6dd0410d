import ClusterKit

/// A number with a unit, as devices state what they have: `40 GiB`, `1.4 GHz`, `6912`.
struct ReferenceAmount {
    /// In the smallest unit of its family.
    var value: Double
    /// What it measures: `B`, `B/s`, `Hz`, `W`, or nothing for a bare number.
    var family: String

    init?(_ text: String) {
        let text = ReferenceComparison.trim(text)
        let digits = text.prefix { "0123456789.+-".contains($0) }
        guard let number = Double(digits) else { return nil }
        var unit = ReferenceComparison.trim(text.dropFirst(digits.count))
        var suffix = ""
        if unit.hasSuffix("/s") {
            unit.removeLast(2)
            suffix = "/s"
        }
        guard let (family, factor) = Self.factor(unit), suffix.isEmpty || family == "B" else { return nil }
        value = number * factor
        self.family = family + suffix
    }

    private static func factor(_ unit: String) -> (family: String, factor: Double)? {
        let powers: [Character: Double] = ["k": 1, "K": 1, "M": 2, "G": 3, "T": 4]
        if unit.isEmpty { return ("", 1) }
        for family in ["B", "Hz", "W"] where unit.hasSuffix(family) {
            let prefix = unit.dropLast(family.count)
            if prefix.isEmpty { return (family, 1) }
            if family == "W", prefix == "m" { return (family, 0.001) }
            let base = family == "B" && prefix.count == 2 && prefix.last == "i" ? 1024.0 : 1000
            guard prefix.count == 1 || base == 1024, let first = prefix.first, let power = powers[first] else {
                return nil
            }
            return (family, (0..<Int(power)).reduce(1.0) { factor, _ in factor * base })
        }
        return nil
    }

    /// Whether the rule holds between two values of a device: amounts of one family, two numbers, two truths or two
    /// texts. Nothing holds between what cannot be compared.
    static func holds(_ comparison: ConstraintOperator, _ left: String?, _ right: String?) -> Bool {
        guard [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual].contains(comparison),
            let left, let right
        else { return ReferenceComparison.holds(comparison, left, right) }
        guard let order = order(left, right) else { return false }
        switch comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    /// Less than 0 when `left` comes first; `nil` when the two are not of one kind.
    private static func order(_ left: String, _ right: String) -> Int? {
        let amounts = (ReferenceAmount(left), ReferenceAmount(right))
        if let one = amounts.0, let other = amounts.1 {
            return one.family == other.family ? ReferenceComparison.sign(one.value, other.value) : nil
        }
        guard amounts.0 == nil, amounts.1 == nil else { return nil }
        switch (isTrue(left), isTrue(right)) {
        case (nil, nil): return ReferenceComparison.bytes(left, right)
        case (let one?, let other?): return one == other ? 0 : 1
        default: return nil
        }
    }

    private static func isTrue(_ text: String) -> Bool? {
        if ["t", "T", "true", "True", "TRUE"].contains(text) { return true }
        return ["f", "F", "false", "False", "FALSE"].contains(text) ? false : nil
    }
}
