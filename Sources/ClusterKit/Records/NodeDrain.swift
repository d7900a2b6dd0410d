/// The wish that a node be empty.
public struct NodeDrain: Hashable, Sendable {
    /// When it was asked for.
    public var startedAt: WallTime
    /// By when whatever still runs is stopped; `nil` waits without end.
    public var deadline: WallTime?
    /// Whether everything is stopped at once.
    public var isForced: Bool
    /// Whether jobs that run on every node stay.
    public var ignoresSystemJobs: Bool

    /// Asks for a drain.
    public init(
        startedAt: WallTime, deadline: WallTime? = nil, isForced: Bool = false, ignoresSystemJobs: Bool = false
    ) {
        self.startedAt = startedAt
        self.deadline = deadline
        self.isForced = isForced
        self.ignoresSystemJobs = ignoresSystemJobs
    }
}

extension NodeDrain: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            NodeDrain(
                startedAt: try fields.next(), deadline: try fields.next(), isForced: try fields.next(),
                ignoresSystemJobs: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(startedAt)
            $0.put(deadline)
            $0.put(isForced)
            $0.put(ignoresSystemJobs)
        }
    }
}
