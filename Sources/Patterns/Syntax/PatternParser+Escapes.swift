/// What may stand behind `\`.
extension PatternParser {
    mutating func readEscape() throws(PatternError) {
        let start = position
        guard let letter = peek(1) else { throw danglingBackslash }
        switch letter {
        case UInt8(ascii: "A"): try append(check: .textStart)
        case UInt8(ascii: "z"): try append(check: .textEnd)
        case UInt8(ascii: "b"): try append(check: .wordEdge)
        case UInt8(ascii: "B"): try append(check: .noWordEdge)
        case UInt8(ascii: "Q"): try readQuotation()
        default:
            if let ranges = try classEscape() {
                try append(set: ScalarSet(ranges), at: start)
            } else {
                try append(literal: try readEscapedScalar(), at: start)
            }
        }
    }

    private var danglingBackslash: PatternError {
        error("`\\` stands at the end; write `\\\\` for a backslash", at: position)
    }

    private mutating func append(check assertion: Assertion) throws(PatternError) {
        try append(.check(assertion), at: position)
        position += 2
    }

    /// `\Q…\E`, or to the end of the pattern.
    private mutating func readQuotation() throws(PatternError) {
        position += 2
        while position < bytes.count, !follows("\\E") { try readLiteral() }
        if position < bytes.count { position += 2 }
    }

    /// `\d`, `\s`, `\w`, `\pL`, `\p{Greek}` and what they are not; nil if none of them stands here.
    mutating func classEscape() throws(PatternError) -> [ClosedRange<UInt32>]? {
        guard let letter = peek(1) else { throw danglingBackslash }
        let isUpper = (0x41...0x5A).contains(letter)
        var ranges: [ClosedRange<UInt32>]
        var isInverted = isUpper
        if let perl = NamedClasses.perl(letter) {
            ranges = perl
            position += 2
        } else if letter | 0x20 == UInt8(ascii: "p") {
            let start = position
            position += 2
            var name = try readClassName(from: start)
            if name.first == "^" {
                isInverted.toggle()
                name.removeFirst()
            }
            guard let found = NamedClasses.unicode(name) else {
                throw error(
                    "there is no class `\(name)`; there are Unicode's general categories such as L, Lu or Nd, and the"
                        + " scripts \(Scripts.names)", at: start)
            }
            ranges = found
        } else {
            return nil
        }
        if flags.contains(.ignoreCase) { ranges = CaseFolding.folded(ranges) }
        return isInverted ? ScalarSet(ranges).inverted.ranges : ranges
    }

    private mutating func readClassName(from start: Int) throws(PatternError) -> String {
        guard let byte = peek() else { throw error("the name of a class is missing, as in `\\pL`", at: start) }
        guard byte == UInt8(ascii: "{") else {
            let first = position
            _ = readScalar()
            return slice(first..<position)
        }
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else {
            throw error("the name of a class is not closed; add `}`", at: start)
        }
        defer { position = end + 1 }
        return slice(position + 1..<end)
    }

    /// An escape that stands for one scalar.
    mutating func readEscapedScalar() throws(PatternError) -> UInt32 {
        let start = position
        guard let letter = peek(1) else { throw danglingBackslash }
        position += 2
        switch letter {
        case UInt8(ascii: "a"): return 0x07
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "v"): return 0x0B
        case UInt8(ascii: "x"): return try readHexadecimal(from: start)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            // One digit other than zero would refer back to a group.
            guard letter == 0x30 || peek().map({ (0x30...0x37).contains($0) }) == true else { break }
            var value = UInt32(letter - 0x30)
            for _ in 0..<2 {
                guard let digit = peek(), (0x30...0x37).contains(digit) else { break }
                value = value * 8 + UInt32(digit - 0x30)
                position += 1
            }
            return value
        default:
            if letter < 0x80, Neighbor(letter) != .word || letter == UInt8(ascii: "_") { return UInt32(letter) }
        }
        position = start + 1
        throw error(mistake(in: letter), at: start)
    }

    private mutating func readHexadecimal(from start: Int) throws(PatternError) -> UInt32 {
        var digits = bytes[position...].prefix(2)
        var end = digits.endIndex
        let isBraced = peek() == UInt8(ascii: "{")
        if isBraced {
            digits = bytes[(position + 1)...].prefix { $0 != UInt8(ascii: "}") }
            end = digits.endIndex + 1
        }
        let isWhole = isBraced ? end <= bytes.count && !digits.isEmpty : digits.count == 2
        let value = digits.reduce(UInt32?(0)) { value, digit in
            guard let value, let digit = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            return min(value * 16 + UInt32(digit), ScalarSet.largest + 1)
        }
        guard isWhole, let value, value <= ScalarSet.largest else {
            throw error(
                "`\\x` needs two hexadecimal digits, as in `\\x7F`, or up to `\\x{10FFFF}` in braces", at: start)
        }
        position = end
        return value
    }

    /// Why there is no such escape.
    private func mistake(in letter: UInt8) -> String {
        let shown = "`\\\(shownNext)`"
        switch letter {
        case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "k"), UInt8(ascii: "g"):
            return "\(shown) refers back to a group, which linear time cannot have; write what it may match once more"
        case UInt8(ascii: "C"):
            return "\(shown) is a single byte, which may cut a character in two; use `.` or `(?s:.)`"
        case UInt8(ascii: "Z"): return "there is no \(shown); use `\\z` for the end of the text, or `\\n?\\z`"
        case UInt8(ascii: "E"): return "\(shown) ends no quotation; begin one with `\\Q`, or remove it"
        case UInt8(ascii: "G"), UInt8(ascii: "K"):
            return "there is no \(shown); use a group for the part that is wanted"
        case UInt8(ascii: "h"), UInt8(ascii: "H"): return "there is no \(shown); use `[ \\t]` or `\\p{Zs}`"
        case UInt8(ascii: "R"): return "there is no \(shown); use `\\r?\\n`"
        case UInt8(ascii: "X"): return "there is no \(shown); use `\\PM\\pM*`"
        case UInt8(ascii: "u"), UInt8(ascii: "U"): return "there is no \(shown); use `\\x{…}` with the scalar's number"
        default: return "there is no escape \(shown); write the character without `\\`, or `\\\\` for a backslash"
        }
    }
}
