public import ClusterKit

/// One line of the list of jobs, as the servers show it.
public struct JobListItem: Decodable, Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// The name shown.
    public var name: String
    /// The namespace.
    public var namespace: String?
    /// `service` or `batch`.
    public var type: String
    /// 1 to 100.
    public var priority: Int
    /// `pending`, `running` or `dead`.
    public var status: String
    /// Why.
    public var statusDescription: String
    /// Whether it was stopped.
    public var stop: Bool
    /// Datacenters it may run in.
    public var datacenters: [String]?
    /// When it was registered, in nanoseconds since 1970.
    public var submitTime: Int64?
    /// Counts of its allocations.
    public var summary: JobSummaryWire?
    /// The revision that last changed it.
    public var modifyIndex: UInt64
    /// The revision that last changed its statement.
    public var jobModifyIndex: UInt64
    /// The job that made it; empty for jobs that were registered.
    public var parent: String?
    /// Whether it begins by itself at its times.
    public var isPeriodic: Bool?
    /// Whether it begins when it is dispatched.
    public var isParameterized: Bool?

    /// The type, and how it begins, as in `batch/periodic`.
    public var shownType: String {
        type + (isPeriodic == true ? "/periodic" : "") + (isParameterized == true ? "/parameterized" : "")
    }

    enum CodingKeys: String, CodingKey {
        case parent = "ParentID"
        case isPeriodic = "Periodic"
        case isParameterized = "ParameterizedJob"
        case id = "ID"
        case name = "Name"
        case namespace = "Namespace"
        case type = "Type"
        case priority = "Priority"
        case status = "Status"
        case statusDescription = "StatusDescription"
        case stop = "Stop"
        case datacenters = "Datacenters"
        case submitTime = "SubmitTime"
        case summary = "JobSummary"
        case modifyIndex = "ModifyIndex"
        case jobModifyIndex = "JobModifyIndex"
    }
}

/// Counts of a job's allocations, by group.
public struct JobSummaryWire: Decodable, Hashable, Sendable {
    /// The job.
    public var jobID: String
    /// The namespace.
    public var namespace: String?
    /// Counts by group.
    public var groups: [String: Counts]
    /// Counts of the jobs that it made.
    public var children: ChildrenWire?

    /// Counts of allocations by what they do.
    public struct Counts: Decodable, Hashable, Sendable {
        /// Instances that wait for room.
        public var queued: Int
        /// Ended well.
        public var complete: Int
        /// Failed.
        public var failed: Int
        /// Running.
        public var running: Int
        /// Placed, not yet running.
        public var starting: Int
        /// Their node is lost.
        public var lost: Int
        /// Their node is lost, and may return with them; `nil` from servers that do not know of such.
        public var unknown: Int?

        enum CodingKeys: String, CodingKey {
            case queued = "Queued"
            case complete = "Complete"
            case failed = "Failed"
            case running = "Running"
            case starting = "Starting"
            case lost = "Lost"
            case unknown = "Unknown"
        }
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "JobID"
        case namespace = "Namespace"
        case groups = "Summary"
        case children = "Children"
    }
}

/// What the servers know of a job beside its statement; the statement is read by `JobDocument`.
public struct JobHead: Decodable, Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// The name shown.
    public var name: String
    /// The namespace.
    public var namespace: String?
    /// `service` or `batch`.
    public var type: String
    /// 1 to 100.
    public var priority: Int
    /// Datacenters it may run in.
    public var datacenters: [String]?
    /// `pending`, `running` or `dead`.
    public var status: String
    /// Whether it was stopped.
    public var stop: Bool
    /// Counts the changed registrations from 0.
    public var version: Int
    /// When this version was registered, in nanoseconds since 1970.
    public var submitTime: Int64?
    /// The revision that last changed it.
    public var modifyIndex: UInt64
    /// The revision that last changed its statement.
    public var jobModifyIndex: UInt64
    /// The job that made it; empty for jobs that were registered.
    public var parent: String?
    /// When it begins by itself.
    public var periodic: PeriodicWire?
    /// What a dispatch gives it.
    public var parameterized: ParameterizedWire?

    enum CodingKeys: String, CodingKey {
        case parent = "ParentID"
        case periodic = "Periodic"
        case parameterized = "ParameterizedJob"
        case id = "ID"
        case name = "Name"
        case namespace = "Namespace"
        case type = "Type"
        case priority = "Priority"
        case datacenters = "Datacenters"
        case status = "Status"
        case stop = "Stop"
        case version = "Version"
        case submitTime = "SubmitTime"
        case modifyIndex = "ModifyIndex"
        case jobModifyIndex = "JobModifyIndex"
    }
}

