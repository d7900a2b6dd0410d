/// How the work of an allocation stands.
public struct WorkWire: Codable, Hashable, Sendable {
    /// Whether it is in the middle of something.
    public var busy: Bool
    /// How much of that is done, from 0 to 1.
    public var progress: Double?
    /// What would be lost with the allocation.
    public var keepCost: Double?

    /// States how the work stands.
    public init(busy: Bool, progress: Double? = nil, keepCost: Double? = nil) {
        self.busy = busy
        self.progress = progress
        self.keepCost = keepCost
    }

    enum CodingKeys: String, CodingKey {
        case busy = "Busy"
        case progress = "Progress"
        case keepCost = "KeepCost"
    }
}

/// The counts of a job's groups, and how they were changed.
public struct ScaleStatusWire: Decodable, Hashable, Sendable {
    /// The groups by name.
    public var groups: [String: Group]

    /// One group.
    public struct Group: Decodable, Hashable, Sendable {
        /// How many instances are wanted.
        public var desired: Int
        /// The last twenty events, the newest first.
        public var events: [Event]?

        enum CodingKeys: String, CodingKey {
            case desired = "Desired"
            case events = "Events"
        }
    }

    /// A change of a count, or words about one.
    public struct Event: Decodable, Hashable, Sendable {
        /// The count that was asked for; `nil` for words alone.
        public var count: Int?
        /// The count before.
        public var previousCount: Int
        /// Whether something went wrong.
        public var isError: Bool
        /// Why.
        public var message: String
        /// The evaluation that it caused.
        public var evaluation: String?
        /// When, in nanoseconds since 1970.
        public var time: Int64

        enum CodingKeys: String, CodingKey {
            case count = "Count"
            case previousCount = "PreviousCount"
            case isError = "Error"
            case message = "Message"
            case evaluation = "EvalID"
            case time = "Time"
        }
    }

    enum CodingKeys: String, CodingKey { case groups = "TaskGroups" }
}

/// The bounds of a group's count.
public struct ScalingPolicyWire: Decodable, Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// Whether whoever reads it shall act on it.
    public var isEnabled: Bool
    /// `horizontal`.
    public var type: String
    /// `Namespace`, `Job` and `Group`.
    public var target: [String: String]
    /// The lowest count; only on the single one.
    public var min: Int?
    /// The highest count; only on the single one.
    public var max: Int?

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case isEnabled = "Enabled"
        case type = "Type"
        case target = "Target"
        case min = "Min"
        case max = "Max"
    }
}
