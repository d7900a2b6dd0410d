import ClusterKit

/// Pairs of a name and a value of the kinds that records have.
extension AnswerWriter {
    mutating func field(_ name: StaticString, _ value: String) {
        self.name(name)
        string(value)
    }

    mutating func field(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    mutating func field(_ name: StaticString, _ value: some FixedWidthInteger) {
        self.name(name)
        number(value)
    }

    mutating func field(_ name: StaticString, _ value: Double) {
        self.name(name)
        number(value)
    }

    mutating func field(_ name: StaticString, _ value: Revision) { field(name, value.number) }

    /// Nanoseconds since 1970.
    mutating func field(_ name: StaticString, _ value: WallTime) { field(name, value.nanoseconds) }

    mutating func field<Subject>(_ name: StaticString, _ value: Identifier<Subject>) { field(name, value.description) }

    /// Empty for none, as Go programs write a missing reference.
    mutating func field<Subject>(_ name: StaticString, _ value: Identifier<Subject>?) {
        field(name, value?.description ?? "")
    }

    mutating func field(_ name: StaticString, null: Void) {
        self.name(name)
        self.null()
    }

    /// The form of RFC 3339, `null` for none.
    mutating func field(_ name: StaticString, timestamp: WallTime?) {
        self.name(name)
        if let timestamp { string(timestamp.text) } else { null() }
    }

    mutating func field(_ name: StaticString, object pairs: (inout AnswerWriter) throws -> Void) rethrows {
        self.name(name)
        try object(pairs)
    }

    mutating func field(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        array(texts) { $0.string($1) }
    }

    /// In the order of their names; `null` when there are none.
    mutating func field(_ name: StaticString, _ texts: [String: String]) {
        field(name, byName: texts) { $0.string($1) }
    }

    /// In the order of their names; `null` when there are none.
    mutating func field(_ name: StaticString, _ counts: [String: Int]) {
        field(name, byName: counts) { $0.number($1) }
    }

    /// Values in the order of their names; `null` when there are none.
    mutating func field<Value>(
        _ name: StaticString, byName values: [String: Value], _ write: (inout AnswerWriter, Value) throws -> Void
    ) rethrows {
        self.name(name)
        guard !values.isEmpty else { return null() }
        try object { writer in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                writer.name(escaping: name)
                try write(&writer, value)
            }
        }
    }

    /// The bytes of one value.
    static func bytes(capacity: Int = 1024, _ write: (inout AnswerWriter) throws -> Void) rethrows -> [UInt8] {
        var writer = AnswerWriter(capacity: capacity)
        try write(&writer)
        return writer.bytes
    }
}
