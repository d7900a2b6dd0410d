/// `*`, `+`, `?` and `{n,m}`, each with a `?` behind it for its lazy form.
extension PatternParser {
    /// The most that `{…}` may ask for, as in RE2 and Go.
    private static let mostRounds = 1000

    /// The repetition that stands here and its end; nil for a brace that is meant as such.
    func repetition() throws(PatternError) -> (count: RepetitionCount, end: Int)? {
        var count: RepetitionCount
        var end = position + 1
        switch peek() {
        case UInt8(ascii: "*"): count = RepetitionCount(least: 0, most: nil)
        case UInt8(ascii: "+"): count = RepetitionCount(least: 1, most: nil)
        case UInt8(ascii: "?"): count = RepetitionCount(least: 0, most: 1)
        default:
            guard let stated = statedCount() else { return nil }
            (count, end) = stated
            guard count.least <= Self.mostRounds, count.most ?? 0 <= Self.mostRounds else {
                throw error(
                    "`\(slice(position..<end))` repeats more than \(Self.mostRounds) times; use `*` or `+`, or test"
                        + " the length apart", at: position)
            }
            guard count.least <= count.most ?? .max else {
                throw error("`\(slice(position..<end))` ends below its start; swap the numbers", at: position)
            }
        }
        count.isLazy = flags.contains(.ungreedy)
        if end < bytes.count, bytes[end] == UInt8(ascii: "?") {
            count.isLazy.toggle()
            end += 1
        }
        return (count, end)
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else is text.
    private func statedCount() -> (RepetitionCount, Int)? {
        var place = position + 1
        guard let least = number(at: &place), place < bytes.count else { return nil }
        var most: Int? = least
        if bytes[place] == UInt8(ascii: ",") {
            place += 1
            guard place < bytes.count else { return nil }
            most = nil
            if bytes[place] != UInt8(ascii: "}") {
                most = number(at: &place)
                if most == nil { return nil }
            }
        }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "}") else { return nil }
        return (RepetitionCount(least: least, most: most), place + 1)
    }

    /// Digits without a zero in front; what is too large for anything stays so.
    private func number(at place: inout Int) -> Int? {
        let digits = bytes[place...].prefix { (0x30...0x39).contains($0) }
        guard let first = digits.first, first != 0x30 || digits.count == 1 else { return nil }
        place = digits.endIndex
        return digits.reduce(0) { min($0 * 10 + Int($1 - 0x30), 1_000_000) }
    }

    mutating func repeatLast(_ count: RepetitionCount, to end: Int) throws(PatternError) {
        let shown = slice(position..<end)
        if repetitionEnd == position {
            throw error("`\(shown)` repeats a repetition; put what it repeats in `(?:…)`, or remove it", at: position)
        }
        let last = groups.count - 1
        guard let part = groups[last].parts.popLast() else {
            throw error("there is nothing for `\(shown)` to repeat; write `\\\(shown)` for the character", at: position)
        }
        try claim(max(0, Fragment.size(of: part.code.count, repeated: count) - part.code.count), at: position)
        groups[last].parts.append(part.repeated(count))
        position = end
        repetitionEnd = end
    }
}
