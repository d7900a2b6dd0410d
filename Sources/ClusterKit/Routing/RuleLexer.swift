/// Cuts a rule into words.
struct RuleLexer {
    /// One word of a rule, and the place of its first byte.
    struct Token {
        enum Kind: Equatable {
            case name(String)
            case text([UInt8])
            case open
            case close
            case comma
            case and
            case or
            case not
            case end
        }

        var kind: Kind
        var offset: Int

        /// How messages name it.
        var words: String {
            switch kind {
            case .name(let name): "`\(name)`"
            case .text(let bytes): "the text \"\(String(decoding: bytes.prefix(40), as: UTF8.self))\""
            case .open: "`(`"
            case .close: "`)`"
            case .comma: "`,`"
            case .and: "`&&`"
            case .or: "`||`"
            case .not: "`!`"
            case .end: "the end of the rule"
            }
        }
    }

    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// An error at a place, whose column counts characters and not bytes.
    func error(at place: Int, _ reason: String) -> RouteRuleError {
        let before = bytes.prefix(place).reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        return RouteRuleError(column: before + 1, reason: reason)
    }

    mutating func next() throws(RouteRuleError) -> Token {
        while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
        let start = offset
        guard start < bytes.count else { return Token(kind: .end, offset: start) }
        switch bytes[start] {
        case UInt8(ascii: "("): return single(.open)
        case UInt8(ascii: ")"): return single(.close)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "!"): return single(.not)
        case UInt8(ascii: "&"): return try double(.and, "&&", "and")
        case UInt8(ascii: "|"): return try double(.or, "||", "or")
        case UInt8(ascii: "`"): return try rawText()
        case UInt8(ascii: "\""): return try quotedText()
        case let byte where Self.isLetter(byte):
            while offset < bytes.count, Self.isLetter(bytes[offset]) || Self.isDigit(bytes[offset]) { offset += 1 }
            let name = String(decoding: bytes[start..<offset], as: UTF8.self)
            return Token(kind: .name(name), offset: start)
        default: throw stranger(at: start)
        }
    }

    private mutating func single(_ kind: Token.Kind) -> Token {
        offset += 1
        return Token(kind: kind, offset: offset - 1)
    }

    private mutating func double(
        _ kind: Token.Kind, _ operation: String, _ word: String
    ) throws(RouteRuleError) -> Token {
        let start = offset
        guard start + 1 < bytes.count, bytes[start + 1] == bytes[start] else {
            let sign = operation.prefix(1)
            throw error(at: start, "found a single `\(sign)`, expected `\(operation)` for \"\(word)\"")
        }
        offset += 2
        return Token(kind: kind, offset: start)
    }

    private mutating func rawText() throws(RouteRuleError) -> Token {
        let start = offset
        guard let end = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "`")) else {
            throw error(at: start, "the backtick is never closed")
        }
        offset = end + 1
        return Token(kind: .text(Array(bytes[(start + 1)..<end])), offset: start)
    }

    private func stranger(at place: Int) -> RouteRuleError {
        let rest = String(decoding: bytes[place...].prefix(4), as: UTF8.self)
        let scalar = rest.unicodeScalars.first ?? " "
        if "'‘’“”´".unicodeScalars.contains(scalar) {
            return error(at: place, "found `\(scalar)`: a value stands in backticks or in double quotes")
        }
        let name =
            scalar.value < 0x20 || scalar.value == 0x7F
            ? "the control character U+\(Self.hexadecimal(scalar.value))" : "`\(scalar)`"
        return error(at: place, "found \(name), expected a matcher such as Host(`example.org`), `!` or `(`")
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

// MARK: - Double quotes

extension RuleLexer {
    private mutating func quotedText() throws(RouteRuleError) -> Token {
        let start = offset
        var text: [UInt8] = []
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return Token(kind: .text(text), offset: start)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0x0A: throw error(at: start, "the double quote is not closed on its line")
            default: text.append(byte)
            }
        }
        throw error(at: start, "the double quote is never closed")
    }

    /// Reads what follows a backslash, which has been taken.
    private mutating func escape(into text: inout [UInt8]) throws(RouteRuleError) {
        let start = offset - 1
        let letter = offset < bytes.count ? bytes[offset] : 0
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(letter)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "x"): text.append(UInt8(truncatingIfNeeded: try number(digits: 2, from: start)))
        case UInt8(ascii: "u"):
            guard let scalar = Unicode.Scalar(try number(digits: 4, from: start)) else {
                throw error(at: start, "the escape names no character")
            }
            text += Array(String(Character(scalar)).utf8)
        default: throw error(at: start, "the escapes are \\\", \\\\, \\n, \\r, \\t, \\xHH and \\uHHHH")
        }
    }

    private mutating func number(digits: Int, from start: Int) throws(RouteRuleError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard offset < bytes.count, let digit = PathPattern.hexadecimal(bytes[offset]) else {
                throw error(at: start, "the escape needs \(digits) hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
