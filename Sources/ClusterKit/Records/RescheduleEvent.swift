/// One failure after which an instance was placed anew.
public struct RescheduleEvent: Hashable, Sendable {
    /// When the replacement was placed.
    public var time: WallTime
    /// The allocation that failed.
    public var previous: AllocationID
    /// Where it failed; that node is avoided.
    public var node: NodeID
    /// The wait that preceded the replacement.
    public var delay: Duration
    /// What the failure was to be blamed on, as far as that is known.
    public var cause: FailureCause?

    /// Records a failure.
    public init(time: WallTime, previous: AllocationID, node: NodeID, delay: Duration, cause: FailureCause? = nil) {
        self.time = time
        self.previous = previous
        self.node = node
        self.delay = delay
        self.cause = cause
    }
}

extension RescheduleEvent: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            RescheduleEvent(
                time: try fields.next(), previous: try fields.next(), node: try fields.next(),
                delay: try fields.next(), cause: try fields.next(or: nil))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(time)
            $0.put(previous)
            $0.put(node)
            $0.put(delay)
            $0.put(cause)
        }
    }
}
