/// The arguments of one call. Each accessor converts as HCL does, or fails with a message that names the argument.
public struct Arguments: Sendable {
    /// The values in order.
    public let values: [Value]
    let limits: Limits
    private let function: Function

    init(_ values: [Value], of function: Function, limits: Limits) {
        self.values = values
        self.function = function
        self.limits = limits
    }

    /// The number of arguments given.
    public var count: Int { values.count }

    /// An argument as it is.
    public subscript(index: Int) -> Value { index < values.count ? values[index] : .null }

    /// A string; numbers and bools become one.
    public func string(_ index: Int) throws(FunctionFailure) -> String {
        guard let text = self[index].asString else { throw mismatch(index, "a string") }
        return text
    }

    /// A number.
    public func number(_ index: Int) throws(FunctionFailure) -> Number {
        guard let number = self[index].asNumber else { throw mismatch(index, "a number") }
        return number
    }

    /// A whole number.
    public func integer(_ index: Int) throws(FunctionFailure) -> Int {
        guard let integer = try number(index).integer else { throw mismatch(index, "a whole number") }
        return integer
    }

    /// A list.
    public func list(_ index: Int) throws(FunctionFailure) -> [Value] {
        guard case .list(let list) = self[index] else { throw mismatch(index, "a list") }
        return list
    }

    /// A list of strings.
    public func strings(_ index: Int) throws(FunctionFailure) -> [String] {
        var strings: [String] = []
        for element in try list(index) {
            guard let text = element.asString else {
                throw fail(index, "must be a list of strings, but has \(element.typeName)")
            }
            strings.append(text)
        }
        return strings
    }

    /// An object.
    public func object(_ index: Int) throws(FunctionFailure) -> ObjectValue {
        guard case .object(let object) = self[index] else { throw mismatch(index, "an object") }
        return object
    }

    /// A failure that says what an argument must be; `reason` begins with a verb.
    public func fail(_ index: Int, _ reason: String) -> FunctionFailure {
        FunctionFailure("argument \(index + 1) (\(function.parameter(index))) \(reason)", argument: index)
    }

    /// Refuses to build text or lists beyond the limit, before they are built.
    public func claim(bytes: (Int, multipliedBy: Int)) throws(FunctionFailure) {
        let (total, overflow) = bytes.0.multipliedReportingOverflow(by: bytes.multipliedBy)
        guard overflow || total > limits.valueBytes else { return }
        throw FunctionFailure("the result is larger than \(limits.valueBytes) bytes")
    }

    private func mismatch(_ index: Int, _ wanted: String) -> FunctionFailure {
        let given = self[index]
        let shown = if case .number(let number) = given { number.description } else { given.typeName }
        return fail(index, "must be \(wanted), not \(shown)")
    }
}