/// What the servers say to an accepted write.
public struct WriteAnswer: Decodable, Hashable, Sendable {
    /// The evaluation that the write caused; empty for none.
    public var evaluation: String?
    /// The revision of that evaluation.
    public var evaluationIndex: UInt64?
    /// The revision that last changed the job's statement.
    public var jobModifyIndex: UInt64?
    /// The revision of the write.
    public var index: UInt64?
    /// What deserves a second look.
    public var warnings: String?

    enum CodingKeys: String, CodingKey {
        case evaluation = "EvalID"
        case evaluationIndex = "EvalCreateIndex"
        case jobModifyIndex = "JobModifyIndex"
        case index = "Index"
        case warnings = "Warnings"
    }
}

/// What came of a dispatch.
public struct DispatchAnswer: Decodable, Hashable, Sendable {
    /// The job that it made.
    public var job: String
    /// The evaluation that it caused; empty when an earlier dispatch had made the job.
    public var evaluation: String?

    enum CodingKeys: String, CodingKey {
        case job = "DispatchedJobID"
        case evaluation = "EvalID"
    }
}

/// The times of a periodic job.
public struct PeriodicWire: Decodable, Hashable, Sendable {
    /// Whether times are kept.
    public var isEnabled: Bool?
    /// One expression.
    public var cron: String?
    /// Several.
    public var crons: [String]?
    /// The zone in which they are meant.
    public var timeZone: String?

    enum CodingKeys: String, CodingKey {
        case isEnabled = "Enabled"
        case cron = "Spec"
        case crons = "Specs"
        case timeZone = "TimeZone"
    }

    /// The next of its times after `time`, by the zone files of this machine.
    public func next(after time: WallTime) throws -> WallTime? {
        guard isEnabled != false else { return nil }
        let one = cron.flatMap { $0.isEmpty ? nil : [$0] }
        return try PeriodicSpec(one ?? crons ?? [], timeZone: timeZone ?? "UTC").next(after: time)
    }
}

/// What a parameterized job asks of a dispatch.
public struct ParameterizedWire: Decodable, Hashable, Sendable {
    /// `optional`, `required` or `forbidden`.
    public var payload: String?
    /// Words that must be given.
    public var requiredMeta: [String]?
    /// Words that may be given.
    public var optionalMeta: [String]?

    enum CodingKeys: String, CodingKey {
        case payload = "Payload"
        case requiredMeta = "MetaRequired"
        case optionalMeta = "MetaOptional"
    }
}

/// How many jobs that a job made are at which point.
public struct ChildrenWire: Decodable, Hashable, Sendable {
    /// Something of them is still to be placed.
    public var pending: Int
    /// They run.
    public var running: Int
    /// They are over.
    public var dead: Int

    /// States counts.
    public init(pending: Int, running: Int, dead: Int) {
        self.pending = pending
        self.running = running
        self.dead = dead
    }

    enum CodingKeys: String, CodingKey {
        case pending = "Pending"
        case running = "Running"
        case dead = "Dead"
    }
}

/// What the servers find in a job.
public struct ValidationAnswer: Decodable, Hashable, Sendable {
    /// Every mistake.
    public var errors: [String]?
    /// All mistakes as one text; empty for none.
    public var error: String
    /// What deserves a second look.
    public var warnings: String

    enum CodingKeys: String, CodingKey {
        case errors = "ValidationErrors"
        case error = "Error"
        case warnings = "Warnings"
    }
}
