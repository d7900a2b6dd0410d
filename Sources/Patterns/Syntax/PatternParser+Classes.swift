/// `[…]`.
extension PatternParser {
    mutating func readClass() throws(PatternError) {
        let start = position
        position += 1
        let isInverted = peek() == UInt8(ascii: "^")
        if isInverted { position += 1 }
        var ranges: [ClosedRange<UInt32>] = []
        let first = position
        // A bracket in the first place is meant as such.
        while position == first || peek() != UInt8(ascii: "]") {
            guard position < bytes.count else {
                throw error("a class is not closed; add `]`, or write `\\[` for a bracket", at: start)
            }
            ranges += try readClassPart()
            // Classes with names are long, and may be stated again and again.
            guard ranges.count <= limits.ranges else {
                throw error(
                    "its classes have more than \(limits.ranges) ranges of characters; use fewer or simpler ones",
                    at: start)
            }
        }
        position += 1
        let set = ScalarSet(ranges)
        try append(set: isInverted ? set.inverted : set, at: start)
    }

    private mutating func readClassPart() throws(PatternError) -> [ClosedRange<UInt32>] {
        if follows("[:"), let named = try readPOSIXClass() { return named }
        if peek() == UInt8(ascii: "\\"), let ranges = try classEscape() { return ranges }
        let start = position
        let low = try readClassScalar()
        var high = low
        if peek() == UInt8(ascii: "-"), let next = peek(1), next != UInt8(ascii: "]") {
            position += 1
            high = try readClassScalar()
        }
        guard low <= high else {
            throw error("the range `\(slice(start..<position))` ends below its start; swap its ends", at: start)
        }
        return flags.contains(.ignoreCase) ? CaseFolding.folded([low...high]) : [low...high]
    }

    private mutating func readClassScalar() throws(PatternError) -> UInt32 {
        guard peek() == UInt8(ascii: "\\") else { return readScalar() }
        if let letter = peek(1), NamedClasses.perl(letter) != nil || letter | 0x20 == UInt8(ascii: "p") {
            throw error("a class such as `\\\(Character(Unicode.Scalar(letter)))` cannot end a range", at: position)
        }
        return try readEscapedScalar()
    }

    /// `[:name:]` or `[:^name:]`; nil if the bracket is meant as such.
    private mutating func readPOSIXClass() throws(PatternError) -> [ClosedRange<UInt32>]? {
        if hasNoPOSIXEnd { return nil }
        var end = position + 2
        while end + 1 < bytes.count, bytes[end] != UInt8(ascii: ":") || bytes[end + 1] != UInt8(ascii: "]") { end += 1 }
        guard end + 1 < bytes.count else {
            hasNoPOSIXEnd = true
            return nil
        }
        let start = position
        var name = slice(position + 2..<end)
        let isInverted = name.first == "^"
        if isInverted { name.removeFirst() }
        guard var ranges = NamedClasses.posix[name] else {
            let known = NamedClasses.posix.keys.sorted().joined(separator: ", ")
            throw error("there is no class `[:\(name):]`; there are \(known)", at: start)
        }
        position = end + 2
        if flags.contains(.ignoreCase) { ranges = CaseFolding.folded(ranges) }
        return isInverted ? ScalarSet(ranges).inverted.ranges : ranges
    }
}
