/// What a check of a service found.
public struct CheckWire: Decodable, Hashable, Sendable {
    /// The name of the service.
    public var service: String
    /// The name of the check.
    public var name: String
    /// The task whose service it is; empty for the group's.
    public var task: String?
    /// `success`, `failure` or `pending`.
    public var status: String
    /// `passing`, `warning` or `critical`; some servers do not say.
    public var health: String?
    /// What was answered.
    public var output: String
    /// When the health last changed, in nanoseconds since 1970; some servers do not say.
    public var since: Int64?

    /// The status as people read it: the health, once there is a result.
    public var shownStatus: String { status == "pending" ? status : health ?? status }

    enum CodingKeys: String, CodingKey {
        case service = "Service"
        case name = "Check"
        case task = "Task"
        case status = "Status"
        case health = "Health"
        case output = "Output"
        case since = "Since"
    }
}
