import Patterns

/// An operator with its right side made ready: numbers read, versions split, the pattern compiled.
struct Comparison: Sendable {
    private enum Test: Sendable {
        case never, always
        case isSet, isNotSet
        case equal(Operand)
        case notEqual(Operand?)
        case ordered(Operand, accepted: Set<Order>)
        case containsAll(Set<Substring>)
        case containsAny(Set<Substring>)
        case version(VersionBounds)
        case matches(Pattern)
    }

    private let test: Test

    /// Compares with `right`, which is `nil` when it names an attribute that is missing.
    init(_ comparison: ConstraintOperator, _ right: String?, units: Bool = false) {
        let operand = right.map { Operand($0, units: units) }
        let ordered = { (accepted: Set<Order>) in operand.map { Test.ordered($0, accepted: accepted) } }
        let test: Test? =
            switch comparison {
            case .distinctHosts, .distinctProperty: .always
            case .isSet: .isSet
            case .isNotSet: .isNotSet
            case .equal: operand.map(Test.equal)
            case .notEqual: .notEqual(operand)
            case .greater: ordered([.after])
            case .greaterOrEqual: ordered([.after, .same])
            case .less: ordered([.before])
            case .lessOrEqual: ordered([.before, .same])
            case .setContains: right.map { .containsAll(Self.words($0)) }
            case .setContainsAny: right.map { .containsAny(Self.words($0)) }
            case .version: right.flatMap { VersionBounds($0) }.map(Test.version)
            case .semver: right.flatMap { VersionBounds(semantic: $0) }.map(Test.version)
            // A pattern that cannot be read matches nothing; jobs with one are refused when they are registered.
            case .regexp: right.flatMap { try? Pattern($0) }.map(Test.matches)
            }
        self.test = test ?? .never
    }

    /// Whether it holds for `left`, which is `nil` when there is no such attribute.
    func holds(_ left: String?) -> Bool {
        switch test {
        case .always: return true
        case .never: return false
        case .isSet: return left != nil
        case .isNotSet: return left == nil
        case .notEqual(let right):
            guard let left, let right else { return left != right?.text }
            return right.differs(from: left)
        default: break
        }
        guard let left else { return false }
        return switch test {
        case .equal(let right): right.equals(left)
        case .ordered(let right, let accepted): accepted.contains(right.place(of: left))
        case .containsAll(let words): words.isSubset(of: Self.words(left))
        case .containsAny(let words): !words.isDisjoint(with: Self.words(left))
        case .version(let bounds): bounds.admit(left)
        case .matches(let pattern): pattern.matches(left)
        case .never, .always, .isSet, .isNotSet, .notEqual: false
        }
    }

    /// The words between commas, without the spaces around them.
    private static func words(_ text: String) -> Set<Substring> {
        Set(text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingSpaces))
    }
}

// MARK: Two of one value

extension Comparison {
    /// Whether the right side can be read; one that cannot holds for nothing.
    var isReadable: Bool { if case .never = test { false } else { true } }

    /// Whether it asks for a version that there cannot be: within `>= 2, < 1`.
    var asksForNoVersion: Bool { if case .version(let bounds) = test { bounds.isEmpty } else { false } }

    /// Whether no value meets both, be it a number, a text or missing; `false` where that is not certain.
    func excludes(_ other: Comparison) -> Bool {
        if asksForWhatFails(other) || other.asksForWhatFails(self) { return true }
        switch (test, other.test) {
        case (.version(let one), .version(let two)): return one.excludes(two)
        case (.ordered(let one, let places), .ordered(let two, let others)):
            let isShared = places.contains(.same) && others.contains(.same)
            if places.contains(.after), others.contains(.before) { return one.leavesNothing(to: two, isShared) }
            if places.contains(.before), others.contains(.after) { return two.leavesNothing(to: one, isShared) }
            return false
        default: return false
        }
    }

    /// Whether this asks for one value, with `=`, and `other` fails on it however that is spelled.
    private func asksForWhatFails(_ other: Comparison) -> Bool {
        guard case .equal(let value) = test else { return false }
        let isAlike =
            switch other.test {
            case .never: false
            case .always, .isSet, .isNotSet: true
            case .equal, .notEqual: value.isExact
            case .ordered: value.isExact && (value.hasOneSpelling || !value.isText)
            case .containsAll, .containsAny, .version, .matches: value.hasOneSpelling && value.isText
            }
        return isAlike && !other.holds(value.text)
    }
}

