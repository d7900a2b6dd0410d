/// When a job's work begins by itself: each time makes a job of its own, a child of this one.
public struct PeriodicSpec: Hashable, Sendable {
    /// Whether times are kept at all; a job can be started by hand while it is off.
    public var isEnabled: Bool
    /// Times in cron's notation; the earliest of all counts.
    public var crons: [String]
    /// The time zone by its name in the zone database, in which `crons` are meant.
    public var timeZone: String
    /// Whether a time is passed over while the child before it still runs.
    public var prohibitsOverlap: Bool

    /// States times; what is left out has Nomad's defaults.
    public init(
        _ crons: [String], timeZone: String = "UTC", prohibitsOverlap: Bool = false, isEnabled: Bool = true
    ) {
        self.isEnabled = isEnabled
        self.crons = crons
        self.timeZone = timeZone
        self.prohibitsOverlap = prohibitsOverlap
    }
}

extension PeriodicSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            PeriodicSpec(
                try fields.next(), timeZone: try fields.next(), prohibitsOverlap: try fields.next(),
                isEnabled: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(crons)
            $0.put(timeZone)
            $0.put(prohibitsOverlap)
            $0.put(isEnabled)
        }
    }
}

/// Up to which time the work of a periodic job was begun: none of its times up to then begins it again, whoever leads
/// and whatever the clock says.
public struct LaunchRecord: Hashable, Sendable {
    /// The periodic job.
    public var job: JobID
    /// The newest time of its schedule that was taken note of.
    public var time: WallTime
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// Notes that all up to `time` is done.
    public init(job: JobID, time: WallTime) {
        self.job = job
        self.time = time
    }
}

extension LaunchRecord: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var launch = LaunchRecord(job: try fields.next(), time: try fields.next())
            launch.modifyRevision = try fields.next()
            return launch
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(job)
            $0.put(time)
            $0.put(modifyRevision)
        }
    }
}

/// Whether a dispatch carries bytes.
public enum PayloadRule: String, StoredWord {
    /// It may.
    case optional
    /// It must.
    case required
    /// It must not.
    case forbidden
}

/// A job that runs nothing itself: each dispatch makes a child of it, with words and bytes of its own.
public struct ParameterizedSpec: Hashable, Sendable {
    /// Whether a dispatch carries bytes.
    public var payload: PayloadRule
    /// Words that each dispatch must give.
    public var requiredMeta: [String]
    /// Words that a dispatch may give.
    public var optionalMeta: [String]

    /// States what a dispatch gives.
    public init(payload: PayloadRule = .optional, requiredMeta: [String] = [], optionalMeta: [String] = []) {
        self.payload = payload
        self.requiredMeta = requiredMeta
        self.optionalMeta = optionalMeta
    }
}

extension ParameterizedSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ParameterizedSpec(
                payload: try fields.next(), requiredMeta: try fields.next(), optionalMeta: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(payload)
            $0.put(requiredMeta)
            $0.put(optionalMeta)
        }
    }
}

/// Where a job that nobody registered comes from.
public struct JobOrigin: Hashable, Sendable {
    /// The periodic or parameterized job that it is a child of.
    public var parent: JobID
    /// What the dispatch carried, in base64; empty for other children.
    public var payload: String
    /// The word by which a repeated dispatch is recognized; empty when none was given.
    public var idempotencyToken: String
    /// Whether it was dispatched, rather than started at a time.
    public var isDispatched: Bool

    /// Names the parent.
    public init(parent: JobID, payload: String = "", idempotencyToken: String = "", isDispatched: Bool = false) {
        self.parent = parent
        self.payload = payload
        self.idempotencyToken = idempotencyToken
        self.isDispatched = isDispatched
    }
}

extension JobOrigin {
    /// The bytes of a payload in base64; `nil` when it is none.
    public static func bytes(of payload: String) -> [UInt8]? { payload.isEmpty ? [] : Base64.decode(payload) }
}

extension JobOrigin: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            JobOrigin(
                parent: try fields.next(), payload: try fields.next(), idempotencyToken: try fields.next(),
                isDispatched: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(parent)
            $0.put(payload)
            $0.put(idempotencyToken)
            $0.put(isDispatched)
        }
    }
}

/// What another job must have reached before this one is placed.
public enum DependencyState: String, StoredWord {
    /// All its instances run.
    case running
    /// All its instances run and are well.
    case healthy
    /// All its work is done.
    case complete
}

/// A job that waits for another.
public struct JobDependency: Hashable, Sendable {
    /// The job waited for.
    public var job: JobID
    /// What it must have reached.
    public var state: DependencyState

    /// Waits for `job`.
    public init(_ job: JobID, _ state: DependencyState = .healthy) {
        self.job = job
        self.state = state
    }
}

extension JobDependency: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            JobDependency(try fields.next(), try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(job)
            $0.put(state)
        }
    }
}
