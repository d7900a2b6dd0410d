/// A JSON value as a tree: what a document holds before it is known what it means.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number that is written without fraction and exponent, and fits.
    case integer(Int)
    /// Any other number; always finite.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// How messages call it.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// Members of a JSON object in the order of the text. Objects are small and read once: looking through them in order is
/// faster than hashing their keys.
package struct JSONObject: Sendable, Hashable {
    /// Name and value, as written.
    package var members: [(name: String, value: JSONValue)] = []

    /// The value of a name; of a name that is written twice, the last one.
    package subscript(name: String) -> JSONValue? { members.last { $0.name == name }?.value }

    package static func == (left: Self, right: Self) -> Bool { left.dictionary == right.dictionary }

    package func hash(into hasher: inout Hasher) { hasher.combine(dictionary) }

    private var dictionary: [String: JSONValue] {
        Dictionary(members.map { ($0.name, $0.value) }) { _, last in last }
    }
}

/// Why a text is no JSON.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    /// What was expected, and where.
    package let description: String
}

// Lets a document stand within values that are `Codable`. Documents that come alone are read by `JSONParser`.
extension JSONValue: Codable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count < JSONParser.deepest * 2 else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "nested too deep"))
        }
        if let container = try? decoder.container(keyedBy: Key.self) {
            let members = try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                (name: key.stringValue, value: try container.decode(JSONValue.self, forKey: key))
            }
            self = .object(JSONObject(members: members))
        } else if var container = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !container.isAtEnd { values.append(try container.decode(JSONValue.self)) }
            self = .array(values)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else {
                self = .string(try container.decode(String.self))
            }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .null: try encode(nil as Bool?, to: encoder)
        case .bool(let value): try encode(value, to: encoder)
        case .integer(let value): try encode(value, to: encoder)
        case .number(let value): try encode(value, to: encoder)
        case .string(let value): try encode(value, to: encoder)
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        case .object(let object):
            var container = encoder.container(keyedBy: Key.self)
            for (name, value) in object.members { try container.encode(value, forKey: Key(name)) }
        }
    }

    private func encode(_ value: some Encodable, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
