extension Function {
    /// Functions on numbers. Whole numbers stay exact as long as they fit 64 bits.
    static let numbers: [Function] = [
        Function("min", rest: "numbers") { .number(try all($0).min() ?? .integer(0)) },
        Function("max", rest: "numbers") { .number(try all($0).max() ?? .integer(0)) },
        Function("abs", "number") { arguments in
            switch try arguments.number(0) {
            case .integer(let integer):
                guard integer != .min else { throw arguments.fail(0, "has no positive counterpart in 64 bits") }
                return .integer(abs(integer))
            case .double(let double): return .number(Number(double.magnitude))
            }
        },
        Function("ceil", "number") { rounded(try $0.number(0), .up) },
        Function("floor", "number") { rounded(try $0.number(0), .down) },
        Function("signum", "number") { arguments in
            let number = try arguments.number(0).double
            return .integer(number > 0 ? 1 : number < 0 ? -1 : 0)
        },
        Function("pow", "base", "exponent") { try power($0) },
        Function("parseint", "string", "base") { arguments in
            let (text, base) = (try arguments.string(0), try arguments.integer(1))
            guard (2...36).contains(base) else { throw arguments.fail(1, "must be from 2 to 36, not \(base)") }
            guard let integer = Int(text, radix: base) else {
                throw arguments.fail(0, "is not a whole number of base \(base) that fits 64 bits")
            }
            return .integer(integer)
        },
    ]

    private static func all(_ arguments: Arguments) throws(FunctionFailure) -> [Number] {
        guard arguments.count > 0 else { throw FunctionFailure("needs at least one number") }
        var numbers: [Number] = []
        for index in 0..<arguments.count { numbers.append(try arguments.number(index)) }
        return numbers
    }

    private static func rounded(_ number: Number, _ rule: FloatingPointRoundingRule) -> Value {
        guard case .double(let double) = number else { return .number(number) }
        return .number(Number(double.rounded(rule)))
    }

    /// Powers by squaring; whole numbers as long as they fit, otherwise floating-point.
    private static func power(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let (base, exponent) = (try arguments.number(0), try arguments.integer(1))
        guard exponent.magnitude <= 4096 else { throw arguments.fail(1, "must be from -4096 to 4096, not \(exponent)") }
        if case .integer(let integer) = base, exponent >= 0 {
            var (product, fits) = (1, true)
            for _ in 0..<exponent where fits {
                let (next, overflow) = product.multipliedReportingOverflow(by: integer)
                (product, fits) = (next, !overflow)
            }
            if fits { return .integer(product) }
        }
        var product = 1.0
        for _ in 0..<exponent.magnitude { product *= base.double }
        let result = exponent < 0 ? 1 / product : product
        guard result.isFinite else { throw FunctionFailure("the result is too large") }
        return .number(Number(result))
    }
}
