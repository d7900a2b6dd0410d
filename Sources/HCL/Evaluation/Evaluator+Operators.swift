/// Arithmetic, comparison and logic.
extension Evaluator {
    mutating func evaluateUnary(_ symbol: UnaryOperator, _ operand: Expression) -> Value? {
        switch symbol {
        case .not:
            return evaluateBool(operand, "the operand of \"!\"").map { .bool(!$0) }
        case .negate:
            guard let value = evaluate(operand), let number = number(value, "-", operand.range) else { return nil }
            return compute(.subtract, .integer(0), number, at: operand.range)
        }
    }

    mutating func evaluateOperation(_ first: Expression, _ operands: [Operand], at range: SourceRange) -> Value? {
        guard var left = evaluate(first) else { return nil }
        var leftRange = first.range
        for operand in operands {
            guard session.spend(1, at: range) else { return nil }
            if operand.symbol == .and || operand.symbol == .or {
                guard let isTrue = bool(left, operand.symbol, leftRange) else { return nil }
                // The right side is not looked at if the left one decides, so that it may rely on it.
                if isTrue == (operand.symbol == .or) {
                    left = .bool(isTrue)
                    continue
                }
                guard let right = evaluate(operand.expression),
                    let rightIsTrue = bool(right, operand.symbol, operand.expression.range)
                else { return nil }
                left = .bool(rightIsTrue)
            } else {
                guard let right = evaluate(operand.expression),
                    let result = apply(operand.symbol, left, leftRange, right, operand.expression.range)
                else { return nil }
                left = result
            }
            leftRange = leftRange.through(operand.expression.range)
        }
        return left
    }

    private func apply(
        _ symbol: BinaryOperator, _ left: Value, _ leftRange: SourceRange, _ right: Value, _ rightRange: SourceRange
    ) -> Value? {
        let range = leftRange.through(rightRange)
        if symbol == .equal || symbol == .notEqual {
            guard session.admit(left, at: leftRange) != nil, session.admit(right, at: rightRange) != nil else {
                return nil
            }
            return .bool((left == right) == (symbol == .equal))
        }
        guard let left = number(left, symbol.rawValue, leftRange),
            let right = number(right, symbol.rawValue, rightRange)
        else { return nil }
        switch symbol {
        case .less: return .bool(left < right)
        case .lessOrEqual: return .bool(left <= right)
        case .greater: return .bool(left > right)
        case .greaterOrEqual: return .bool(left >= right)
        default: return compute(symbol, left, right, at: range)
        }
    }

    /// Integers stay exact; a result that fits neither 64 bits nor a finite floating-point number is a mistake.
    private func compute(_ symbol: BinaryOperator, _ left: Number, _ right: Number, at range: SourceRange) -> Value? {
        if symbol == .divide || symbol == .remainder, right == .integer(0) {
            fail("division by zero", at: range)
            return nil
        }
        if case .integer(let a) = left, case .integer(let b) = right {
            let (result, overflow) = exact(symbol, a, b)
            if overflow {
                fail("the result does not fit 64 bits", at: range)
                return nil
            }
            if let result { return .integer(result) }
        }
        let result = approximate(symbol, left.double, right.double)
        if result.isFinite { return .number(Number(result)) }
        fail("the result is too large", at: range)
        return nil
    }

    /// No result means that the quotient is not whole.
    private func exact(_ symbol: BinaryOperator, _ a: Int, _ b: Int) -> (Int?, overflow: Bool) {
        func unpack(_ result: (partialValue: Int, overflow: Bool)) -> (Int?, Bool) {
            (result.partialValue, result.overflow)
        }
        switch symbol {
        case .add: return unpack(a.addingReportingOverflow(b))
        case .subtract: return unpack(a.subtractingReportingOverflow(b))
        case .multiply: return unpack(a.multipliedReportingOverflow(by: b))
        case .remainder: return (b == -1 ? 0 : a % b, false)
        default:
            if b == -1 { return unpack((0).subtractingReportingOverflow(a)) }
            return (a % b == 0 ? a / b : nil, false)
        }
    }

    private func approximate(_ symbol: BinaryOperator, _ a: Double, _ b: Double) -> Double {
        switch symbol {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .remainder: a.truncatingRemainder(dividingBy: b)
        default: a / b
        }
    }

    private func number(_ value: Value, _ symbol: String, _ range: SourceRange) -> Number? {
        if let number = value.asNumber { return number }
        let isText = if case .string = value { true } else { false }
        let detail = isText && symbol == "+" ? "Strings are joined in a template: \"${a}${b}\"." : nil
        fail("\"\(symbol)\" needs numbers, not \(value.typeName)", detail: detail, at: range)
        return nil
    }

    private func bool(_ value: Value, _ symbol: BinaryOperator, _ range: SourceRange) -> Bool? {
        if let bool = value.asBool { return bool }
        fail("\"\(symbol.rawValue)\" needs true or false, not \(value.typeName)", at: range)
        return nil
    }
}
