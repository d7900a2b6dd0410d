extension Function {
    /// Text made by a format.
    static let formatting: [Function] = [
        Function("format", "format", rest: "values") { arguments in
            .string(try FormatString(try arguments.string(0)).apply(Array(arguments.values.dropFirst())))
        },
        Function("formatlist", "format", rest: "values", body: formattedList),
    ]

    /// Lists among the arguments are gone through side by side; all other arguments repeat.
    private static func formattedList(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let text = try arguments.string(0)
        let format = try FormatString(text)
        var length: Int?
        for index in 1..<max(1, arguments.count) {
            guard case .list(let list) = arguments[index] else { continue }
            guard list.count == length ?? list.count else {
                throw arguments.fail(index, "has \(list.count) elements, but a list before it has \(length ?? 0)")
            }
            length = list.count
        }
        try arguments.claim(bytes: (length ?? 1, multipliedBy: text.utf8.count))
        var texts: [Value] = []
        for row in 0..<(length ?? 1) {
            let values = arguments.values.dropFirst().map { value in
                if case .list(let list) = value { list[row] } else { value }
            }
            texts.append(.string(try format.apply(values)))
        }
        return .list(texts)
    }
}
