/// Reads the words of one action.
struct TemplateActionReader {
    let offset: Int
    private let tokens: [TemplateToken]
    private let source: TemplateText
    private var next = 0
    private var depth = 0

    init(_ tokens: [TemplateToken], _ source: TemplateText, _ offset: Int) {
        self.tokens = tokens
        self.source = source
        self.offset = offset
    }

    var isAtEnd: Bool { next >= tokens.count }

    private var token: TemplateToken? { next < tokens.count ? tokens[next] : nil }

    /// The word that stands next.
    var keyword: String? { if case .word(let word)? = token?.kind { word } else { nil } }

    private var place: Int { token?.offset ?? offset }

    mutating func skip() { next += 1 }

    private mutating func take(_ kind: TemplateToken.Kind) -> Bool {
        guard token?.kind == kind else { return false }
        next += 1
        return true
    }

    /// Requires that nothing follows.
    func finish(_ what: String) throws(TemplateError) {
        guard let token else { return }
        throw source.error("\(token.kind.shown) cannot stand after \(what)", at: token.offset)
    }

    mutating func name(after word: String) throws(TemplateError) -> String {
        guard case .text(let name)? = token?.kind else {
            throw source.error("\"\(word)\" takes the name of a template in quotes", at: place)
        }
        next += 1
        return name
    }

    // MARK: - Pipelines

    mutating func pipeline(
        _ variables: inout [String], inRange: Bool = false
    ) throws(TemplateError) -> TemplatePipeline {
        var pipeline = TemplatePipeline(offset: place)
        try readTargets(&pipeline, variables, inRange: inRange)
        repeat {
            pipeline.commands.append(try command(variables, isFirst: pipeline.commands.isEmpty))
        } while take(.pipe)
        if !pipeline.isAssignment { variables += pipeline.variables }
        return pipeline
    }

    /// Reads `$a :=`, `$a =` and, in a range, `$a, $b :=`.
    private mutating func readTargets(
        _ pipeline: inout TemplatePipeline, _ known: [String], inRange: Bool
    ) throws(TemplateError) {
        let start = next
        guard case .variable(let first)? = token?.kind else { return }
        next += 1
        var names = [first]
        if inRange, take(.comma) {
            guard case .variable(let second)? = token?.kind else {
                throw source.error("a second variable must follow the comma: range $index, $element := …", at: place)
            }
            next += 1
            names.append(second)
        }
        if take(.declare) {
            pipeline.variables = names
        } else if take(.assign) {
            pipeline.variables = names
            pipeline.isAssignment = true
            for name in names where !known.contains(name) { throw unknown(name, at: tokens[start].offset) }
        } else {
            next = start
        }
        if names.contains("$"), !pipeline.variables.isEmpty {
            throw source.error("\"$\" cannot be set; give the variable a name", at: tokens[start].offset)
        }
    }

    private func unknown(_ variable: String, at offset: Int) -> TemplateError {
        source.error("there is no variable \(variable) here; declare it by \(variable) := …", at: offset)
    }

    private mutating func command(_ variables: [String], isFirst: Bool) throws(TemplateError) -> TemplateCommand {
        var operands: [TemplateOperand] = []
        let start = place
        while let operand = try operand(variables) { operands.append(operand) }
        guard let first = operands.first else {
            let shown = token.map { " before \($0.kind.shown)" } ?? ""
            throw source.error("a value or a function is missing here\(shown)", at: start)
        }
        if case .function = first.kind { return TemplateCommand(operands: operands) }
        if let second = operands.dropFirst().first {
            throw source.error("only functions take arguments; separate values by a |", at: second.offset)
        }
        guard isFirst else {
            throw source.error("what stands after a | must be a function, which takes the value", at: first.offset)
        }
        return TemplateCommand(operands: operands)
    }

    private mutating func operand(_ variables: [String]) throws(TemplateError) -> TemplateOperand? {
        guard let token, let kind = try operandKind(token, variables) else { return nil }
        var operand = TemplateOperand(kind: kind, offset: token.offset)
        if case .field(let name) = token.kind { operand.fields = [name] }
        // A field right behind a value belongs to it.
        while let following = self.token, !following.isSpaced, case .field(let name) = following.kind {
            switch kind {
            case .literal: throw source.error("a literal has no fields", at: following.offset)
            case .function:
                throw source.error("put the call in parentheses: (…).\(name)", at: following.offset)
            default: break
            }
            operand.fields.append(name)
            next += 1
        }
        return operand
    }

    private mutating func operandKind(
        _ token: TemplateToken, _ variables: [String]
    ) throws(TemplateError) -> TemplateOperand.Kind? {
        switch token.kind {
        case .pipe, .close, .comma, .declare, .assign: return nil
        case .open: return try parenthesized(token, variables)
        default: next += 1
        }
        switch token.kind {
        case .dot, .field: return .dot
        case .text(let text): return .literal(.text(text))
        case .integer(let number): return .literal(.integer(number))
        case .double(let number): return .literal(.double(number))
        case .variable(let name):
            guard variables.contains(name) else { throw unknown(name, at: token.offset) }
            return .variable(name)
        case .word(let name): return try word(name, at: token.offset)
        case .pipe, .open, .close, .comma, .declare, .assign: return nil
        }
    }

    private func word(_ name: String, at offset: Int) throws(TemplateError) -> TemplateOperand.Kind {
        switch name {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "nil": return .literal(.nothing)
        case "if", "with", "range", "else", "end", "define", "template", "block", "break", "continue":
            throw source.error("\"\(name)\" must stand first in an action of its own", at: offset)
        default:
            if let mistake = TemplateFunctions.mistake(inName: name) { throw source.error(mistake, at: offset) }
            return .function(name)
        }
    }

    private mutating func parenthesized(
        _ token: TemplateToken, _ variables: [String]
    ) throws(TemplateError) -> TemplateOperand.Kind {
        next += 1
        depth += 1
        guard depth <= TemplateParser.deepest else {
            throw source.error("parentheses are nested more than \(TemplateParser.deepest) deep", at: token.offset)
        }
        var inner = variables
        let pipeline = try pipeline(&inner)
        guard take(.close) else {
            throw source.error("the parenthesis that opens here is not closed", at: token.offset)
        }
        guard pipeline.variables.isEmpty else {
            throw source.error("variables cannot be set in parentheses", at: token.offset)
        }
        depth -= 1
        return .pipeline(pipeline)
    }
}
