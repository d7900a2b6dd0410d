/// Names a queue of work within its namespace.
public struct WorkQueueID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace.
    public var namespace: String
    /// The name within it.
    public var name: String

    /// Names a queue.
    public init(_ name: String, namespace: String = "default") {
        self.namespace = namespace
        self.name = name
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }

    /// The name, with the namespace in front unless that is `default`.
    public var description: String { namespace == "default" ? name : "\(namespace)/\(name)" }
}

extension WorkQueueID: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let namespace: String = try reader.next()
        self.init(try reader.next(), namespace: namespace)
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(namespace)
        writer.put(name)
    }
}

/// Names an item of work: a queue never holds two of one name.
public struct WorkItemKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The queue.
    public var queue: WorkQueueID
    /// The name within the queue.
    public var id: String

    /// Names an item.
    public init(_ id: String, in queue: WorkQueueID) {
        self.queue = queue
        self.id = id
    }

    public static func < (left: Self, right: Self) -> Bool { (left.queue, left.id) < (right.queue, right.id) }

    public var description: String { "\(id) of queue \(queue)" }
}

extension WorkItemKey: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let queue: WorkQueueID = try reader.next()
        self.init(try reader.next(), in: queue)
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(queue)
        writer.put(id)
    }
}
