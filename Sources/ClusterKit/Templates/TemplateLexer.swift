/// Cuts a template into text and actions, and actions into words.
struct TemplateLexer {
    private let source: TemplateText
    private let left: [UInt8]
    private let right: [UInt8]
    private var position = 0
    private var segments: [TemplateSegment] = []

    private static let dash = UInt8(ascii: "-")

    static func segments(
        of source: TemplateText, left: String, right: String
    ) throws(TemplateError) -> [TemplateSegment] {
        var lexer = TemplateLexer(source: source, left: Array(left.utf8), right: Array(right.utf8))
        try lexer.run()
        return lexer.segments
    }

    private init(source: TemplateText, left: [UInt8], right: [UInt8]) {
        self.source = source
        self.left = left
        self.right = right
    }

    private var bytes: [UInt8] { source.bytes }

    private func byte(_ offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func run() throws(TemplateError) {
        var start = 0
        while position < bytes.count {
            guard source.begins(with: left, at: position) else {
                position += 1
                continue
            }
            let opening = position
            position += left.count
            var end = opening
            if byte(position) == Self.dash, byte(position + 1)?.isBlank == true {
                position += 1
                while end > start, bytes[end - 1].isBlank { end -= 1 }
            }
            addText(start..<end)
            try takeAction(opening)
            start = position
        }
        addText(start..<bytes.count)
    }

    private mutating func addText(_ range: Range<Int>) {
        if !range.isEmpty { segments.append(.text(source.text(range))) }
    }

    /// Reads up to the right delimiter and past the blanks that it takes away.
    private mutating func takeAction(_ opening: Int) throws(TemplateError) {
        if try skipComment(opening) { return }
        var tokens: [TemplateToken] = []
        while true {
            let spaced = skipBlanks()
            if closes(spaced: spaced) { break }
            guard position < bytes.count else { throw unclosed(opening) }
            tokens.append(try token(spaced: spaced))
        }
        segments.append(.action(tokens, offset: opening))
    }

    private func unclosed(_ opening: Int) -> TemplateError {
        source.error(
            "the action that begins here is not closed; close it by \(String(decoding: right, as: UTF8.self))",
            at: opening)
    }

    private mutating func skipBlanks() -> Bool {
        let start = position
        while let byte = byte(position), byte.isBlank { position += 1 }
        return position > start
    }

    /// Passes the right delimiter when it stands here, and the blanks behind it when it says so.
    private mutating func closes(spaced: Bool) -> Bool {
        if source.begins(with: right, at: position) {
            position += right.count
            return true
        }
        guard spaced, byte(position) == Self.dash, source.begins(with: right, at: position + 1) else { return false }
        position += 1 + right.count
        _ = skipBlanks()
        return true
    }

    private mutating func skipComment(_ opening: Int) throws(TemplateError) -> Bool {
        let before = position
        _ = skipBlanks()
        guard byte(position) == UInt8(ascii: "/"), byte(position + 1) == UInt8(ascii: "*") else {
            position = before
            return false
        }
        position += 2
        while position < bytes.count, !source.begins(with: [UInt8(ascii: "*"), UInt8(ascii: "/")], at: position) {
            position += 1
        }
        position = min(position + 2, bytes.count)
        let spaced = skipBlanks()
        guard closes(spaced: spaced) else {
            throw source.error("a comment is an action of its own: write {{/* … */}}", at: opening)
        }
        return true
    }

    // MARK: - Words

    private mutating func token(spaced: Bool) throws(TemplateError) -> TemplateToken {
        let start = position
        let kind = try kind()
        return TemplateToken(kind: kind, offset: start, isSpaced: spaced)
    }

    private mutating func kind() throws(TemplateError) -> TemplateToken.Kind {
        let start = position
        let first = bytes[position]
        position += 1
        switch first {
        case UInt8(ascii: "|"): return .pipe
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: "="): return .assign
        case UInt8(ascii: ":") where byte(position) == UInt8(ascii: "="):
            position += 1
            return .declare
        case UInt8(ascii: "\""): return .text(try quoted(start))
        case UInt8(ascii: "`"): return .text(try raw(start))
        case UInt8(ascii: "'"): return .integer(try character(start))
        case UInt8(ascii: "$"): return .variable("$" + name())
        case UInt8(ascii: "."):
            if byte(position)?.isDigit == true { return try number(start) }
            let name = name()
            return name.isEmpty ? .dot : .field(name)
        case _ where first.isDigit, UInt8(ascii: "-") where byte(position)?.isDigit == true,
            UInt8(ascii: "+") where byte(position)?.isDigit == true:
            return try number(start)
        case _ where first.isLetter:
            position = start
            return .word(name())
        default:
            throw source.error(
                "\"\(source.text(start..<start + 1))\" means nothing in an action; put text in quotes", at: start)
        }
    }

