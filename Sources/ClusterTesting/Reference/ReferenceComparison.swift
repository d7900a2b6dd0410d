package import ClusterKit

/// How the operators of constraints and affinities compare two values, of which each may be missing.
package enum ReferenceComparison {
    /// Whether the rule holds between an attribute and what it is compared with.
    package static func holds(_ comparison: ConstraintOperator, _ left: String?, _ right: String?) -> Bool {
        switch comparison {
        case .isSet: return left != nil
        case .isNotSet: return left == nil
        case .notEqual: return left != right
        default: break
        }
        guard let left, let right else { return false }
        switch comparison {
        case .equal: return left == right
        case .less: return order(left, right).map { $0 < 0 } ?? false
        case .lessOrEqual: return order(left, right).map { $0 <= 0 } ?? false
        case .greater: return order(left, right).map { $0 > 0 } ?? false
        case .greaterOrEqual: return order(left, right).map { $0 >= 0 } ?? false
        case .setContains: return words(right).allSatisfy { words(left).contains($0) }
        case .setContainsAny: return words(right).contains { words(left).contains($0) }
        case .version: return ReferenceVersion.satisfies(left, bounds: right)
        case .semver: return ReferenceSemanticVersion.satisfies(left, bounds: right)
        case .regexp: return ReferenceExpression(right)?.isFound(in: left) ?? false
        case .isSet, .isNotSet, .notEqual, .distinctHosts, .distinctProperty: return false
        }
    }

    /// Less than 0 when `left` comes first: as whole numbers when both are, else as fractions when both are, else by
    /// bytes. `nil` when they have no order, as what is not a number has none.
    private static func order(_ left: String, _ right: String) -> Int? {
        if let left = Int(left), let right = Int(right) { return sign(left, right) }
        if let left = Double(left), let right = Double(right) {
            return left.isNaN || right.isNaN ? nil : sign(left, right)
        }
        return bytes(left, right)
    }

    /// -1, 0 or 1 as `left` is less, equal or more.
    static func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left > right ? 1 : 0
    }

    /// The order by bytes.
    static func bytes(_ left: some StringProtocol, _ right: some StringProtocol) -> Int {
        if left.utf8.lexicographicallyPrecedes(right.utf8) { return -1 }
        return right.utf8.lexicographicallyPrecedes(left.utf8) ? 1 : 0
    }

    /// The words between commas, without the spaces around them.
    private static func words(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { trim($0) }
    }

    static func trim(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// Splits `>= 1.2, < 2` into operators and the versions beside them; `nil` when a part has an operator that is not
    /// among `known`. No operator means `=`.
    static func bounds(_ text: String, known: [String]) -> [(comparison: String, version: String)]? {
        var found: [(String, String)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = trim(part)
            let comparison = String(part.prefix { "=!<>~".contains($0) })
            guard comparison.isEmpty || known.contains(comparison) else { return nil }
            found.append((comparison.isEmpty ? "=" : comparison, trim(part.dropFirst(comparison.count))))
        }
        return found
    }
}
