/// Strings, heredocs and what they contain.
extension Lexer {
    /// Reads one literal piece of a quoted string, or the sequence or quote that ends it.
    mutating func lexQuoted() {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case Ascii.quote:
                emitText(from: start)
                emit(.quoteClose, length: 1)
                modes.removeLast()
                return
            case Ascii.newline:
                emitText(from: start)
                return closeBrokenString()
            case Ascii.backslash where byte(ahead: 1) != Ascii.newline:
                position += 2
            case Ascii.dollar, Ascii.percent:
                if skipEscapedSequence() { continue }
                if lexTemplateStart(textFrom: start) { return }
                position += 1
            default:
                position += 1
            }
        }
        position = bytes.count
        emitText(from: start)
    }

    /// Reads one line of a heredoc, or a part of it up to a sequence, or the marker that ends it.
    mutating func lexHeredoc(marker: Range<Int>) {
        let start = position
        if bytes[start - 1] == Ascii.newline, let end = heredocEnd(marker: marker) {
            emit(.heredocClose, length: end - position)
            modes.removeLast()
            return
        }
        while position < bytes.count {
            switch bytes[position] {
            case Ascii.newline:
                position += 1
                return emitText(from: start)
            case Ascii.dollar, Ascii.percent:
                if skipEscapedSequence() { continue }
                if lexTemplateStart(textFrom: start) { return }
                position += 1
            default:
                position += 1
            }
        }
        emitText(from: start)
    }

    mutating func lexHeredocStart() {
        let start = position
        let isFlush = byte(ahead: 2) == Ascii.minus
        let markerStart = start + (isFlush ? 3 : 2)
        guard let length = identifierLength(at: markerStart) else {
            complain("a heredoc needs a marker", start..<markerStart, detail: "It begins with <<EOT or <<-EOT.")
            return emit(.invalid, length: 2)
        }
        let marker = markerStart..<markerStart + length
        var lineEnd = marker.upperBound
        while lineEnd < bytes.count, Ascii.isBlank(bytes[lineEnd]) || bytes[lineEnd] == Ascii.carriageReturn {
            lineEnd += 1
        }
        guard lineEnd < bytes.count, bytes[lineEnd] == Ascii.newline else {
            complain("the text of a heredoc begins on the next line", start..<marker.upperBound)
            return emit(.invalid, length: marker.upperBound - start)
        }
        emit(isFlush ? .flushHeredocOpen : .heredocOpen, length: marker.upperBound - start)
        position = lineEnd + 1
        push(.heredoc(marker: marker, opening: tokens.count - 1))
    }

    /// The offset behind the marker, if the current line holds nothing else.
    private func heredocEnd(marker: Range<Int>) -> Int? {
        var start = position
        while start < bytes.count, Ascii.isBlank(bytes[start]) { start += 1 }
        let end = start + marker.count
        guard end <= bytes.count, bytes[start..<end].elementsEqual(bytes[marker]) else { return nil }
        var rest = end
        while rest < bytes.count, Ascii.isBlank(bytes[rest]) || bytes[rest] == Ascii.carriageReturn { rest += 1 }
        return rest == bytes.count || bytes[rest] == Ascii.newline ? end : nil
    }

    private mutating func emitText(from start: Int) {
        guard position > start else { return }
        tokens.append(Token(kind: .text, start: start, end: position))
    }

    /// Passes over `$${` and `%%{`, which stand for themselves less one sign.
    private mutating func skipEscapedSequence() -> Bool {
        let sign = bytes[position]
        guard byte(ahead: 1) == sign, byte(ahead: 2) == Ascii.leftBrace else { return false }
        position += 3
        return true
    }

    private mutating func lexTemplateStart(textFrom start: Int) -> Bool {
        guard byte(ahead: 1) == Ascii.leftBrace else { return false }
        emitText(from: start)
        let kind: Token.Kind = bytes[position] == Ascii.dollar ? .interpolationOpen : .directiveOpen
        let strips = byte(ahead: 2) == Ascii.tilde
        emit(kind, length: strips ? 3 : 2, strips: strips)
        push(.code(braces: 0))
        return true
    }
}

// MARK: - Recovery

extension Lexer {
    /// A newline in code. Within `"${…}"` it is allowed, but if the next line looks like an attribute or a block,
    /// then a brace was forgotten, and the rest of the file must not become part of the string.
    mutating func lexNewline() {
        if modes.count > 1, case .quoted(let opening) = modes[modes.count - 2], nextLineStartsItem {
            complainAboutSequence(within: opening)
            return closeModesOnLine()
        }
        emit(.newline, length: 1)
    }

    private var nextLineStartsItem: Bool {
        var index = position + 1
        while index < bytes.count, Ascii.isBlank(bytes[index]) { index += 1 }
        guard let length = identifierLength(at: index) else { return false }
        index += length
        while index < bytes.count, Ascii.isBlank(bytes[index]) { index += 1 }
        guard index < bytes.count else { return false }
        if bytes[index] == Ascii.leftBrace { return true }
        let isAssignment = bytes[index] == UInt8(ascii: "=")
        return isAssignment && (index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "="))
    }

    /// A string reached the end of its line.
    private mutating func closeBrokenString() {
        guard case .quoted(let opening) = modes[modes.count - 1] else { return }
        if modes.count > 2, case .quoted(let outer) = modes[modes.count - 3] {
            // The quote that was meant to end the string began another one within "${".
            complainAboutSequence(within: outer)
            return closeModesOnLine()
        }
        let start = tokens[opening].start
        complain(
            "this string is not closed", start..<start + 1,
            detail: "A string ends on its line. Text of several lines is written as a heredoc: <<EOT … EOT.")
        closeModesOnLine()
    }

    private mutating func complainAboutSequence(within opening: Int) {
        let sequence = tokens[opening...].last { $0.kind == .interpolationOpen || $0.kind == .directiveOpen }
        let place = sequence ?? tokens[opening]
        complain(
            "this \"\(source.text(in: place.start..<place.end))\" is not closed", place.start..<place.end,
            detail: "It ends with \"}\". To write it as text, double the sign: \"$${\".")
    }

    /// Leaves all strings that are open on this line, down to the heredoc or the code around them.
    private mutating func closeModesOnLine() {
        emit(.invalid, length: 0)
        while modes.count > 1 {
            switch modes[modes.count - 1] {
            case .heredoc: return
            case .quoted: emit(.quoteClose, length: 0)
            case .code:
                if case .heredoc = modes[modes.count - 2] { return }
                emit(.templateClose, length: 0)
            }
            modes.removeLast()
        }
    }

    /// At the end of the file only the outermost open string or heredoc is worth a word.
    mutating func closeModesAtEnd() {
        guard modes.count > 1 else { return }
        switch modes[1] {
        case .quoted(let opening):
            complain("this string is not closed", tokens[opening].start..<tokens[opening].end)
        case .heredoc(let marker, let opening):
            complain(
                "this heredoc is not closed", tokens[opening].start..<tokens[opening].end,
                detail: "It ends at a line that holds only \(source.text(in: marker)).")
        case .code: break
        }
        emit(.invalid, length: 0)
        while modes.count > 1 {
            switch modes.removeLast() {
            case .code: emit(.templateClose, length: 0)
            case .quoted: emit(.quoteClose, length: 0)
            case .heredoc: emit(.heredocClose, length: 0)
            }
        }
    }
}
