/// Cuts a file into tokens, in one pass and without recursion: what is open stands on a stack in the heap.
///
/// A quoted string, its `${`, and strings within that are modes; the mode says how the next byte is read.
struct Lexer {
    /// What encloses the current position.
    enum Mode {
        /// Names and operators; `braces` counts those open since the mode began.
        case code(braces: Int)
        /// Inside of `"…"` that was opened by the token with that index.
        case quoted(opening: Int)
        /// Inside of a heredoc that ends at a line with the marker.
        case heredoc(marker: Range<Int>, opening: Int)
    }

    let source: SourceText
    let bytes: [UInt8]
    let limits: Limits
    var position = 0
    var tokens: [Token] = []
    var modes: [Mode] = [.code(braces: 0)]
    var diagnostics: [Diagnostic] = []
    /// Set when a limit was reached: the rest of the file is not read.
    var isStopped = false

    init(_ source: SourceText, limits: Limits) {
        self.source = source
        self.limits = limits
        bytes = source.bytes
        tokens.reserveCapacity(bytes.count / 4)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// Reads the whole file; the last token is always `.end`.
    mutating func run() {
        while position < bytes.count, !isStopped {
            switch modes[modes.count - 1] {
            case .code: lexCode()
            case .quoted: lexQuoted()
            case .heredoc(let marker, _): lexHeredoc(marker: marker)
            }
        }
        if isStopped { tokens.removeAll() } else { closeModesAtEnd() }
        tokens.append(Token(kind: .end, start: bytes.count, end: bytes.count))
    }

    /// The byte at some distance from the current position; zero beyond the end.
    func byte(ahead distance: Int = 0) -> UInt8 {
        let index = position + distance
        return index < bytes.count ? bytes[index] : 0
    }

    mutating func emit(_ kind: Token.Kind, length: Int, strips: Bool = false) {
        let end = min(position + length, bytes.count)
        tokens.append(Token(kind: kind, strips: strips, start: position, end: end))
        position = end
    }

    mutating func complain(
        _ summary: String, _ offsets: Range<Int>, detail: String? = nil, suggestion: String? = nil
    ) {
        diagnostics.append(
            Diagnostic(.error, summary, detail: detail, at: SourceRange(source, offsets), suggestion: suggestion))
        if diagnostics.count >= limits.diagnostics { isStopped = true }
    }

    /// Enters a string, heredoc or interpolation, unless that would be too deep.
    mutating func push(_ mode: Mode) {
        modes.append(mode)
        guard modes.count > 2 * limits.nesting else { return }
        complain(
            "templates are nested too deep", max(0, position - 1)..<position,
            detail: "At most \(limits.nesting) levels are read.")
        isStopped = true
    }
}

// MARK: - Code

extension Lexer {
    private mutating func lexCode() {
        let first = bytes[position]
        switch first {
        case Ascii.space, Ascii.tab, Ascii.carriageReturn: position += 1
        case Ascii.newline: lexNewline()
        case Ascii.quote:
            emit(.quoteOpen, length: 1)
            push(.quoted(opening: tokens.count - 1))
        case UInt8(ascii: "#"): skipLine()
        case UInt8(ascii: "/") where byte(ahead: 1) == UInt8(ascii: "/"): skipLine()
        case UInt8(ascii: "/") where byte(ahead: 1) == UInt8(ascii: "*"): skipComment()
        case Ascii.leftBrace, Ascii.rightBrace: lexBrace(first)
        case Ascii.tilde where byte(ahead: 1) == Ascii.rightBrace && isAtTemplateEnd: closeTemplateCode(length: 2)
        case UInt8(ascii: "<") where byte(ahead: 1) == UInt8(ascii: "<"): lexHeredocStart()
        case Ascii.zero...UInt8(ascii: "9"): lexNumber()
        default:
            if let length = identifierLength(at: position) {
                emit(.identifier, length: length)
            } else if let (kind, length) = punctuation(first) {
                emit(kind, length: length)
            } else {
                lexUnknown(first)
            }
        }
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != Ascii.newline { position += 1 }
    }

