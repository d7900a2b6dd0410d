/// Function calls, and the two forms that look like calls but may see their arguments fail.
extension Evaluator {
    mutating func evaluateCall(_ call: FunctionCall, at range: SourceRange) -> Value? {
        guard let function = context.functions[call.name] else {
            let nearest = Suggestion.nearest(to: call.name, among: context.functions.names)
            fail(
                "there is no function \"\(call.name)\"", at: call.nameRange, suggestion: nearest.map { "\"\($0)\"" })
            return nil
        }
        if function.isLazy { return evaluateLazily(call, at: range) }
        guard let values = evaluateArguments(call) else { return nil }
        if let problem = function.problem(withCount: values.count) {
            fail(problem, detail: "It is called as \(function.signature).", at: range)
            return nil
        }
        for (index, value) in values.enumerated()
        where session.admit(value, at: argumentRange(index, call, range)) == nil {
            return nil
        }
        var steps = session.remainingSteps
        let result = Result {
            try function.body(Arguments(values, of: function, limits: session.limits), &steps)
        }
        guard session.spend(session.remainingSteps - steps, at: range) else { return nil }
        do {
            return session.admit(try result.get(), at: range)
        } catch {
            let failure = error as? FunctionFailure ?? FunctionFailure("\(error)")
            let place = failure.argument.map { argumentRange($0, call, range) } ?? range
            fail("\(call.name): \(failure.message)", at: place)
            return nil
        }
    }

    private func argumentRange(_ index: Int, _ call: FunctionCall, _ range: SourceRange) -> SourceRange {
        if call.arguments.indices.contains(index) { return call.arguments[index].range }
        return call.arguments.last?.range ?? range
    }

    private mutating func evaluateArguments(_ call: FunctionCall) -> [Value]? {
        var values: [Value] = []
        for (index, argument) in call.arguments.enumerated() {
            guard let value = evaluate(argument) else { continue }
            guard call.expandsLast, index == call.arguments.count - 1 else {
                values.append(value)
                continue
            }
            guard case .list(let list) = value else {
                fail("\"...\" needs a list, not \(value.typeName)", at: argument.range)
                return nil
            }
            return values.count == index ? values + list : nil
        }
        return values.count == call.arguments.count ? values : nil
    }

    /// `try` yields the first argument that has a value, `can` whether its argument has one.
    private mutating func evaluateLazily(_ call: FunctionCall, at range: SourceRange) -> Value? {
        let isTest = call.name == "can"
        guard isTest ? call.arguments.count == 1 : !call.arguments.isEmpty else {
            fail("\(call.name) needs \(isTest ? "one argument" : "arguments")", at: range)
            return nil
        }
        for (index, argument) in call.arguments.enumerated() {
            let before = session.diagnostics.count
            let value = evaluate(argument)
            if session.isExhausted { return nil }
            if isTest || value != nil || index < call.arguments.count - 1 {
                session.forgetDiagnostics(after: before)
            }
            if isTest { return .bool(value != nil) }
            if let value { return value }
        }
        return nil
    }
}
