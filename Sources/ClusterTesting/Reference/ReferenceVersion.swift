/// A version as hashicorp/go-version reads it, which Nomad's operator `version` is made with: any count of numbers, a
/// pre-release with or without a dash, and `+` with what does not matter.
package struct ReferenceVersion {
    /// The numbers as they stand; what is missing behind counts as 0.
    var numbers: [Int] = []
    var pre = ""

    init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "v" { rest.removeFirst() }
        if let plus = rest.firstIndex(of: "+") {
            guard Self.isDotted(rest[rest.index(after: plus)...]) else { return nil }
            rest = rest[..<plus]
        }
        repeat {
            if !numbers.isEmpty { rest.removeFirst() }
            let digits = rest.prefix { "0123456789".contains($0) }
            guard let number = Int(digits) else { return nil }
            numbers.append(number)
            rest = rest.dropFirst(digits.count)
        } while rest.first == "."
        guard let first = rest.first else { return }
        if first == "-", Self.isDotted(rest.dropFirst()) {
            pre = String(rest.dropFirst())
        } else {
            guard Self.isDotted(rest) else { return nil }
            pre = String(rest)
        }
    }

    /// Whether it is words of letters, digits, `-` and `~` with dots between them.
    private static func isDotted(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "~") }
        }
    }

    func number(_ place: Int) -> Int { place < numbers.count ? numbers[place] : 0 }

    /// -1, 0 or 1 by the numbers alone.
    func compareNumbers(_ other: Self) -> Int {
        for place in 0..<max(numbers.count, other.numbers.count) where number(place) != other.number(place) {
            return number(place) < other.number(place) ? -1 : 1
        }
        return 0
    }

    /// -1, 0 or 1; of equal numbers the one without a pre-release is more.
    func compare(_ other: Self) -> Int {
        let numbers = compareNumbers(other)
        if numbers != 0 || pre == other.pre { return numbers }
        if pre.isEmpty || other.pre.isEmpty { return pre.isEmpty ? 1 : -1 }
        return Self.comparePre(pre, other.pre)
    }

    /// By the parts between dots: numbers below words, fewer parts below more.
    static func comparePre(_ left: String, _ right: String) -> Int {
        let left = left.split(separator: ".")
        let right = right.split(separator: ".")
        for (one, other) in zip(left, right) where one != other {
            switch (Int(one), Int(other)) {
            case (let one?, let other?) where one != other: return one < other ? -1 : 1
            case (_?, _?): continue
            case (_?, nil): return -1
            case (nil, _?): return 1
            case (nil, nil): return ReferenceComparison.bytes(one, other)
            }
        }
        return ReferenceComparison.sign(left.count, right.count)
    }

    /// Whether the version `text` keeps all of `bounds`, such as `>= 1.2, < 2`.
    package static func satisfies(_ text: String, bounds: String) -> Bool {
        let known = ["=", "!=", ">", "<", ">=", "<=", "~>"]
        guard let version = Self(text), let bounds = ReferenceComparison.bounds(bounds, known: known) else {
            return false
        }
        return bounds.allSatisfy { comparison, bound in
            guard let bound = Self(bound) else { return false }
            return version.keeps(comparison, bound)
        }
    }

    private func keeps(_ comparison: String, _ bound: Self) -> Bool {
        let order = compare(bound)
        if comparison == "=" { return order == 0 }
        if comparison == "!=" { return order != 0 }
        if !pre.isEmpty && bound.pre.isEmpty { return false }
        if !pre.isEmpty && !bound.pre.isEmpty && compareNumbers(bound) != 0 { return false }
        switch comparison {
        case ">": return order > 0
        case "<": return order < 0
        case ">=": return order >= 0
        case "<=": return order <= 0
        default:
            // `~>`: not below, and equal in all stated numbers but the last.
            if pre.isEmpty && !bound.pre.isEmpty { return false }
            return order >= 0 && bound.numbers.indices.dropLast().allSatisfy { number($0) == bound.number($0) }
        }
    }
}
