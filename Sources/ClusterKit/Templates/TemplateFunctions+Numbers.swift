extension TemplateFunctions {
    static let numbers: [String: Entry] = [
        "add": arithmetic({ $0.addingReportingOverflow($1) }, { $0 + $1 }),
        "subtract": arithmetic({ $0.subtractingReportingOverflow($1) }, { $0 - $1 }),
        "multiply": arithmetic({ $0.multipliedReportingOverflow(by: $1) }, { $0 * $1 }),
        "divide": arithmetic({ $0.dividedReportingOverflow(by: $1) }, { $0 / $1 }, byZero: false),
        "modulo": Entry(2...2) { arguments throws(TemplateFault) in
            let (result, overflow) = try arguments.integer(1).remainderReportingOverflow(
                dividingBy: try arguments.integer(0))
            guard !overflow else { throw TemplateFault("the remainder of a division by zero") }
            return .integer(result)
        },
        "minimum": arithmetic({ (min($0, $1), false) }, { min($0, $1) }),
        "maximum": arithmetic({ (max($0, $1), false) }, { max($0, $1) }),
        "parseInt": Entry(1...1, parseInt),
        "parseUint": Entry(1...1) { arguments throws(TemplateFault) in
            let value = try parseInt(arguments)
            if case .integer(let number) = value, number < 0 { throw TemplateFault("the number is negative") }
            return value
        },
        "parseFloat": Entry(1...1, parseFloat),
        "parseBool": Entry(1...1, parseBool),
    ]

    /// A calculation that is written for a pipe: `5 | subtract 2` is 3.
    private static func arithmetic(
        _ integers: @escaping @Sendable (Int, Int) -> (Int, Bool),
        _ doubles: @escaping @Sendable (Double, Double) -> Double,
        byZero: Bool = true
    ) -> Entry {
        Entry(2...2) { arguments throws(TemplateFault) in
            switch (arguments[1], arguments[0]) {
            case (.integer(let left), .integer(let right)):
                let (result, overflow) = integers(left, right)
                guard !overflow else {
                    throw TemplateFault(right == 0 && !byZero ? "a division by zero" : "the result is too large")
                }
                return .integer(result)
            case (.integer(let left), .double(let right)): return .double(doubles(Double(left), right))
            case (.double(let left), .integer(let right)): return .double(doubles(left, Double(right)))
            case (.double(let left), .double(let right)): return .double(doubles(left, right))
            default:
                let kinds = "\(arguments[0].kindName) and \(arguments[1].kindName)"
                throw TemplateFault("takes numbers, is given \(kinds); use parseInt for a text")
            }
        }
    }

    private static func parseInt(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        if case .integer = arguments[0] { return arguments[0] }
        let text = try arguments.text(0)
        if text.isEmpty { return .integer(0) }
        guard let number = Int(text) else { throw TemplateFault("the text is no whole number") }
        return .integer(number)
    }

    private static func parseFloat(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        if case .double = arguments[0] { return arguments[0] }
        let text = try arguments.text(0)
        if text.isEmpty { return .double(0) }
        guard let number = Double(text), number.isFinite else { throw TemplateFault("the text is no number") }
        return .double(number)
    }

    private static func parseBool(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        if case .bool = arguments[0] { return arguments[0] }
        switch try arguments.text(0) {
        case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
        case "", "0", "f", "F", "false", "FALSE", "False": return .bool(false)
        default: throw TemplateFault("the text is neither true nor false")
        }
    }
}
