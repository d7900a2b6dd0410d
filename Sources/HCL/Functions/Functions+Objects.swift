extension Function {
    /// Functions on maps and objects. What comes out as a list is ordered by key.
    static let objects: [Function] = [
        Function("keys", "object") { .strings(try $0.object(0).sortedKeys) },
        Function("values", "object") { .list(try $0.object(0).sortedPairs.map(\.value)) },
        Function("lookup", "object", "key", "default", optional: 1) { arguments in
            let (object, key) = (try arguments.object(0), try arguments.string(1))
            if let value = object[key] { return value }
            guard arguments.count < 3 else { return arguments[2] }
            throw arguments.fail(1, "names the key \"\(key)\", which the object does not have; give a default")
        },
        Function("merge", rest: "objects") { arguments in
            var merged = ObjectValue()
            for index in 0..<arguments.count where !arguments[index].isNull {
                for (key, value) in try arguments.object(index) { merged[key] = value }
            }
            return .object(merged)
        },
        Function("zipmap", "keys", "values") { arguments in
            let (keys, values) = (try arguments.strings(0), try arguments.list(1))
            guard keys.count == values.count else {
                throw FunctionFailure("has \(keys.count) keys for \(values.count) values")
            }
            return .object(ObjectValue(zip(keys, values)))
        },
    ]
}