    private mutating func name() -> String {
        let start = position
        while let byte = byte(position), byte.isLetter || byte.isDigit { position += 1 }
        return source.text(start..<position)
    }

    private mutating func raw(_ start: Int) throws(TemplateError) -> String {
        while let byte = byte(position), byte != UInt8(ascii: "`") { position += 1 }
        guard position < bytes.count else {
            throw source.error("the text that begins here has no closing `", at: start)
        }
        defer { position += 1 }
        return source.text(start + 1..<position)
    }

    private mutating func quoted(_ start: Int) throws(TemplateError) -> String {
        try literal(start, closing: UInt8(ascii: "\""))
    }

    private mutating func character(_ start: Int) throws(TemplateError) -> Int {
        let scalars = try literal(start, closing: UInt8(ascii: "'")).unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else {
            throw source.error("single quotes hold one character; put a text in double quotes", at: start)
        }
        return Int(scalar.value)
    }

    private mutating func literal(_ start: Int, closing: UInt8) throws(TemplateError) -> String {
        var text: [UInt8] = []
        while let byte = byte(position), byte != UInt8(ascii: "\n") {
            position += 1
            if byte == closing { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
        }
        throw source.error("the text that begins here is not closed on its line", at: start)
    }

    private mutating func escape() throws(TemplateError) -> [UInt8] {
        let start = position - 1
        guard let letter = byte(position) else { throw source.error("an escape ends the template", at: start) }
        position += 1
        switch letter {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return [letter]
        case UInt8(ascii: "x"): return Array(String(try scalar(digits: 2, start)).utf8)
        case UInt8(ascii: "u"): return Array(String(try scalar(digits: 4, start)).utf8)
        case UInt8(ascii: "U"): return Array(String(try scalar(digits: 8, start)).utf8)
        default:
            throw source.error("there is no such escape; use \\n, \\t, \\r, \\\\, \\\", \\xhh or \\uhhhh", at: start)
        }
    }

    private mutating func scalar(digits: Int, _ start: Int) throws(TemplateError) -> Unicode.Scalar {
        let end = min(position + digits, bytes.count)
        let text = source.text(position..<end)
        position = end
        guard text.utf8.count == digits, text.utf8.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw source.error("this escape is no character; it takes \(digits) hexadecimal digits", at: start) }
        return scalar
    }

    private mutating func number(_ start: Int) throws(TemplateError) -> TemplateToken.Kind {
        while let byte = byte(position) {
            let isSign =
                (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
                && (bytes[position - 1] == UInt8(ascii: "e") || bytes[position - 1] == UInt8(ascii: "E"))
            guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: ".") || isSign else { break }
            position += 1
        }
        let text = source.text(start..<position).filter { $0 != "_" }
        if let number = Int(text) { return .integer(number) }
        for (prefix, radix) in [("0x", 16), ("0X", 16), ("0b", 2), ("0o", 8)] where text.hasPrefix(prefix) {
            if let number = Int(text.dropFirst(2), radix: radix) { return .integer(number) }
        }
        if text.utf8.allSatisfy({ !$0.isLetter || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }),
            let number = Double(text), number.isFinite
        {
            return .double(number)
        }
        throw source.error("this is no number that can be used here", at: start)
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
    /// Letters, `_`, and whatever is not ASCII.
    var isLetter: Bool {
        let lower = self | 0x20
        return UInt8(ascii: "a")...UInt8(ascii: "z") ~= lower || self == UInt8(ascii: "_") || self >= 0x80
    }
    var isHexDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= self | 0x20 }
}
