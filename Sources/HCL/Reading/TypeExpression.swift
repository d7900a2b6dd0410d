/// Reads a type as variables declare it.
struct TypeExpression {
    struct Invalid: Error {
        var message: String
        var range: SourceRange
    }

    let session: EvaluationSession

    func read(_ expression: Expression) throws(Invalid) -> ValueType {
        switch expression.kind {
        case .variable(let name), .literal(.string(let name)):
            return try simple(name, at: expression.range)
        case .call(let call):
            return try compound(call, at: expression.range)
        default:
            throw Invalid(message: "this is not a type", range: expression.range)
        }
    }

    private func simple(_ name: String, at range: SourceRange) throws(Invalid) -> ValueType {
        switch name {
        case "string": return .string
        case "number": return .number
        case "bool": return .bool
        case "any": return .any
        case "list": return .list(.any)
        case "set": return .set(.any)
        case "map": return .map(.any)
        default: throw unknown(name, at: range)
        }
    }

    private func compound(_ call: FunctionCall, at range: SourceRange) throws(Invalid) -> ValueType {
        guard call.arguments.count == 1, let argument = call.arguments.first else {
            throw Invalid(message: "\"\(call.name)\" needs one argument, such as \(call.name)(string)", range: range)
        }
        switch (call.name, argument.kind) {
        case ("list", _): return .list(try read(argument))
        case ("set", _): return .set(try read(argument))
        case ("map", _): return .map(try read(argument))
        case ("tuple", .tuple(let elements)):
            var types: [ValueType] = []
            for element in elements { types.append(try read(element)) }
            return .tuple(types)
        case ("object", .object(let items)):
            var fields: [ValueType.Field] = []
            for item in items { fields.append(try field(item)) }
            return .object(fields)
        case ("tuple", _): throw Invalid(message: "write tuple([…]) with a list of types", range: argument.range)
        case ("object", _): throw Invalid(message: "write object({…}) with names and types", range: argument.range)
        default: throw unknown(call.name, at: call.nameRange)
        }
    }

    /// `name = type`, or `name = optional(type, default)`.
    private func field(_ item: ObjectItem) throws(Invalid) -> ValueType.Field {
        guard case .literal(.string(let name)) = item.key.kind else {
            throw Invalid(message: "the name must be plain", range: item.key.range)
        }
        guard case .call(let call) = item.value.kind, call.name == "optional" else {
            return ValueType.Field(name: name, type: try read(item.value), absent: nil)
        }
        guard let inner = call.arguments.first, call.arguments.count <= 2 else {
            throw Invalid(message: "write optional(type) or optional(type, default)", range: item.value.range)
        }
        let type = try read(inner)
        guard call.arguments.count == 2 else { return ValueType.Field(name: name, type: type, absent: .null) }
        let range = call.arguments[1].range
        guard let value = session.evaluate(call.arguments[1], in: EvaluationContext()) else {
            return ValueType.Field(name: name, type: type, absent: .null)
        }
        do throws(ValueType.Mismatch) {
            return ValueType.Field(name: name, type: type, absent: try type.convert(value))
        } catch {
            throw Invalid(message: error.message, range: range)
        }
    }

    private func unknown(_ name: String, at range: SourceRange) -> Invalid {
        let names = ["string", "number", "bool", "any", "list", "set", "map", "tuple", "object"]
        let hint = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        return Invalid(message: "there is no type \"\(name)\"\(hint)", range: range)
    }
}
