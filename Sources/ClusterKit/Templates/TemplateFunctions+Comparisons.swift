extension TemplateFunctions {
    static let comparisons: [String: Entry] = [
        "eq": Entry(2...most, equal),
        "ne": Entry(2...2) { arguments throws(TemplateFault) in
            .bool(try same(arguments[0], arguments[1]) == false)
        },
        "lt": Entry(2...2) { arguments throws(TemplateFault) in .bool(try order(arguments) < 0) },
        "le": Entry(2...2) { arguments throws(TemplateFault) in .bool(try order(arguments) <= 0) },
        "gt": Entry(2...2) { arguments throws(TemplateFault) in .bool(try order(arguments) > 0) },
        "ge": Entry(2...2) { arguments throws(TemplateFault) in .bool(try order(arguments) >= 0) },
        "not": Entry(1...1) { arguments throws(TemplateFault) in .bool(!arguments[0].isTrue) },
    ]

    /// Whether the first equals one of the others.
    private static func equal(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateDatum {
        for other in arguments.values.dropFirst() where try same(arguments[0], other) { return .bool(true) }
        return .bool(false)
    }

    /// Texts are equal when their bytes are; numbers when their values are.
    static func same(_ left: TemplateDatum, _ right: TemplateDatum) throws(TemplateFault) -> Bool {
        switch (left, right) {
        case (.text(let left), .text(let right)): return left.utf8.elementsEqual(right.utf8)
        case (.integer(let left), .double(let right)): return Double(left) == right
        case (.double(let left), .integer(let right)): return left == Double(right)
        case (.integer, .integer), (.double, .double), (.bool, .bool), (.nothing, .nothing): return left == right
        case (.nothing, _), (_, .nothing): return false
        default: throw TemplateFault("cannot compare \(left.kindName) and \(right.kindName)")
        }
    }

    /// Below zero when the first is less, above when it is more.
    private static func order(_ arguments: TemplateArguments) throws(TemplateFault) -> Int {
        func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
            left < right ? -1 : right < left ? 1 : 0
        }
        switch (arguments[0], arguments[1]) {
        case (.integer(let left), .integer(let right)): return sign(left, right)
        case (.integer(let left), .double(let right)): return sign(Double(left), right)
        case (.double(let left), .integer(let right)): return sign(left, Double(right))
        case (.double(let left), .double(let right)): return sign(left, right)
        case (.text(let left), .text(let right)):
            if left.utf8.elementsEqual(right.utf8) { return 0 }
            return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        default:
            throw TemplateFault("cannot order \(arguments[0].kindName) and \(arguments[1].kindName)")
        }
    }
}
