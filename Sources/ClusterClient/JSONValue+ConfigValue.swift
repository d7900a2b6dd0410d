package import ClusterKit

extension ConfigValue {
    /// What a JSON text states. Of a name that is stated twice in an object, the last value counts.
    package init(_ json: JSONValue) {
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
    package var configValues: [String: ConfigValue] {
        Dictionary(members.map { ($0.name, ConfigValue($0.value)) }) { _, last in last }
    }
}

extension JSONWriter {
    /// A value, the names of objects in order.
    package mutating func value(_ value: ConfigValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .int(let value): integer(value)
        case .double(let value): number(value)
        case .string(let value): string(value)
        case .list(let values):
            array { writer in
                for value in values { writer.value(value) }
            }
        case .object(let values):
            object { writer in
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    writer.value(value)
                }
            }
        }
    }
}
