/// `[…]`, `{…}` and the `for` forms of both.
extension Parser {
    mutating func parseTuple() throws(Failed) -> Expression {
        let (opening, rule) = (current, ignoresNewlines)
        ignoresNewlines = true
        advance()
        if isKeyword("for", current), following.kind == .identifier {
            return try parseComprehension(opening, rule, .rightBracket)
        }
        var elements: [Expression] = []
        while current.kind != .rightBracket {
            elements.append(try parseExpression())
            guard take(.comma) else { break }
        }
        try close(.rightBracket, opening: opening, restoring: rule)
        return try make(.tuple(elements), from: opening.start)
    }

    mutating func parseObject() throws(Failed) -> Expression {
        let (opening, rule) = (current, ignoresNewlines)
        if isForObject {
            ignoresNewlines = true
            advance()
            return try parseComprehension(opening, rule, .rightBrace)
        }
        ignoresNewlines = false
        advance()
        var items: [ObjectItem] = []
        while true {
            while take(.newline) {}
            if current.kind == .rightBrace { break }
            items.append(try parseObjectItem())
            guard take(.comma) || current.kind == .newline else { break }
        }
        try close(.rightBrace, opening: opening, restoring: rule)
        return try make(.object(items), from: opening.start)
    }

    /// `{for x in …`, as opposed to an object with a key of that name.
    private var isForObject: Bool {
        var next = index + 1
        while next < tokens.count, tokens[next].kind == .newline { next += 1 }
        return next + 1 < tokens.count && isKeyword("for", tokens[next]) && tokens[next + 1].kind == .identifier
    }

    private mutating func parseObjectItem() throws(Failed) -> ObjectItem {
        let start = current
        var key: Expression
        if start.kind == .identifier, following.kind == .assign || following.kind == .colon {
            advance()
            key = try make(.literal(.string(text(of: start))), from: start.start)
        } else {
            key = try parseExpression()
            if start.kind != .leftParen, case .access(let base, _) = key.kind, case .variable = base.kind {
                throw fail(
                    "a reference as a key stands in parentheses", at: key.range,
                    suggestion: "(\(key.range.text)), or \"\(key.range.text)\" for the text itself")
            }
        }
        guard take(.assign) || take(.colon) else { throw unexpected("\"=\" or \":\" after the key") }
        return ObjectItem(key: key, value: try parseExpression())
    }

    private mutating func parseComprehension(
        _ opening: Token, _ rule: Bool, _ closing: Token.Kind
    ) throws(Failed) -> Expression {
        advance()
        let (keyName, valueName, collection) = try parseForHeader()
        try expect(.colon)
        let first = try parseExpression()
        var product = Comprehension.Product.list(element: first)
        if closing == .rightBrace {
            try expect(.arrow, "\"=>\" between key and value")
            let value = try parseExpression()
            product = .object(key: first, value: value, groups: take(.ellipsis))
        }
        var condition: Expression?
        if isKeyword("if", current) {
            advance()
            condition = try parseExpression()
        }
        try close(closing, opening: opening, restoring: rule)
        let comprehension = Comprehension(
            keyName: keyName, valueName: valueName, collection: collection, product: product, condition: condition)
        return try make(.comprehension(comprehension), from: opening.start)
    }

    /// `key, value in collection`, without the word `for`; of expressions and of template directives.
    mutating func parseForHeader() throws(Failed) -> (key: String?, value: String, collection: Expression) {
        var value = text(of: try expect(.identifier, "a name after \"for\""))
        var key: String?
        if take(.comma) {
            key = value
            value = text(of: try expect(.identifier, "a second name"))
        }
        guard isKeyword("in", current) else { throw unexpected("\"in\"") }
        advance()
        return (key, value, try parseExpression())
    }
}
