extension Function {
    /// Functions on lists.
    static let collections: [Function] = [
        Function("length", "value") { arguments in
            switch arguments[0] {
            case .list(let list): return .integer(list.count)
            case .object(let object): return .integer(object.count)
            case .string(let text): return .integer(text.count)
            default: throw arguments.fail(0, "must be a list, an object or a string, not \(arguments[0].typeName)")
            }
        },
        Function("concat", rest: "lists") { arguments in
            var all: [Value] = []
            for index in 0..<arguments.count { all += try arguments.list(index) }
            return .list(all)
        },
        Function("contains", "list", "value") { .bool(try $0.list(0).contains($0[1])) },
        Function("distinct", "list") { .list(try $0.list(0).distinct) },
        Function("flatten", "list") { arguments in
            var flat: [Value] = []
            flatten(try arguments.list(0), into: &flat)
            return .list(flat)
        },
        Function("reverse", "list") { .list(try $0.list(0).reversed()) },
        Function("sort", "list") { .strings(try $0.strings(0).sorted()) },
        Function("compact", "list") { arguments in
            let kept = try arguments.list(0).filter { !$0.isNull && $0 != .string("") }
            return .list(kept)
        },
        Function("slice", "list", "start", "end") { arguments in
            let (list, start, end) = (try arguments.list(0), try arguments.integer(1), try arguments.integer(2))
            guard (0...list.count).contains(start) else {
                throw arguments.fail(1, "must be from 0 to \(list.count), not \(start)")
            }
            guard (start...list.count).contains(end) else {
                throw arguments.fail(2, "must be from \(start) to \(list.count), not \(end)")
            }
            return .list(Array(list[start..<end]))
        },
        Function("element", "list", "index", body: element),
        Function("index", "list", "value") { arguments in
            guard let index = try arguments.list(0).firstIndex(of: arguments[1]) else {
                throw arguments.fail(1, "is not in the list")
            }
            return .integer(index)
        },
        Function("coalesce", rest: "values") { arguments in
            guard let value = arguments.values.first(where: { !$0.isNull && $0 != .string("") }) else {
                throw FunctionFailure("all arguments are null or empty")
            }
            return value
        },
        Function("coalescelist", rest: "lists") { arguments in
            for index in 0..<arguments.count where !arguments[index].isNull {
                let list = try arguments.list(index)
                if !list.isEmpty { return .list(list) }
            }
            throw FunctionFailure("all lists are empty")
        },
        Function("chunklist", "list", "size", body: chunks),
        Function("range", rest: "limits", body: numbersInRange),
    ]

    private static func flatten(_ list: [Value], into flat: inout [Value]) {
        for element in list {
            if case .list(let inner) = element { flatten(inner, into: &flat) } else { flat.append(element) }
        }
    }

    /// Indexes beyond the end begin again at the start; negative ones count from the end.
    private static func element(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let (list, index) = (try arguments.list(0), try arguments.integer(1))
        guard !list.isEmpty else { throw arguments.fail(0, "must not be empty") }
        let rest = index % list.count
        return list[rest < 0 ? rest + list.count : rest]
    }

    private static func chunks(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let (list, size) = (try arguments.list(0), try arguments.integer(1))
        guard size >= 0 else { throw arguments.fail(1, "must not be negative") }
        if list.isEmpty { return .list([]) }
        let step = size == 0 ? list.count : min(size, list.count)
        let starts = stride(from: 0, to: list.count, by: step)
        return .list(starts.map { .list(Array(list[$0..<min($0 + step, list.count)])) })
    }

    /// `range(end)`, `range(start, end)`, `range(start, end, step)`; the end is not included.
    private static func numbersInRange(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        guard (1...3).contains(arguments.count) else { throw FunctionFailure("needs 1, 2 or 3 arguments") }
        let start = arguments.count > 1 ? try arguments.number(0).double : 0
        let end = try arguments.number(arguments.count > 1 ? 1 : 0).double
        let step = arguments.count > 2 ? try arguments.number(2).double : start <= end ? 1 : -1
        guard step != 0, (end - start) * step >= 0 else { throw arguments.fail(2, "leads away from the end") }
        let most = 1024
        let count = ((end - start) / step).rounded(.up)
        guard count <= Double(most) else { throw FunctionFailure("makes at most \(most) numbers") }
        return .list((0..<Int(count)).map { .number(Number(start + Double($0) * step)) })
    }
}