    private mutating func skipComment() {
        let start = position
        position += 2
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "*"), byte(ahead: 1) == UInt8(ascii: "/") {
                position += 2
                return
            }
            position += 1
        }
        complain("this comment is not closed", start..<start + 2, detail: "It ends with \"*/\".")
    }

    private var isAtTemplateEnd: Bool {
        if modes.count > 1, case .code(braces: 0) = modes[modes.count - 1] { true } else { false }
    }

    private mutating func lexBrace(_ brace: UInt8) {
        guard case .code(let braces) = modes[modes.count - 1] else { return }
        if brace == Ascii.rightBrace, isAtTemplateEnd { return closeTemplateCode(length: 1) }
        let change = brace == Ascii.leftBrace ? 1 : -1
        modes[modes.count - 1] = .code(braces: max(0, braces + change))
        emit(brace == Ascii.leftBrace ? .leftBrace : .rightBrace, length: 1)
    }

    private mutating func closeTemplateCode(length: Int) {
        emit(.templateClose, length: length, strips: length == 2)
        modes.removeLast()
    }

    private mutating func lexNumber() {
        let start = position
        func skipDigits() { while Ascii.isDigit(byte()) { position += 1 } }
        skipDigits()
        if byte() == Ascii.dot, Ascii.isDigit(byte(ahead: 1)) {
            position += 1
            skipDigits()
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let isSigned = byte(ahead: 1) == UInt8(ascii: "+") || byte(ahead: 1) == Ascii.minus
            if Ascii.isDigit(byte(ahead: isSigned ? 2 : 1)) {
                position += isSigned ? 2 : 1
                skipDigits()
            }
        }
        guard let junk = identifierLength(at: position) else {
            tokens.append(Token(kind: .number, start: start, end: position))
            return
        }
        let end = position + junk
        let text = source.text(in: start..<end)
        complain(
            "\"\(text)\" is not a number", start..<end, detail: "Values with a unit are written in quotes.",
            suggestion: "\"\(text)\"")
        position = start
        emit(.invalid, length: end - start)
    }

    /// The length of the name that starts at an offset; names hold letters, digits, `_` and `-`.
    func identifierLength(at start: Int) -> Int? {
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if Ascii.isLetter(byte) || byte == UInt8(ascii: "_") {
                end += 1
            } else if Ascii.isDigit(byte) || byte == Ascii.minus {
                if end == start { return nil }
                end += 1
            } else if byte >= 0x80, let length = scalarLength(at: end, isFirst: end == start) {
                end += length
            } else {
                break
            }
        }
        return end > start ? end - start : nil
    }

    /// The length of a letter beyond ASCII, if Unicode lets it stand in a name.
    private func scalarLength(at offset: Int, isFirst: Bool) -> Int? {
        let length = bytes[offset] >= 0xF0 ? 4 : bytes[offset] >= 0xE0 ? 3 : 2
        guard offset + length <= bytes.count else { return nil }
        let text = String(decoding: bytes[offset..<offset + length], as: UTF8.self)
        guard let scalar = text.unicodeScalars.first, scalar != "\u{FFFD}", scalar.utf8.count == length else {
            return nil
        }
        let properties = scalar.properties
        return (isFirst ? properties.isIDStart : properties.isIDContinue) ? length : nil
    }

    private func punctuation(_ first: UInt8) -> (Token.Kind, length: Int)? {
        let second = byte(ahead: 1)
        let equals = UInt8(ascii: "=")
        switch first {
        case UInt8(ascii: "["): return (.leftBracket, 1)
        case UInt8(ascii: "]"): return (.rightBracket, 1)
        case UInt8(ascii: "("): return (.leftParen, 1)
        case UInt8(ascii: ")"): return (.rightParen, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case Ascii.dot: return second == Ascii.dot && byte(ahead: 2) == Ascii.dot ? (.ellipsis, 3) : (.dot, 1)
        case UInt8(ascii: ":"): return (.colon, 1)
        case UInt8(ascii: "?"): return (.question, 1)
        case UInt8(ascii: "+"): return (.plus, 1)
        case Ascii.minus: return (.minus, 1)
        case UInt8(ascii: "*"): return (.star, 1)
        case UInt8(ascii: "/"): return (.slash, 1)
        case Ascii.percent: return (.percent, 1)
        case equals: return second == equals ? (.equal, 2) : second == UInt8(ascii: ">") ? (.arrow, 2) : (.assign, 1)
        case UInt8(ascii: "!"): return second == equals ? (.notEqual, 2) : (.not, 1)
        case UInt8(ascii: "<"): return second == equals ? (.lessOrEqual, 2) : (.less, 1)
        case UInt8(ascii: ">"): return second == equals ? (.greaterOrEqual, 2) : (.greater, 1)
        case UInt8(ascii: "&"): return second == first ? (.and, 2) : nil
        case UInt8(ascii: "|"): return second == first ? (.or, 2) : nil
        default: return nil
        }
    }

    private mutating func lexUnknown(_ first: UInt8) {
        let start = position
        switch first {
        case UInt8(ascii: "&"), UInt8(ascii: "|"):
            let symbol = String(UnicodeScalar(first))
            complain("there is no operator \"\(symbol)\"", start..<start + 1, suggestion: "\"\(symbol)\(symbol)\"")
            emit(.invalid, length: 1)
        case UInt8(ascii: "'"), UInt8(ascii: "`"):
            var end = position + 1
            while end < bytes.count, bytes[end] != first, bytes[end] != Ascii.newline { end += 1 }
            if end < bytes.count, bytes[end] == first { end += 1 }
            complain("strings are written in double quotes", start..<end)
            emit(.invalid, length: end - start)
        default:
            // A whole run of strange bytes is one mistake.
            var end = position + 1
            while end < bytes.count, bytes[end] >= 0x80 { end += 1 }
            let text = source.text(in: start..<min(end, start + 16))
            let shown = first < 0x20 || first == 0x7F ? "byte \(first)" : "\"\(text)\""
            complain("unexpected character \(shown)", start..<end)
            emit(.invalid, length: end - start)
        }
    }
}
