/// Expressions, from the loosest binding to the tightest.
extension Parser {
    mutating func parseExpression() throws(Failed) -> Expression {
        try enter()
        let start = current.start
        let condition = try parseOperation(minimum: 1)
        var expression = condition
        if take(.question) {
            let yes = try parseExpression()
            try expect(.colon, "\":\" and the value for the other case")
            let no = try parseExpression()
            expression = try make(.conditional(condition, yes: yes, no: no), from: start)
        }
        depth -= 1
        return expression
    }

    /// Reads operators of at least a precedence. Those of one level become one flat node.
    private mutating func parseOperation(minimum: Int) throws(Failed) -> Expression {
        let start = current.start
        var left = try parseUnary()
        while let level = BinaryOperator(current.kind)?.precedence, level >= minimum {
            var operands: [Operand] = []
            while let symbol = BinaryOperator(current.kind), symbol.precedence == level {
                advance()
                try expectOperand(after: symbol.rawValue)
                // Each tighter level on the right takes as much of the stack as parentheses would.
                try enter()
                operands.append(Operand(symbol: symbol, expression: try parseOperation(minimum: level + 1)))
                depth -= 1
            }
            left = try make(.operation(left, operands), from: start)
        }
        return left
    }

    private mutating func expectOperand(after symbol: String) throws(Failed) {
        guard current.kind == .newline else { return }
        throw fail(
            "expected a value after \"\(symbol)\", found the end of the line",
            detail: "An expression of several lines stands in parentheses.", at: range(of: current))
    }

    private mutating func parseUnary() throws(Failed) -> Expression {
        let token = current
        guard token.kind == .minus || token.kind == .not else { return try parseAccess() }
        advance()
        if token.kind == .minus, current.kind == .number {
            let number = try parseNumber(negativeFrom: token.start)
            return try parseSteps(after: number, from: token.start)
        }
        try enter()
        let operand = try parseUnary()
        depth -= 1
        return try make(.unary(token.kind == .not ? .not : .negate, operand), from: token.start)
    }

    private mutating func parseAccess() throws(Failed) -> Expression {
        let start = current.start
        let base = try parsePrimary()
        return try parseSteps(after: base, from: start)
    }

    private mutating func parseSteps(after base: Expression, from start: Int) throws(Failed) -> Expression {
        var steps: [AccessStep] = []
        while current.kind == .dot || current.kind == .leftBracket {
            try count(at: current.start)
            if current.kind == .dot { try parseDot(into: &steps) } else { try parseIndex(into: &steps) }
        }
        return steps.isEmpty ? base : try make(.access(base, steps), from: start)
    }

    private mutating func parseDot(into steps: inout [AccessStep]) throws(Failed) {
        let start = advance().start
        let token = current
        switch token.kind {
        case .identifier:
            advance()
            steps.append(AccessStep(kind: .attribute(text(of: token)), range: range(from: start)))
        case .star:
            advance()
            steps.append(AccessStep(kind: .attributeSplat, range: range(from: start)))
        case .number:
            // `a.0.1` reads as the number 0.1.
            advance()
            for part in text(of: token).split(separator: ".") {
                guard let number = Int(part) else { throw fail("invalid index \"\(part)\"", at: range(of: token)) }
                let literal = try make(.literal(.number(.integer(number))), from: token.start)
                steps.append(AccessStep(kind: .index(literal), range: range(from: start)))
            }
        default:
            throw unexpected("a name after \".\"")
        }
    }

    private mutating func parseIndex(into steps: inout [AccessStep]) throws(Failed) {
        let (opening, rule) = (current, ignoresNewlines)
        ignoresNewlines = true
        advance()
        let kind: AccessStep.Kind
        if current.kind == .star, following.kind == .rightBracket {
            advance()
            kind = .splat
        } else {
            kind = .index(try parseExpression())
        }
        try close(.rightBracket, opening: opening, restoring: rule)
        steps.append(AccessStep(kind: kind, range: range(from: opening.start)))
    }

    private mutating func parsePrimary() throws(Failed) -> Expression {
        let token = current
        switch token.kind {
        case .number: return try parseNumber(negativeFrom: nil)
        case .quoteOpen: return try parseQuoted()
        case .heredocOpen, .flushHeredocOpen: return try parseHeredoc()
        case .identifier: return try parseName()
        case .leftBracket: return try parseTuple()
        case .leftBrace: return try parseObject()
        case .leftParen:
            let rule = ignoresNewlines
            ignoresNewlines = true
            advance()
            var inner = try parseExpression()
            try close(.rightParen, opening: token, restoring: rule)
            inner.range = range(from: token.start)
            return inner
        default:
            throw unexpected("a value")
        }
    }

    private mutating func parseName() throws(Failed) -> Expression {
        let token = advance()
        let name = text(of: token)
        if current.kind == .leftParen { return try parseCall(name, token) }
        switch name {
        case "true": return try make(.literal(.bool(true)), from: token.start)
        case "false": return try make(.literal(.bool(false)), from: token.start)
        case "null": return try make(.literal(.null), from: token.start)
        default: return try make(.variable(name), from: token.start)
        }
    }

    private mutating func parseCall(_ name: String, _ token: Token) throws(Failed) -> Expression {
        let (opening, rule) = (current, ignoresNewlines)
        ignoresNewlines = true
        advance()
        var call = FunctionCall(name: name, nameRange: range(of: token), arguments: [], expandsLast: false)
        while current.kind != .rightParen {
            call.arguments.append(try parseExpression())
            if take(.ellipsis) {
                call.expandsLast = true
                break
            }
            guard take(.comma) else { break }
        }
        try close(.rightParen, opening: opening, restoring: rule)
        return try make(.call(call), from: token.start)
    }

    /// Integers stay exact; what fits neither an integer nor a floating-point number is a mistake.
    private mutating func parseNumber(negativeFrom sign: Int?) throws(Failed) -> Expression {
        let token = advance()
        let written = text(of: token)
        let digits = sign == nil ? written : "-" + written
        let start = sign ?? token.start
        var number = Number.integer(0)
        if let integer = Int(digits) {
            number = .integer(integer)
        } else if written.utf8.allSatisfy(Ascii.isDigit) {
            fail(
                "the number is too large", detail: "Whole numbers go from \(Int.min) to \(Int.max).",
                at: range(from: start))
        } else if let double = Double(digits), double.isFinite {
            number = Number(double)
        } else {
            fail("the number is too large", at: range(from: start))
        }
        return try make(.literal(.number(number)), from: start)
    }
}
