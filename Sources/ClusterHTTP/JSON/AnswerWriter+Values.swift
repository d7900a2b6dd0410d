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
