/// A value of a driver's configuration, as a job file or a JSON job states it.
public indirect enum ConfigValue: Hashable, Sendable {
    /// Stated as nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A number with a fraction.
    case double(Double)
    /// Text; `${…}` in it is resolved on the node.
    case string(String)
    /// Values in order.
    case list([ConfigValue])
    /// Values by name.
    case object([String: ConfigValue])

    /// The text, when it is text.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The texts, when it is a list of nothing else.
    public var texts: [String]? {
        guard case .list(let values) = self else { return nil }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
    }
}

extension ConfigValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: ConfigValue...) { self = .list(elements) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
}

extension ConfigValue: Stored {
    /// Nesting as deep as this is refused when read, so that hostile bytes cannot exhaust the stack: whoever takes a
    /// value from outside refuses it as well, or a store could not be opened again.
    public static let deepest = 64

    public init(from reader: inout RecordReader) throws(RecordError) {
        try self.init(from: &reader, depth: 0)
    }

    private init(from reader: inout RecordReader, depth: Int) throws(RecordError) {
        guard depth < Self.deepest else { throw RecordError("configuration is nested more than \(Self.deepest) deep") }
        switch try reader.byte() {
        case 0: self = .null
        case 1: self = .bool(try reader.next())
        case 2: self = .int(try reader.next())
        case 3: self = .double(try reader.next())
        case 4: self = .string(try reader.next())
        case 5:
            var values: [ConfigValue] = []
            for _ in 0..<(try reader.count()) { values.append(try ConfigValue(from: &reader, depth: depth + 1)) }
            self = .list(values)
        case 6:
            var values: [String: ConfigValue] = [:]
            for _ in 0..<(try reader.count()) {
                values[try reader.next()] = try ConfigValue(from: &reader, depth: depth + 1)
            }
            self = .object(values)
        case let other: throw RecordError("expected a configuration value, found kind \(other)")
        }
    }

    public func write(to writer: inout RecordWriter) {
        switch self {
        case .null: writer.varint(0)
        case .bool(let value):
            writer.varint(1)
            writer.put(value)
        case .int(let value):
            writer.varint(2)
            writer.put(value)
        case .double(let value):
            writer.varint(3)
            writer.put(value)
        case .string(let value):
            writer.varint(4)
            writer.put(value)
        case .list(let values):
            writer.varint(5)
            writer.put(values)
        case .object(let values):
            writer.varint(6)
            writer.put(values)
        }
    }
}
