/// A version by the rules of Semantic Versioning 2.0: three numbers without leading zeros, then perhaps a pre-release
/// and words about the build. A `v` in front is allowed, as in Nomad.
struct SemanticVersion: Sendable {
    private let numbers: [Int]
    private let prerelease: Prerelease

    /// `nil` when `text` breaks the rules.
    init?(_ text: some StringProtocol) {
        var scanner = VersionScanner(text)
        _ = scanner.skip("v")
        guard let numbers = scanner.numbers(strict: true), numbers.count == 3 else { return nil }
        self.numbers = numbers
        var prerelease: Substring = ""
        if scanner.skip("-") {
            prerelease = scanner.take(while: Self.belongs)
            guard Self.areParts(prerelease, zeros: false) else { return nil }
        }
        if scanner.skip("+") {
            guard Self.areParts(scanner.take(while: Self.belongs), zeros: true) else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
        self.prerelease = Prerelease(prerelease)
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        VersionScanner.isDigit(byte) || VersionScanner.isLetter(byte) || [".", "-"].contains(Unicode.Scalar(byte))
    }

    /// Whether something stands between all dots; with `zeros` a number may begin with one.
    private static func areParts(_ text: Substring, zeros: Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            let isLong = part.utf8.count > 1 && part.first == "0" && part.utf8.allSatisfy(VersionScanner.isDigit)
            return !part.isEmpty && (zeros || !isLong)
        }
    }
}

extension SemanticVersion: Comparable {
    static func == (left: Self, right: Self) -> Bool {
        left.numbers == right.numbers && left.prerelease == right.prerelease
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
        return left.prerelease < right.prerelease
    }
}
