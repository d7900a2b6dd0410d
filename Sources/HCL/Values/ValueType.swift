/// A type as variables declare it: `string`, `list(number)`, `object({ name = string })`.
public indirect enum ValueType: Sendable, Hashable {
    /// Anything, unchanged.
    case any
    /// Text; numbers and bools become text.
    case string
    /// A number, or text that holds one.
    case number
    /// A bool, or the text of one.
    case bool
    /// Elements of one type.
    case list(ValueType)
    /// Different elements of one type, sorted if they are strings or numbers.
    case set(ValueType)
    /// Any keys, values of one type.
    case map(ValueType)
    /// As many elements, each of its own type.
    case tuple([ValueType])
    /// Known keys; others are dropped. Optional keys take their default, or null.
    case object([Field])

    /// A key of an object type.
    public struct Field: Sendable, Hashable {
        /// The key.
        public var name: String
        /// The type of its value.
        public var type: ValueType
        /// The value if the key is absent; nil if it must be there.
        public var absent: Value?
    }

    /// Why a value does not have a type.
    public struct Mismatch: Error, Sendable {
        /// Where in the value, such as `[2].name`; empty for the whole.
        public var path: String
        /// What is wrong there.
        public var message: String
    }

    /// Converts a value as HCL does, or says what does not fit. Null has every type.
    public func convert(_ value: Value, path: String = "") throws(Mismatch) -> Value {
        if value.isNull { return .null }
        switch self {
        case .any: return value
        case .string:
            if let text = value.asString { return .string(text) }
        case .number:
            if let number = value.asNumber { return .number(number) }
        case .bool:
            if let bool = value.asBool { return .bool(bool) }
        case .list(let type), .set(let type):
            if case .list(let list) = value { return try convert(list, to: type, path) }
        case .map(let type):
            if case .object(let object) = value { return try convert(object, to: type, path) }
        case .tuple(let types):
            if case .list(let list) = value { return try convert(list, to: types, path) }
        case .object(let fields):
            if case .object(let object) = value { return try convert(object, to: fields, path) }
        }
        throw Mismatch(path: path, message: "\(description) is needed, not \(value.typeName)")
    }

    private func convert(_ list: [Value], to type: ValueType, _ path: String) throws(Mismatch) -> Value {
        var converted: [Value] = []
        for (index, element) in list.enumerated() {
            converted.append(try type.convert(element, path: "\(path)[\(index)]"))
        }
        if case .set = self { return .list(converted.sortedSet) }
        return .list(converted)
    }

    private func convert(_ list: [Value], to types: [ValueType], _ path: String) throws(Mismatch) -> Value {
        guard list.count == types.count else {
            throw Mismatch(path: path, message: "\(types.count) elements are needed, not \(list.count)")
        }
        var converted: [Value] = []
        for (index, (type, element)) in zip(types, list).enumerated() {
            converted.append(try type.convert(element, path: "\(path)[\(index)]"))
        }
        return .list(converted)
    }

    private func convert(_ object: ObjectValue, to type: ValueType, _ path: String) throws(Mismatch) -> Value {
        var converted = ObjectValue()
        for (key, element) in object {
            converted[key] = try type.convert(element, path: "\(path)[\(Value.string(key).literal)]")
        }
        return .object(converted)
    }

    private func convert(_ object: ObjectValue, to fields: [Field], _ path: String) throws(Mismatch) -> Value {
        var converted = ObjectValue()
        for field in fields {
            if let element = object[field.name] {
                converted[field.name] = try field.type.convert(element, path: "\(path).\(field.name)")
            } else if let absent = field.absent {
                converted[field.name] = absent
            } else {
                throw Mismatch(path: path, message: "the key \"\(field.name)\" is missing")
            }
        }
        return .object(converted)
    }
}

extension ValueType: CustomStringConvertible {
    /// The type as it is written in a file.
    public var description: String {
        switch self {
        case .any: "any"
        case .string: "string"
        case .number: "number"
        case .bool: "bool"
        case .list(let type): "list(\(type))"
        case .set(let type): "set(\(type))"
        case .map(let type): "map(\(type))"
        case .tuple(let types): "tuple([\(types.map(\.description).joined(separator: ", "))])"
        case .object(let fields): "object({\(fields.map { "\($0.name) = \($0.type)" }.joined(separator: ", "))})"
        }
    }
}

extension [Value] {
    /// Each element once, in the order of first appearance.
    var distinct: [Value] {
        var seen: Set<Value> = []
        return filter { seen.insert($0).inserted }
    }

    /// Each element once; strings and numbers are sorted, as the order of a set means nothing.
    var sortedSet: [Value] {
        let once = distinct
        let strings = once.compactMap { if case .string(let text) = $0 { text } else { nil } }
        if strings.count == once.count { return strings.sorted().map { .string($0) } }
        let numbers = once.compactMap { if case .number(let number) = $0 { number } else { nil } }
        return numbers.count == once.count ? numbers.sorted().map { .number($0) } : once
    }
}
