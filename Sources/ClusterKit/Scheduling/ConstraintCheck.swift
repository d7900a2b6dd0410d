/// Whether a demand holds on a node, by Nomad's rules.
///
/// On a missing attribute `!=` and `is_not_set` hold and everything else fails. `distinct_hosts` is about what runs on
/// the node; it is answered where instances are counted.
enum ConstraintCheck {
    static func holds(_ constraint: Constraint, on node: Node) -> Bool {
        let left = NodeAttribute.value(of: constraint.attribute, on: node)
        switch constraint.comparison {
        case .distinctHosts, .distinctProperty: return true
        case .isSet: return left != nil
        case .isNotSet: return left == nil
        case .notEqual: return left != NodeAttribute.value(of: constraint.value, on: node)
        default: break
        }
        guard let left, let right = NodeAttribute.value(of: constraint.value, on: node) else { return false }
        switch constraint.comparison {
        case .equal: return left == right
        case .greater: return order(left, right) == .after
        case .greaterOrEqual: return [.after, .same].contains(order(left, right))
        case .less: return order(left, right) == .before
        case .lessOrEqual: return [.before, .same].contains(order(left, right))
        case .setContains: return words(right).isSubset(of: words(left))
        case .setContainsAny: return !words(right).isDisjoint(with: words(left))
        case .regexp, .version, .semver, .distinctHosts, .distinctProperty, .isSet, .isNotSet, .notEqual: return false
        }
    }

    private enum Order { case before, same, after, none }

    /// As whole numbers when both are, as fractions when both are, else as text by its bytes.
    private static func order(_ left: String, _ right: String) -> Order {
        if let left = Int64(left), let right = Int64(right) {
            return left < right ? .before : left == right ? .same : .after
        }
        if let left = Double(left), let right = Double(right) {
            // A value that is not a number stands in no order to any other.
            return left < right ? .before : left == right ? .same : left > right ? .after : .none
        }
        if left == right { return .same }
        return left.utf8.lexicographicallyPrecedes(right.utf8) ? .before : .after
    }

    /// The words between commas, without the spaces around them.
    private static func words(_ text: String) -> Set<Substring> {
        Set(
            text.split(separator: ",", omittingEmptySubsequences: false).map { word in
                var word = word
                while word.first?.isWhitespace == true { word.removeFirst() }
                while word.last?.isWhitespace == true { word.removeLast() }
                return word
            })
    }
}
