/// How a node is to be drained.
public struct DrainRequest: Encodable, Hashable, Sendable {
    /// After how many nanoseconds what still runs is stopped; 0 never, -1 at once.
    public var deadline: Int64
    /// Whether jobs that run on every node stay.
    public var ignoresSystemJobs: Bool
    /// Why, in words.
    public var reason: String

    /// States a drain.
    public init(deadline: Int64, ignoresSystemJobs: Bool = false, reason: String = "") {
        self.deadline = deadline
        self.ignoresSystemJobs = ignoresSystemJobs
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case deadline = "Deadline"
        case ignoresSystemJobs = "IgnoreSystemJobs"
    }
}

/// A drain as the servers show it.
public struct DrainWire: Decodable, Hashable, Sendable {
    /// As in `DrainRequest`.
    public var deadline: Int64
    /// Whether jobs that run on every node stay.
    public var ignoresSystemJobs: Bool
    /// Why, in words; only this cluster's servers say that.
    public var reason: String?
    /// When patience ends, in the form of RFC 3339; the year 1 for never.
    public var forceDeadline: String
    /// When it began, in the form of RFC 3339.
    public var startedAt: String

    enum CodingKeys: String, CodingKey {
        case deadline = "Deadline"
        case ignoresSystemJobs = "IgnoreSystemJobs"
        case reason = "Reason"
        case forceDeadline = "ForceDeadline"
        case startedAt = "StartedAt"
    }
}

/// The newest drain of a node.
public struct LastDrainWire: Decodable, Hashable, Sendable {
    /// `draining`, `complete` or `canceled`.
    public var status: String

    enum CodingKeys: String, CodingKey { case status = "Status" }
}
