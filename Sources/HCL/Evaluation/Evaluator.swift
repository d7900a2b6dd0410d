/// Walks an expression. Nil means that there is no value, and that a diagnostic says why.
struct Evaluator {
    let session: EvaluationSession
    var context: EvaluationContext
    /// Splats nested in one another; all other nesting is bounded by the parser.
    var splats = 0

    mutating func evaluate(_ expression: Expression) -> Value? {
        guard session.spend(1, at: expression.range) else { return nil }
        switch expression.kind {
        case .literal(let value): return value
        case .template(let parts): return evaluateTemplate(parts, at: expression.range)
        case .tuple(let elements): return evaluateTuple(elements, at: expression.range)
        case .object(let items): return evaluateObject(items, at: expression.range)
        case .unary(let symbol, let operand): return evaluateUnary(symbol, operand)
        case .operation(let first, let operands): return evaluateOperation(first, operands, at: expression.range)
        case .conditional(let condition, let yes, let no):
            guard let isTrue = evaluateBool(condition, "the condition") else { return nil }
            return evaluate(isTrue ? yes : no)
        case .call(let call): return evaluateCall(call, at: expression.range)
        case .variable(let name): return evaluateVariable(name, at: expression.range)
        case .access(let base, let steps): return evaluateAccess(base, steps)
        case .comprehension(let comprehension): return evaluateComprehension(comprehension, at: expression.range)
        }
    }

    func fail(_ summary: String, detail: String? = nil, at range: SourceRange, suggestion: String? = nil) {
        session.fail(summary, detail: detail, at: range, suggestion: suggestion)
    }

    /// Evaluates all elements even if one fails, so that each mistake is told.
    private mutating func evaluateTuple(_ elements: [Expression], at range: SourceRange) -> Value? {
        var values: [Value] = []
        for element in elements {
            if let value = evaluate(element) { values.append(value) }
        }
        return values.count == elements.count ? session.admit(.list(values), at: range) : nil
    }

    private mutating func evaluateObject(_ items: [ObjectItem], at range: SourceRange) -> Value? {
        var object = ObjectValue()
        var isComplete = true
        for item in items {
            let key = evaluateKey(item.key)
            let value = evaluate(item.value)
            if let key, let value { object[key] = value } else { isComplete = false }
        }
        return isComplete ? session.admit(.object(object), at: range) : nil
    }

    mutating func evaluateKey(_ expression: Expression) -> String? {
        guard let value = evaluate(expression) else { return nil }
        if let key = value.asString { return key }
        fail("a key must be a string, not \(value.typeName)", at: expression.range)
        return nil
    }

    mutating func evaluateBool(_ expression: Expression, _ what: String) -> Bool? {
        guard let value = evaluate(expression) else { return nil }
        if let bool = value.asBool { return bool }
        fail("\(what) must be true or false, not \(value.typeName)", at: expression.range)
        return nil
    }
}
