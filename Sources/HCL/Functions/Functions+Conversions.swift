extension Function {
    /// Conversions between types, and `try` and `can`.
    static let conversions: [Function] = [
        conversion("tostring", .string),
        conversion("tonumber", .number),
        conversion("tobool", .bool),
        conversion("tolist", .list(.any)),
        conversion("toset", .set(.any)),
        conversion("tomap", .map(.any)),
        lazy("try", "values"),
        lazy("can", "value"),
    ]

    private static func conversion(_ name: String, _ type: ValueType) -> Function {
        Function(name, "value") { arguments in
            do throws(ValueType.Mismatch) {
                return try type.convert(arguments[0])
            } catch {
                throw arguments.fail(0, "cannot be converted: \(error.message)")
            }
        }
    }

    private static func lazy(_ name: String, _ rest: String) -> Function {
        var function = Function(name, rest: rest) { arguments in arguments[0] }
        function.isLazy = true
        return function
    }
}
