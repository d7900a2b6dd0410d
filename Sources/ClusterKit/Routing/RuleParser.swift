/// Reads a rule by recursive descent: `||` binds weakest, then `&&`, then `!`.
struct RuleParser {
    private var lexer: RuleLexer
    private var token: RuleLexer.Token
    private var depth = 0
    /// How large the regular expressions are so far.
    private var instructionCount = 0

    init(_ text: String) throws(RouteRuleError) {
        lexer = RuleLexer(text)
        token = try lexer.next()
    }

    mutating func rule() throws(RouteRuleError) -> RouteCondition {
        guard token.kind != .end else {
            throw error("the rule is empty, expected a matcher such as Host(`example.org`)")
        }
        let condition = try alternatives()
        guard token.kind == .end else { throw unexpected("`&&`, `||` or the end of the rule") }
        return condition
    }

    private func error(_ reason: String) -> RouteRuleError { lexer.error(at: token.offset, reason) }

    private func unexpected(_ expected: String) -> RouteRuleError {
        var hint = ""
        if case .name(let name) = token.kind {
            hint =
                switch name.lowercased() {
                case "and": "; \"and\" is written `&&`"
                case "or": "; \"or\" is written `||`"
                case "not": "; \"not\" is written `!`"
                default: ""
                }
        }
        return error("found \(token.words), expected \(expected)\(hint)")
    }

    @discardableResult
    private mutating func advance() throws(RouteRuleError) -> RuleLexer.Token {
        let taken = token
        token = try lexer.next()
        return taken
    }

    private mutating func alternatives() throws(RouteRuleError) -> RouteCondition {
        var list = [try conjunction()]
        while token.kind == .or {
            try advance()
            list.append(try conjunction())
        }
        return list.count == 1 ? list[0] : .any(list)
    }

    private mutating func conjunction() throws(RouteRuleError) -> RouteCondition {
        var list = [try term()]
        while token.kind == .and {
            try advance()
            list.append(try term())
        }
        return list.count == 1 ? list[0] : .all(list)
    }

    private mutating func term() throws(RouteRuleError) -> RouteCondition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= RouteRule.deepestNesting + 1 else {
            throw error("parentheses and `!` stand in each other more than \(RouteRule.deepestNesting) deep")
        }
        switch token.kind {
        case .not:
            try advance()
            return .not(try term())
        case .open:
            let opening = try advance()
            let condition = try alternatives()
            guard token.kind == .close else {
                let column = lexer.error(at: opening.offset, "").column
                throw unexpected("`&&`, `||` or the `)` of the parenthesis in column \(column)")
            }
            try advance()
            return condition
        case .name(let name) where !["and", "or", "not"].contains(name.lowercased()): return try matcher(name)
        default: throw unexpected("a matcher such as Host(`example.org`), `!` or `(`")
        }
    }

    private mutating func matcher(_ name: String) throws(RouteRuleError) -> RouteCondition {
        let matcher: RuleMatcher
        switch RuleMatcher.named(name) {
        case .success(let found): matcher = found
        case .failure(let refusal): throw error(refusal.reason)
        }
        let place = try advance()
        guard token.kind == .open else { throw unexpected("`(` after \(matcher.rawValue)") }
        var values: [RuleMatcher.Value] = []
        repeat {
            try advance()
            guard case .text(let bytes) = token.kind else {
                throw unexpected("a value of \(matcher.rawValue) in backticks or double quotes")
            }
            values.append(RuleMatcher.Value(bytes: bytes, offset: token.offset))
            try advance()
        } while token.kind == .comma
        guard token.kind == .close else { throw unexpected("`,` or `)`") }
        try advance()
        switch matcher.condition(values, at: place.offset) {
        case .success(let condition):
            instructionCount += condition.instructionCount
            guard instructionCount <= RouteRule.mostInstructions else {
                throw lexer.error(
                    at: place.offset,
                    "the regular expressions of the rule take more than \(RouteRule.mostInstructions) instructions;"
                        + " use fewer or simpler ones")
            }
            return condition
        case .failure(let refusal): throw lexer.error(at: refusal.offset ?? place.offset, refusal.reason)
        }
    }
}
