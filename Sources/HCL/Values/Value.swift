/// What an expression yields.
public enum Value: Sendable, Hashable {
    /// No value; an attribute that is null counts as not set.
    case null
    /// True or false.
    case bool(Bool)
    /// An exact integer or a floating-point number.
    case number(Number)
    /// Text.
    case string(String)
    /// A list, tuple or set; the elements may differ in type.
    case list([Value])
    /// A map or object.
    case object(ObjectValue)

    /// A whole number.
    public static func integer(_ value: Int) -> Value { .number(.integer(value)) }

    /// A list of strings.
    public static func strings(_ values: some Sequence<String>) -> Value { .list(values.map { .string($0) }) }

    /// How diagnostics call the type, with its article.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a bool"
        case .number: "a number"
        case .string: "a string"
        case .list: "a list"
        case .object: "an object"
        }
    }

    /// True for `null`.
    public var isNull: Bool { self == .null }
}

// MARK: - Conversions that HCL makes by itself

extension Value {
    /// The text of a string, number or bool; nil for all others.
    public var asString: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.description
        case .bool(let bool): bool ? "true" : "false"
        case .null, .list, .object: nil
        }
    }

    /// A number, or a string that holds one.
    public var asNumber: Number? {
        switch self {
        case .number(let number): number
        case .string(let text): Number(parsing: text)
        case .null, .bool, .list, .object: nil
        }
    }

    /// A bool, or one of the strings "true" and "false".
    public var asBool: Bool? {
        switch self {
        case .bool(let bool): bool
        case .string("true"): true
        case .string("false"): false
        case .null, .string, .number, .list, .object: nil
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A bool.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// A list.
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    /// An object; a later key replaces an equal earlier one.
    public init(dictionaryLiteral elements: (String, Value)...) { self = .object(ObjectValue(elements)) }
}
