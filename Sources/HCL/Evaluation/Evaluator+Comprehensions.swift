/// `for`, in expressions and templates.
extension Evaluator {
    mutating func evaluateComprehension(_ comprehension: Comprehension, at range: SourceRange) -> Value? {
        let (key, value) = (comprehension.keyName, comprehension.valueName)
        switch comprehension.product {
        case .list(let element):
            var list: [Value] = []
            let isComplete = forEach(comprehension.collection, key, value) { evaluator in
                guard let counts = evaluator.passes(comprehension.condition) else { return false }
                guard counts else { return true }
                guard let value = evaluator.evaluate(element) else { return false }
                list.append(value)
                return true
            }
            return isComplete ? session.admit(.list(list), at: range) : nil
        case .object(let keyExpression, let valueExpression, let groups):
            var object = ObjectValue()
            var lists: [String: [Value]] = [:]
            let isComplete = forEach(comprehension.collection, key, value) { evaluator in
                guard let counts = evaluator.passes(comprehension.condition) else { return false }
                guard counts else { return true }
                guard let key = evaluator.evaluateKey(keyExpression), let value = evaluator.evaluate(valueExpression)
                else { return false }
                if !groups, object[key] != nil {
                    evaluator.fail(
                        "the key \"\(key)\" appears twice", detail: "Write \"...\" behind the value to gather lists.",
                        at: keyExpression.range)
                    return false
                }
                object[key] = value
                if groups { lists[key, default: []].append(value) }
                return true
            }
            guard isComplete else { return nil }
            for (key, list) in lists { object[key] = .list(list) }
            return session.admit(.object(object), at: range)
        }
    }

    private mutating func passes(_ condition: Expression?) -> Bool? {
        condition.map { evaluateBool($0, "the condition of \"for\"") } ?? true
    }

    /// Calls `body` with the names bound to each element in turn; stops at the first that fails.
    ///
    /// Lists are gone through in order with their index, objects by key.
    mutating func forEach(
        _ collection: Expression, _ keyName: String?, _ valueName: String, _ body: (inout Evaluator) -> Bool
    ) -> Bool {
        guard let value = evaluate(collection) else { return false }
        guard let elements = value.elements else {
            fail("\"for\" goes through lists and objects, not \(value.typeName)", at: collection.range)
            return false
        }
        let outer = context.bindings.count
        defer { context.bindings.removeLast(context.bindings.count - outer) }
        for (key, element) in elements {
            guard session.spend(1, at: collection.range) else { return false }
            context.bindings.removeLast(context.bindings.count - outer)
            if let keyName { context.bindings.append((keyName, key)) }
            context.bindings.append((valueName, element))
            guard body(&self) else { return false }
        }
        return true
    }
}

extension Value {
    /// Index and element of a list, key and value of an object in the order of the keys; nil for all else.
    var elements: [(key: Value, value: Value)]? {
        switch self {
        case .list(let list): list.enumerated().map { (.integer($0.offset), $0.element) }
        case .object(let object): object.sortedPairs.map { (.string($0.key), $0.value) }
        case .null, .bool, .number, .string: nil
        }
    }
}
