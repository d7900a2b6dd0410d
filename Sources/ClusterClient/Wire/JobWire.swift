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

    enum CodingKeys: String, CodingKey {
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

        enum CodingKeys: String, CodingKey {
            case queued = "Queued"
            case complete = "Complete"
            case failed = "Failed"
            case running = "Running"
            case starting = "Starting"
            case lost = "Lost"
        }
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "JobID"
        case namespace = "Namespace"
        case groups = "Summary"
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

    enum CodingKeys: String, CodingKey {
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
