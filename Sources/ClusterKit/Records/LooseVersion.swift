/// A version as people and programs write them, read as hashicorp/go-version does: `v1.2`, `1.2.3.4`, `2.0-rc.1+abc`,
/// `1.0beta2`. Numbers that are left out count as 0; what follows `+` says nothing about the order. Pre-releases are
/// ordered by Semantic Versioning: go-version puts `alpha` behind `alpha.beta`.
struct LooseVersion: Sendable {
    /// Without zeros at the end, so that `1.2` is `1.2.0`.
    let numbers: [Int]
    /// How many numbers were written.
    let stated: Int
    let prerelease: Prerelease

    /// `nil` when `text` is no version; with `dashed`, also where no dash stands before a pre-release.
    init?(_ text: some StringProtocol, dashed: Bool = false) {
        var scanner = VersionScanner(text)
        _ = scanner.skip("v")
        guard let numbers = scanner.numbers() else { return nil }
        if dashed, scanner.next.map(Self.beginsPrerelease) ?? false { return nil }
        guard let prerelease = Self.prerelease(&scanner) else { return nil }
        if scanner.skip("+") {
            guard Self.areParts(scanner.take(while: Self.belongs)) else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
        stated = numbers.count
        self.numbers = Array(numbers[..<((numbers.lastIndex { $0 != 0 } ?? -1) + 1)])
        self.prerelease = Prerelease(prerelease)
    }

    /// The number at a place, from 0.
    func number(at place: Int) -> Int { place < numbers.count ? numbers[place] : 0 }

    /// After a dash anything goes; without one it begins with a letter.
    private static func prerelease(_ scanner: inout VersionScanner) -> Substring? {
        let dashed = scanner.skip("-")
        guard let next = scanner.next, next != UInt8(ascii: "+") else { return dashed ? nil : "" }
        guard dashed || beginsPrerelease(next) else { return nil }
        let text = scanner.take(while: belongs)
        return areParts(text) ? text : nil
    }

    private static func beginsPrerelease(_ byte: UInt8) -> Bool {
        VersionScanner.isLetter(byte) || byte == UInt8(ascii: "~")
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        VersionScanner.isDigit(byte) || VersionScanner.isLetter(byte) || [".", "-", "~"].contains(Unicode.Scalar(byte))
    }

    private static func areParts(_ text: Substring) -> Bool {
        !text.split(separator: ".", omittingEmptySubsequences: false).contains { $0.isEmpty }
    }
}

extension LooseVersion: Comparable {
    static func == (left: Self, right: Self) -> Bool {
        left.numbers == right.numbers && left.prerelease == right.prerelease
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
        return left.prerelease < right.prerelease
    }
}
