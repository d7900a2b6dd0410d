/// Strings with `${…}` and `%{…}`.
extension Evaluator {
    mutating func evaluateTemplate(_ parts: [TemplatePart], at range: SourceRange) -> Value? {
        // "${x}" alone is x itself, whatever its type.
        if parts.count == 1, case .interpolation(let expression, let sequence) = parts[0] {
            if let root = runtimeRoot(of: expression) {
                return runtimeText(expression, sequence, root).map { .string($0) }
            }
            return evaluate(expression)
        }
        var text = ""
        guard append(parts, to: &text, at: range) else { return nil }
        return session.admit(.string(text), at: range)
    }

    /// Appends what can be evaluated; false if a part could not.
    private mutating func append(_ parts: [TemplatePart], to text: inout String, at range: SourceRange) -> Bool {
        var isComplete = true
        for part in parts {
            guard session.spend(1, at: range) else { return false }
            switch part {
            case .text(let piece):
                text += piece
            case .interpolation(let expression, let sequence):
                guard let piece = interpolate(expression, sequence) else {
                    isComplete = false
                    continue
                }
                text += piece
            case .conditional(let condition, let yes, let no):
                guard let isTrue = evaluateBool(condition, "the condition") else {
                    isComplete = false
                    continue
                }
                isComplete = append(isTrue ? yes : no, to: &text, at: range) && isComplete
            case .loop(let keyName, let valueName, let collection, let body):
                let iterated = forEach(collection, keyName, valueName) { evaluator in
                    evaluator.append(body, to: &text, at: range)
                }
                isComplete = iterated && isComplete
            }
            if text.utf8.count > session.limits.valueBytes {
                session.exhaust("the text is larger than \(session.limits.valueBytes) bytes", at: range)
                return false
            }
        }
        return isComplete
    }

    private mutating func interpolate(_ expression: Expression, _ sequence: SourceRange) -> String? {
        if let root = runtimeRoot(of: expression) { return runtimeText(expression, sequence, root) }
        guard let value = evaluate(expression) else { return nil }
        if let text = value.asString { return text }
        let detail =
            switch value {
            case .list, .object: "Use join() or jsonencode() to write it as text."
            default: "Only strings, numbers and bools can be part of a text."
            }
        fail("\(value.typeName) cannot be part of a text", detail: detail, at: expression.range)
        return nil
    }

    /// The first name, if the expression is nothing but a reference that stays.
    private func runtimeRoot(of expression: Expression) -> String? {
        var base = expression
        if case .access(let inner, _) = expression.kind { base = inner }
        guard case .variable(let name) = base.kind, context.isRuntime(name) else { return nil }
        return name
    }

    /// The sequence as written, provided that whoever resolves it later can understand it.
    private func runtimeText(_ expression: Expression, _ sequence: SourceRange, _ root: String) -> String? {
        guard case .access(_, let steps) = expression.kind else { return sequence.text }
        for step in steps {
            switch step.kind {
            case .attribute: continue
            case .index(let index):
                if case .literal = index.kind { continue }
            case .splat, .attributeSplat: break
            }
            fail(
                "a reference to \"\(root)\" can only have plain names and literal keys",
                detail: "It has no value yet, and stays in the text as it is written.", at: step.range)
            return nil
        }
        return sequence.text
    }
}
