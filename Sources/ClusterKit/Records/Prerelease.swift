/// What a version says after its numbers, `rc.1` for example: parts between dots.
///
/// Numbers come before words, fewer parts before more, and a version that says nothing after all that do: Semantic
/// Versioning 2.0, rule 11.
struct Prerelease: Hashable, Sendable {
    private let parts: [Part]

    private enum Part: Hashable, Comparable {
        /// Without leading zeros: the longer one is larger, whatever its length.
        case number(length: Int, digits: String)
        case word(String)

        init(_ text: Substring) {
            guard text.utf8.allSatisfy(VersionScanner.isDigit) else {
                self = .word(String(text))
                return
            }
            let digits = text.drop { $0 == "0" }
            self = .number(length: digits.utf8.count, digits: String(digits))
        }
    }

    /// Reads the text behind the dash; an empty one is a release.
    init(_ text: some StringProtocol) {
        parts =
            text.isEmpty ? [] : Substring(text).split(separator: ".", omittingEmptySubsequences: false).map(Part.init)
    }

    /// Whether nothing is said: a release.
    var isEmpty: Bool { parts.isEmpty }
}

extension Prerelease: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        if left.isEmpty || right.isEmpty { return !left.isEmpty }
        return left.parts.lexicographicallyPrecedes(right.parts)
    }
}

/// Reads a version from its left end.
struct VersionScanner {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    var isAtEnd: Bool { rest.isEmpty }
    var next: UInt8? { rest.first }

    /// Skips `character` when it comes next; whether it did.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func take(while belongs: (UInt8) -> Bool) -> Substring {
        let end = rest.firstIndex { !belongs($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return Substring(rest[..<end])
    }

    /// Numbers between dots; `nil` when one is missing or too large.
    mutating func numbers() -> [Int]? {
        var numbers: [Int] = []
        repeat {
            let digits = take(while: Self.isDigit)
            guard let number = Int(digits) else { return nil }
            numbers.append(number)
        } while skip(".")
        return numbers
    }
}
