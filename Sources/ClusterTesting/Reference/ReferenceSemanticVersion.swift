/// A version as Nomad reads it for `semver`: numbers, of which those that are left out are 0, then perhaps a dash and a
/// pre-release, ordered by Semantic Versioning 2.0. A `v` in front is allowed.
package struct ReferenceSemanticVersion {
    private var numbers: [String] = []
    private var pre: [String] = []

    init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "v" { rest.removeFirst() }
        if let plus = rest.firstIndex(of: "+") {
            let words = rest[rest.index(after: plus)...].split(separator: ".", omittingEmptySubsequences: false)
            guard words.allSatisfy(Self.isWord) else { return nil }
            rest = rest[..<plus]
        }
        if let dash = rest.firstIndex(of: "-") {
            let words = rest[rest.index(after: dash)...].split(separator: ".", omittingEmptySubsequences: false)
            guard words.allSatisfy(Self.isWord) else { return nil }
            pre = words.map(String.init)
            rest = rest[..<dash]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ Self.isDigits($0) && Int64($0) != nil }) else { return nil }
        numbers = parts.map(String.init)
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-~".contains($0)) }
    }

    private static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.allSatisfy { "0123456789".contains($0) }
    }

    /// Numbers of any length.
    private static func compareDigits(_ left: String, _ right: String) -> Int {
        let (left, right) = (left.drop { $0 == "0" }, right.drop { $0 == "0" })
        return left.count == right.count
            ? ReferenceComparison.bytes(left, right) : ReferenceComparison.sign(left.count, right.count)
    }

    /// -1, 0 or 1 by the rules of precedence (item 11).
    func compare(_ other: Self) -> Int {
        for place in 0..<max(numbers.count, other.numbers.count) {
            let order = Self.compareDigits(
                place < numbers.count ? numbers[place] : "", place < other.numbers.count ? other.numbers[place] : "")
            if order != 0 { return order }
        }
        if pre.isEmpty || other.pre.isEmpty { return ReferenceComparison.sign(other.pre.count, pre.count) }
        for (one, two) in zip(pre, other.pre) where one != two {
            switch (Self.isDigits(one), Self.isDigits(two)) {
            case (true, true):
                let order = Self.compareDigits(one, two)
                if order != 0 { return order }
            case (true, false): return -1
            case (false, true): return 1
            case (false, false): return ReferenceComparison.bytes(one, two)
            }
        }
        return ReferenceComparison.sign(pre.count, other.pre.count)
    }

    /// Whether the version `text` keeps all of `bounds`, such as `>= 1.2.0, < 2.0.0`.
    package static func satisfies(_ text: String, bounds: String) -> Bool {
        let known = ["=", "!=", ">", "<", ">=", "<="]
        guard let version = Self(text), let bounds = ReferenceComparison.bounds(bounds, known: known) else {
            return false
        }
        return bounds.allSatisfy { comparison, bound in
            guard let bound = Self(bound) else { return false }
            let order = version.compare(bound)
            switch comparison {
            case "=": return order == 0
            case "!=": return order != 0
            case ">": return order > 0
            case "<": return order < 0
            case ">=": return order >= 0
            default: return order <= 0
            }
        }
    }
}
