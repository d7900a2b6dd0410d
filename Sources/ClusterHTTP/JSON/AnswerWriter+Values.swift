import ClusterKit

/// Values whose kind is known only when they are there.
extension AnswerWriter {
    /// A value as it was once read from JSON. Names are in order.
    mutating func value(_ value: ConfigValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .int(let value): number(value)
        case .double(let value): number(value)
        case .string(let value): string(value)
        case .list(let values): array(values) { $0.value($1) }
        case .object(let values): object(values)
        }
    }

    /// Values by name, in order; an object also when there are none.
    mutating func object(_ values: [String: ConfigValue]) {
        object { writer in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                writer.name(escaping: name)
                writer.value(value)
            }
        }
    }
}

extension ConfigValue {
    /// What a JSON text states. Of a name that is stated twice in an object, the last value counts.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .int(value)
        case .number(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .list(values.map(ConfigValue.init))
        case .object(let object): self = .object(object.configValues)
        }
    }
}

extension JSONObject {
    /// The members by name.
    var configValues: [String: ConfigValue] {
        Dictionary(members.map { ($0.name, ConfigValue($0.value)) }) { _, last in last }
    }
}
