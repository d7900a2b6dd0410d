/// Attributes, blocks, and finding the way back after a mistake.
extension Parser {
    /// Reads up to the closing brace, which stays, or to the end of the file.
    mutating func parseBody(opening: Token?) -> Body {
        let start = opening?.end ?? 0
        var body = Body(range: SourceRange(source, start..<start))
        var names: [String: SourceRange] = [:]
        while true {
            switch current.kind {
            case .newline:
                advance()
            case .end:
                if let opening, !isStopped {
                    fail("this \"{\" is not closed", at: range(of: opening))
                    isStopped = true
                }
                return body
            case .rightBrace where opening != nil:
                body.range = SourceRange(source, start..<current.start)
                return body
            case .rightBrace:
                fail("this \"}\" closes nothing", at: range(of: current))
                advance()
            default:
                parseItem(into: &body, &names)
            }
        }
    }

    private mutating func parseItem(into body: inout Body, _ names: inout [String: SourceRange]) {
        let (outerDepth, start) = (depth, index)
        do {
            try count(at: current.start)
            let name = try parseItemName()
            if following.kind == .assign {
                let attribute = try parseAttribute(name)
                if let first = names.updateValue(attribute.nameRange, forKey: attribute.name) {
                    fail(
                        "\"\(attribute.name)\" is set twice", detail: "It was set before on line \(first.line).",
                        at: attribute.nameRange)
                } else {
                    body.attributes.append(attribute)
                }
            } else {
                body.blocks.append(try parseBlock(name))
            }
            try parseItemEnd()
        } catch {
            depth = outerDepth
            recover(from: start)
        }
    }

    /// Looks at the name of an attribute or block, without consuming it.
    private mutating func parseItemName() throws(Failed) -> Token {
        let token = current
        if token.kind == .identifier { return token }
        if token.kind == .quoteOpen {
            throw fail(
                "names of attributes and blocks are written without quotes",
                detail: "Keys of another kind stand in a map: name = { \"a b\" = 1 }", at: range(of: token))
        }
        throw unexpected("the name of an attribute or block")
    }

    private mutating func parseAttribute(_ name: Token) throws(Failed) -> Attribute {
        advance()
        advance()
        let expression = try parseExpression()
        return Attribute(name: text(of: name), nameRange: range(of: name), expression: expression)
    }

    private mutating func parseBlock(_ name: Token) throws(Failed) -> Block {
        advance()
        var labels: [Block.Label] = []
        while current.kind == .identifier || current.kind == .quoteOpen {
            labels.append(try parseLabel())
        }
        if current.kind == .newline, nextSignificant.kind == .leftBrace {
            fail("the \"{\" of a block stands on the line of its name", at: range(of: nextSignificant))
            while take(.newline) {}
        }
        let opening = current
        guard opening.kind == .leftBrace else { throw missingBrace(after: name, labels) }
        try enter()
        advance()
        let body = parseBody(opening: opening)
        depth -= 1
        advance()
        return Block(
            type: text(of: name), typeRange: range(of: name), labels: labels, body: body)
    }

    private mutating func missingBrace(after name: Token, _ labels: [Block.Label]) -> Failed {
        if labels.isEmpty, current.kind == .colon || current.kind == .equal || current.kind == .arrow {
            return fail("attributes are set with \"=\"", at: range(of: current))
        }
        return unexpected(labels.isEmpty ? "\"=\" or \"{\" after \"\(text(of: name))\"" : "\"{\"")
    }

    private var nextSignificant: Token {
        tokens[index...].first { $0.kind != .newline } ?? current
    }

    private mutating func parseLabel() throws(Failed) -> Block.Label {
        let token = current
        if token.kind == .identifier {
            advance()
            return Block.Label(text: text(of: token), range: range(of: token))
        }
        let expression = try parseQuoted()
        guard case .literal(.string(let text)) = expression.kind else {
            throw fail("a label is plain text", detail: "It cannot hold \"${…}\".", at: expression.range)
        }
        return Block.Label(text: text, range: expression.range)
    }

    /// Attributes and blocks end with their line; `{ a = 1 }` may end with the brace.
    private mutating func parseItemEnd() throws(Failed) {
        switch current.kind {
        case .newline: advance()
        case .end, .rightBrace: break
        case .comma:
            throw fail(
                "attributes are not separated by commas", detail: "Each stands on its own line.", at: range(of: current)
            )
        default: throw unexpected("the end of the line")
        }
    }

    /// Goes to the start of the next line that can be an attribute or a block, over brackets that close.
    ///
    /// If the mistake was noticed only at the first word of a line, that line itself is read again: what is wrong is
    /// the line before it, such as a bracket that was forgotten.
    private mutating func recover(from start: Int) {
        ignoresNewlines = false
        if index > start, index > 0, tokens[index - 1].kind == .newline, startsItem(at: index) { return }
        let isBlock = tokens[start].kind == .identifier && tokens[min(start + 1, tokens.count - 1)].kind != .assign
        var open = 0
        while current.kind != .end {
            switch current.kind {
            case .newline where open == 0:
                let opening = Token(kind: .leftBrace, start: current.start, end: current.start)
                if isBlock, lineEndsWithBrace { recoverBody(opening) }
                advance()
                return
            case .leftBrace where open == 0 && isBlock:
                recoverBody(advance())
                continue
            case .leftBrace, .leftBracket, .leftParen, .interpolationOpen, .directiveOpen: open += 1
            case .rightBrace where open == 0 && depth > 0: return
            case .rightBrace, .rightBracket, .rightParen, .templateClose: open = max(0, open - 1)
            default: break
            }
            advance()
        }
    }

    /// Reads the body of a block whose header was wrong, for the mistakes in it and to find its end.
    private mutating func recoverBody(_ opening: Token) {
        do {
            try enter()
            _ = parseBody(opening: opening)
            depth -= 1
            advance()
        } catch {
            // The limit of depth is reported, and ends the reading.
        }
    }

    /// Whether the brace that opens a block was swallowed by a string that is not closed.
    private var lineEndsWithBrace: Bool {
        var end = current.start
        while end > 0, Ascii.isBlank(source.bytes[end - 1]) || source.bytes[end - 1] == Ascii.carriageReturn {
            end -= 1
        }
        return end > 0 && source.bytes[end - 1] == Ascii.leftBrace
    }

    /// Whether a line begins like `name =`, `name {` or `name "label"`, or closes a block.
    private func startsItem(at index: Int) -> Bool {
        if tokens[index].kind == .rightBrace { return true }
        guard tokens[index].kind == .identifier, index + 1 < tokens.count else { return false }
        switch tokens[index + 1].kind {
        case .assign, .leftBrace, .quoteOpen: return true
        default: return false
        }
    }
}
