/// An evaluation as the servers show it.
public struct EvaluationWire: Decodable, Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// The job.
    public var job: String
    /// The namespace.
    public var namespace: String?
    /// The job's kind.
    public var type: String
    /// The job's priority.
    public var priority: Int
    /// Why the job is looked at.
    public var trigger: String
    /// `pending`, `blocked`, `complete`, `failed` or `canceled`.
    public var status: String
    /// Why.
    public var statusDescription: String?
    /// The evaluation that follows later; empty for none.
    public var next: String?
    /// The evaluation that led to this one; empty for none.
    public var previous: String?
    /// The evaluation that waits for room; empty for none.
    public var blocked: String?
    /// Why groups could not be placed, by name.
    public var refusals: [String: RefusalWire]?
    /// How many instances wait for room, by group.
    public var queued: [String: Int]?
    /// The revision that first held it.
    public var createIndex: UInt64
    /// The revision that last changed it.
    public var modifyIndex: UInt64

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case job = "JobID"
        case namespace = "Namespace"
        case type = "Type"
        case priority = "Priority"
        case trigger = "TriggeredBy"
        case status = "Status"
        case statusDescription = "StatusDescription"
        case next = "NextEval"
        case previous = "PreviousEval"
        case blocked = "BlockedEval"
        case refusals = "FailedTGAllocs"
        case queued = "QueuedAllocations"
        case createIndex = "CreateIndex"
        case modifyIndex = "ModifyIndex"
    }
}

/// Why no node took an instance.
public struct RefusalWire: Decodable, Hashable, Sendable {
    /// How many nodes were looked at.
    public var nodesEvaluated: Int
    /// How many a rule forbids.
    public var nodesFiltered: Int
    /// How many lack room.
    public var nodesExhausted: Int
    /// Nodes by the rule that forbids them.
    public var filtered: [String: Int]?
    /// Nodes by the resource they lack.
    public var exhausted: [String: Int]?
    /// Nodes that take work, by datacenter.
    public var nodesAvailable: [String: Int]?
    /// What is asked and what is free at most, for people; only this project's servers say it.
    public var shortages: [String]?
    /// Further instances refused for the same reasons.
    public var coalesced: Int
    /// The other work that new instances wait for, for people; only this project's servers say it.
    public var awaits: [String]?

    enum CodingKeys: String, CodingKey {
        case nodesEvaluated = "NodesEvaluated"
        case nodesFiltered = "NodesFiltered"
        case nodesExhausted = "NodesExhausted"
        case filtered = "ConstraintFiltered"
        case exhausted = "DimensionExhausted"
        case nodesAvailable = "NodesAvailable"
        case shortages = "Shortages"
        case coalesced = "CoalescedFailures"
        case awaits = "Awaits"
    }
}
