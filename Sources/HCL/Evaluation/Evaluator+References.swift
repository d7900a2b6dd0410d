/// Variables and the steps behind them.
extension Evaluator {
    func evaluateVariable(_ name: String, at range: SourceRange) -> Value? {
        if let value = context.value(of: name) { return value }
        if context.isRuntime(name) {
            fail(
                "\"\(name)\" has no value yet",
                detail: "It is known where the task runs, and can only stand alone in \"${…}\".",
                at: range)
            return nil
        }
        let nearest = Suggestion.nearest(to: name, among: context.knownNames)
        fail(
            "unknown variable \"\(name)\"",
            detail: nearest == nil ? "Text stands in quotes: \"\(name)\"; \"${\" as text is written \"$${\"." : nil,
            at: range, suggestion: nearest.map { "\"\($0)\"" })
        return nil
    }

    mutating func evaluateAccess(_ base: Expression, _ steps: [AccessStep]) -> Value? {
        if case .variable(let name) = base.kind, case .attribute(let member)? = steps.first?.kind,
            context.unavailable[name]?.contains(member) == true
        {
            return nil
        }
        guard let value = evaluate(base) else { return nil }
        return apply(steps[...], to: value, at: base.range)
    }

    private mutating func apply(_ steps: ArraySlice<AccessStep>, to base: Value, at start: SourceRange) -> Value? {
        var (value, steps, path) = (base, steps, start)
        while let step = steps.popFirst() {
            let range = path.through(step.range)
            guard session.spend(1, at: range) else { return nil }
            let next: Value?
            switch step.kind {
            case .attribute(let name): next = member(name, of: value, path, at: step.range)
            case .index(let expression):
                guard let index = evaluate(expression) else { return nil }
                next = element(index, of: value, path, at: step.range)
            case .splat:
                return splat(steps, over: value, at: range)
            case .attributeSplat:
                let attributes = steps.prefix { if case .attribute = $0.kind { true } else { false } }
                steps = steps.dropFirst(attributes.count)
                next = splat(attributes, over: value, at: range)
            }
            guard let next else { return nil }
            (value, path) = (next, range)
        }
        return value
    }

    private mutating func splat(_ steps: ArraySlice<AccessStep>, over value: Value, at range: SourceRange) -> Value? {
        guard splats < session.limits.nesting else {
            fail("too many splats in one another", at: range)
            return nil
        }
        splats += 1
        defer { splats -= 1 }
        var results: [Value] = []
        for element in value.splatElements {
            guard let result = apply(steps, to: element, at: range) else { return nil }
            results.append(result)
        }
        return session.admit(.list(results), at: range)
    }

    private func member(_ name: String, of value: Value, _ start: SourceRange, at range: SourceRange) -> Value? {
        guard case .object(let object) = value else {
            let detail: String? = if case .list = value { "Elements are reached by [0], or all by [*]." } else { nil }
            fail("\(value.typeName) has no attribute \"\(name)\"", detail: detail, at: range)
            return nil
        }
        if let member = object[name] { return member }
        let nearest = Suggestion.nearest(to: name, among: object.keys)
        // The whole path is shorter to read than "this object", unless it is a long expression.
        let owner = start.offsets.count <= 40 ? "\"\(start.text)\"" : "this object"
        // Neither a key that is computed nor one of a deeper object can be declared.
        let isVariable = start.text == "var" && nearest == nil
        fail(
            "\(owner) has no \"\(name)\"", detail: isVariable ? "Declare it: variable \"\(name)\" {}" : nil, at: range,
            suggestion: nearest.map { "\"\($0)\"" })
        return nil
    }

    private func element(_ index: Value, of value: Value, _ start: SourceRange, at range: SourceRange) -> Value? {
        switch value {
        case .object:
            if let key = index.asString { return member(key, of: value, start, at: range) }
            fail("a key must be a string, not \(index.typeName)", at: range)
        case .list(let list):
            guard let number = index.asNumber, let position = number.integer else {
                fail("the index of a list must be a whole number", at: range)
                return nil
            }
            if list.indices.contains(position) { return list[position] }
            fail("there is no element \(position) in a list of \(list.count)", detail: "The first one is 0.", at: range)
        default:
            fail("\(value.typeName) has no elements", at: range)
        }
        return nil
    }
}

extension Value {
    /// What `[*]` goes through: null is nothing, any other single value is a list of itself.
    fileprivate var splatElements: [Value] {
        switch self {
        case .list(let list): list
        case .null: []
        case .bool, .number, .string, .object: [self]
        }
    }
}
