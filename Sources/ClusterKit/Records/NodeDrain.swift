/// How long a drain leaves what runs on a node to itself.
public enum DrainLimit: Hashable, Sendable {
    /// What still runs after so long is stopped.
    case after(Duration)
    /// What runs may take all the time that it needs.
    case unlimited
    /// Everything is stopped at once.
    case atOnce

    /// As long as Nomad waits where nothing is said: an hour.
    public static let standard = DrainLimit.after(.seconds(3600))
}

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
    /// Why, in the words of whoever asked; empty when they gave none.
    public var reason: String
    /// Whether the servers asked for it, so that the node comes free: it forces nobody out, and at its end, or its
    /// deadline, the node takes work again.
    public var isTidying: Bool

    /// Asks for a drain.
    public init(
        startedAt: WallTime, deadline: WallTime? = nil, isForced: Bool = false, ignoresSystemJobs: Bool = false,
        reason: String = "", isTidying: Bool = false
    ) {
        self.startedAt = startedAt
        self.deadline = deadline
        self.isForced = isForced
        self.ignoresSystemJobs = ignoresSystemJobs
        self.reason = reason
        self.isTidying = isTidying
    }
}

extension NodeDrain: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            NodeDrain(
                startedAt: try fields.next(), deadline: try fields.next(), isForced: try fields.next(),
                ignoresSystemJobs: try fields.next(), reason: try fields.next(or: ""),
                isTidying: try fields.next(or: false))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(startedAt)
            $0.put(deadline)
            $0.put(isForced)
            $0.put(ignoresSystemJobs)
            $0.put(reason)
            $0.put(isTidying)
        }
    }
}
