/// What a job is known by: its identifier within its namespace.
public struct JobID: Hashable, Comparable, Sendable {
    /// The namespace, `default` unless the job says otherwise.
    public var namespace: String
    /// The identifier that the job file's label states.
    public var id: String

    /// Names the job `id` in `namespace`.
    public init(_ id: String, namespace: String = "default") {
        self.id = id
        self.namespace = namespace
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.id) < (right.namespace, right.id)
    }
}

extension JobID: CustomStringConvertible {
    /// The bare identifier in the default namespace, `namespace/id` elsewhere.
    public var description: String { namespace == "default" ? id : "\(namespace)/\(id)" }
}

extension JobID: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        namespace = try reader.name()
        id = try reader.name()
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(namespace)
        writer.put(id)
    }
}
