/// A change of a group's count, or what an autoscaler had to say about one.
public struct ScalingEvent: Hashable, Sendable {
    /// When.
    public var time: WallTime
    /// The count that was asked for; `nil` for words alone.
    public var count: Int?
    /// The count before.
    public var previousCount: Int
    /// Why, in the words of whoever asked.
    public var message: String
    /// Whether it tells of something that went wrong.
    public var isError: Bool
    /// Free words of whoever asked.
    public var meta: [String: ConfigValue]
    /// The evaluation that the change caused.
    public var evaluation: EvaluationID?

    /// Notes a change, or words.
    public init(
        time: WallTime, count: Int? = nil, previousCount: Int, message: String = "", isError: Bool = false,
        meta: [String: ConfigValue] = [:], evaluation: EvaluationID? = nil
    ) {
        self.time = time
        self.count = count
        self.previousCount = previousCount
        self.message = message
        self.isError = isError
        self.meta = meta
        self.evaluation = evaluation
    }
}

extension ScalingEvent: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ScalingEvent(
                time: try fields.next(), count: try fields.next(), previousCount: try fields.next(),
                message: try fields.next(), isError: try fields.next(), meta: try fields.next(),
                evaluation: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(time)
            $0.put(count)
            $0.put(previousCount)
            $0.put(message)
            $0.put(isError)
            $0.put(meta)
            $0.put(evaluation)
        }
    }
}

/// How the counts of a job's groups were changed: the last twenty events of each, as Nomad keeps them.
public struct ScalingHistory: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// The events by group, the oldest first.
    public var groups: [String: [ScalingEvent]]
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// How many events of a group are kept.
    public static let kept = 20

    /// Begins a history.
    public init(job: JobID, groups: [String: [ScalingEvent]] = [:]) {
        self.job = job
        self.groups = groups
    }

    /// Adds an event and keeps the last twenty.
    public mutating func note(_ event: ScalingEvent, of group: String) {
        groups[group, default: []].append(event)
        if let count = groups[group]?.count, count > Self.kept { groups[group]?.removeFirst(count - Self.kept) }
    }
}

extension ScalingHistory: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var history = ScalingHistory(job: try fields.next(), groups: try fields.next())
            history.modifyRevision = try fields.next()
            return history
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(job)
            $0.put(groups)
            $0.put(modifyRevision)
        }
    }
}