extension String {
    /// Whether no other text is equal to it. Some characters equal others that are written otherwise: an accented
    /// letter that of a letter and its accent, and `K`, `;` and the grave accent each have a twin beyond ASCII.
    var hasOneSpelling: Bool { utf8.allSatisfy { $0 < 0x80 && !"K;`".utf8.contains($0) } }
}

// MARK: Right sides

extension Comparison {
    /// A right side, read as all that it can be.
    fileprivate struct Operand: Sendable {
        let text: String
        private let whole: Int64?
        private let fraction: Double?
        /// Where values may have units: then both sides must be of one kind.
        private let value: DeviceValue?

        init(_ text: String, units: Bool) {
            self.text = text
            whole = Int64(text)
            fraction = Double(text)
            value = units ? DeviceValue(text) : nil
        }

        func equals(_ left: String) -> Bool {
            value.map { DeviceValue(left).place(beside: $0) == .same } ?? (left == text)
        }

        func differs(from left: String) -> Bool {
            guard let value else { return left != text }
            return [.before, .after].contains(DeviceValue(left).place(beside: value))
        }

        /// Where `left` stands: as whole numbers when both are, as fractions when both are, else as text by its bytes.
        func place(of left: String) -> Order {
            if let value { return DeviceValue(left).place(beside: value) }
            if let right = whole, let left = Int64(left) { return Order(left, right) }
            if let right = fraction, let left = Double(left) { return Order(left, right) }
            return Order(bytesOf: left, text)
        }

        var hasOneSpelling: Bool { text.hasOneSpelling }

        /// Whether texts alone equal it; amounts, numbers and truths of devices are spelled in several ways.
        var isText: Bool {
            switch value {
            case nil, .text?: true
            default: false
            }
        }

        /// Whether all that equals it compares as it does. From 2^53 on one fraction equals several whole numbers.
        var isExact: Bool { value?.number.map { abs($0) < 0x1p53 } ?? true }

        /// Whether no value stands behind this and before `upper`, nor at both where `isShared` says that it may.
        func leavesNothing(to upper: Operand, _ isShared: Bool) -> Bool {
            let isPast = { (order: Order) -> Bool in order == .after || order == .same && !isShared }
            let isPastAsText = hasOneSpelling && upper.hasOneSpelling && isPast(Order(bytesOf: text, upper.text))
            switch (value, upper.value) {
            case (nil, nil):
                // What is no number is compared with both as a text, and a number with a text as well.
                guard (fraction == nil) == (upper.fraction == nil), isPastAsText else { return false }
                return fraction == nil || isPastAsNumber(upper, isPast)
            case (.text?, .text?): return isPastAsText
            case (.amount(let low)?, .amount(let high)?):
                return low.kind == high.kind && isPast(Order(low.amount, high.amount))
            default: return isPastAsNumber(upper, isPast)
            }
        }

        /// The same for values that are numbers; `false` where one of the two is none.
        private func isPastAsNumber(_ upper: Operand, _ isPast: (Order) -> Bool) -> Bool {
            guard let low = fraction, let high = upper.fraction else { return false }
            switch (whole, upper.whole) {
            // Values may be whole numbers, and fractions.
            case (let one?, let other?): return isPast(Order(one, other)) && isPast(Order(low, high))
            case (nil, nil): return isPast(Order(low, high))
            // A whole number may be past one of them, and at it when it is read as a fraction.
            default: return low > high
            }
        }
    }

    /// Where one value stands beside another; `none` when they have no order.
    enum Order {
        case before, same, after, none

        /// A value that is not a number stands in no order to any other.
        init<Number: Comparable>(_ left: Number, _ right: Number) {
            self = left < right ? .before : left == right ? .same : left > right ? .after : .none
        }

        init(bytesOf left: String, _ right: String) {
            self = left == right ? .same : left.utf8.lexicographicallyPrecedes(right.utf8) ? .before : .after
        }
    }
}
