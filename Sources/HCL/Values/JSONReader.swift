/// Reads JSON strictly, with a bound on nesting.
struct JSONReader {
    struct Failure: Error {
        var message: String
    }

    private let bytes: [UInt8]
    private let nesting: Int
    private var position = 0

    static func read(_ text: String, nesting: Int) throws(Failure) -> Value {
        var reader = JSONReader(bytes: Array(text.utf8), nesting: nesting)
        let value = try reader.readValue(depth: 0)
        reader.skipSpace()
        guard reader.position == reader.bytes.count else { throw reader.failure("text after the end of the value") }
        return value
    }

    private init(bytes: [UInt8], nesting: Int) {
        self.bytes = bytes
        self.nesting = nesting
    }

    private func failure(_ message: String) -> Failure { Failure(message: "\(message) at byte \(position)") }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte,
            byte == Ascii.space || byte == Ascii.tab || byte == Ascii.newline || byte == Ascii.carriageReturn
        {
            position += 1
        }
    }

    private mutating func take(_ expected: Character) -> Bool {
        skipSpace()
        guard byte == expected.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func readValue(depth: Int) throws(Failure) -> Value {
        guard depth <= nesting else { throw failure("nested too deep") }
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readList(depth: depth)
        case Ascii.quote: return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case nil: throw failure("unexpected end")
        default: return try readNumber()
        }
    }

    private mutating func readWord(_ word: String, _ value: Value) throws(Failure) -> Value {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("unexpected character") }
        position += word.utf8.count
        return value
    }

    private mutating func readNumber() throws(Failure) -> Value {
        let start = position
        while let byte, Ascii.isDigit(byte) || "+-.eE".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Number(parsing: text) else {
            position = start
            throw failure("unexpected character or number too large")
        }
        return .number(number)
    }

    private mutating func readList(depth: Int) throws(Failure) -> Value {
        position += 1
        var list: [Value] = []
        if take("]") { return .list(list) }
        repeat { list.append(try readValue(depth: depth + 1)) } while take(",")
        guard take("]") else { throw failure("expected \",\" or \"]\"") }
        return .list(list)
    }

    private mutating func readObject(depth: Int) throws(Failure) -> Value {
        position += 1
        var object = ObjectValue()
        if take("}") { return .object(object) }
        repeat {
            skipSpace()
            guard byte == Ascii.quote else { throw failure("expected a key in quotes") }
            let key = try readString()
            guard take(":") else { throw failure("expected \":\"") }
            object[key] = try readValue(depth: depth + 1)
        } while take(",")
        guard take("}") else { throw failure("expected \",\" or \"}\"") }
        return .object(object)
    }

    private mutating func readString() throws(Failure) -> String {
        position += 1
        var result: [UInt8] = []
        while let byte {
            position += 1
            switch byte {
            case Ascii.quote: return String(decoding: result, as: UTF8.self)
            case Ascii.backslash: result += Array(String(try readEscape()).utf8)
            case 0..<0x20: throw failure("control character in a string")
            default: result.append(byte)
            }
        }
        throw failure("a string is not closed")
    }

    private mutating func readEscape() throws(Failure) -> Character {
        guard let letter = byte else { throw failure("unexpected end") }
        position += 1
        switch letter {
        case Ascii.quote: return "\""
        case Ascii.backslash: return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try readHex()
            if code & 0xFC00 == 0xD800, bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                let low = try readHex()
                code = low & 0xFC00 == 0xDC00 ? 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF : 0xFFFD
            }
            return Character(Unicode.Scalar(code) ?? "\u{FFFD}")
        default: throw failure("unknown escape")
        }
    }

    private mutating func readHex() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Ascii.hexValue(byte) else { throw failure("expected four hexadecimal digits") }
            code = code << 4 | digit
            position += 1
        }
        return code
    }
}
