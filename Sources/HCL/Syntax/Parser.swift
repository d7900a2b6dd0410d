/// Builds the syntax tree by recursive descent. A mistake ends the attribute that it is in; the next one is read again.
struct Parser {
    /// The current attribute or block header cannot be understood; the diagnostic is already recorded.
    struct Failed: Error {}

    let source: SourceText
    let limits: Limits
    let tokens: [Token]
    var index = 0
    /// True between parentheses, brackets and in templates, where a line break is mere white space.
    var ignoresNewlines = false
    var depth = 0
    var nodes = 0
    var isStopped = false
    var diagnostics: [Diagnostic] = []

    init(_ source: SourceText, limits: Limits) {
        self.source = source
        self.limits = limits
        guard source.bytes.count <= limits.sourceBytes else {
            let summary = "the file is larger than \(limits.sourceBytes) bytes"
            diagnostics = [Diagnostic(.error, summary, at: SourceRange(source, 0..<0))]
            tokens = [Token(kind: .end, start: 0, end: 0)]
            isStopped = true
            return
        }
        var lexer = Lexer(source, limits: limits)
        lexer.run()
        tokens = lexer.tokens
        diagnostics = lexer.diagnostics
        isStopped = lexer.isStopped
        if let offset = source.firstInvalidUTF8 {
            fail("the file is not valid UTF-8", at: SourceRange(source, offset..<offset + 1))
        }
    }

    var finishedDiagnostics: [Diagnostic] { diagnostics.inSourceOrder() }

    mutating func parseFile() -> Body {
        var body = parseBody(opening: nil)
        body.range = SourceRange(source, 0..<source.bytes.count)
        return body
    }

    mutating func parseWholeExpression() -> Expression? {
        ignoresNewlines = true
        skipNewlines()
        do {
            let expression = try parseExpression()
            if current.kind != .end { throw unexpected("the end of the value") }
            return expression
        } catch {
            return nil
        }
    }
}

// MARK: - Tokens

extension Parser {
    var current: Token { tokens[index] }

    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    func text(of token: Token) -> String { source.text(in: token.start..<token.end) }

    func range(of token: Token) -> SourceRange { SourceRange(source, token.start..<token.end) }

    /// From the start of a token to the end of the last one that was consumed.
    func range(from start: Int) -> SourceRange {
        let end = index > 0 ? tokens[index - 1].end : start
        return SourceRange(source, start..<max(start, end))
    }

    /// Consumes the current token; the end of the file stays.
    @discardableResult
    mutating func advance() -> Token {
        let token = tokens[index]
        if index + 1 < tokens.count { index += 1 }
        skipNewlines()
        return token
    }

    mutating func skipNewlines() {
        while ignoresNewlines, tokens[index].kind == .newline { index += 1 }
    }

    mutating func take(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    @discardableResult
    mutating func expect(_ kind: Token.Kind, _ what: String? = nil) throws(Failed) -> Token {
        guard current.kind == kind else { throw unexpected(what ?? kind.name) }
        return advance()
    }

    /// Consumes a bracket and goes back to the rule for newlines that held before its partner.
    mutating func close(_ kind: Token.Kind, opening: Token, restoring rule: Bool) throws(Failed) {
        guard current.kind == kind else {
            let line = source.line(at: opening.start)
            throw unexpected("\(kind.name) to end what \(opening.kind.name) on line \(line) began")
        }
        ignoresNewlines = rule
        advance()
    }

    func isKeyword(_ word: String, _ token: Token) -> Bool {
        token.kind == .identifier && token.end - token.start == word.utf8.count && text(of: token) == word
    }
}

// MARK: - Mistakes and budgets

extension Parser {
    @discardableResult
    mutating func fail(
        _ summary: String, detail: String? = nil, at range: SourceRange, suggestion: String? = nil
    ) -> Failed {
        diagnostics.append(Diagnostic(.error, summary, detail: detail, at: range, suggestion: suggestion))
        if diagnostics.count >= limits.diagnostics { stop() }
        return Failed()
    }

    /// Complains about the current token, unless the lexer already did.
    mutating func unexpected(_ wanted: String, detail: String? = nil) -> Failed {
        guard !isReported, !isStopped else { return Failed() }
        let found = current.kind == .identifier ? "\"\(text(of: current))\"" : current.kind.name
        return fail("expected \(wanted), found \(found)", detail: detail, at: range(of: current))
    }

    /// Whether the lexer has complained about the current token, or about the string that it begins.
    private var isReported: Bool {
        if current.kind == .quoteOpen {
            return tokens[index...].prefix(3).contains { $0.kind == .invalid }
        }
        return current.kind == .invalid
    }

    /// Ends the reading of this file: a budget is used up.
    mutating func stop() {
        isStopped = true
        index = tokens.count - 1
    }

    /// Goes one level deeper; each call is paired with `depth -= 1`.
    mutating func enter() throws(Failed) {
        depth += 1
        guard depth > limits.nesting, !isStopped else { return }
        fail("nested too deep", detail: "At most \(limits.nesting) levels are read.", at: range(of: current))
        stop()
        throw Failed()
    }

    mutating func make(_ kind: Expression.Kind, from start: Int) throws(Failed) -> Expression {
        try count(at: start)
        return Expression(kind: kind, range: range(from: start))
    }

    /// Counts a node of the tree.
    mutating func count(at start: Int) throws(Failed) {
        nodes += 1
        guard nodes > limits.nodes, !isStopped else { return }
        fail(
            "the file is too large", detail: "At most \(limits.nodes) expressions, attributes and blocks are read.",
            at: range(from: start))
        stop()
        throw Failed()
    }
}

extension SourceText {
    /// The first byte that no UTF-8 text can have there.
    fileprivate var firstInvalidUTF8: Int? {
        var decoder = UTF8()
        guard bytes.contains(where: { $0 >= 0x80 }) else { return nil }
        var offset = 0
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }
}
