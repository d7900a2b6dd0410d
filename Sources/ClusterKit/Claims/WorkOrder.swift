/// What someone wants done: it becomes an item of a queue.
public struct WorkOrder: Hashable, Sendable {
    /// The name within the queue; `nil` lets the server make one. Putting a name that is there already changes nothing.
    public var id: String?
    /// Items of higher priority are taken first: 1 to 100.
    public var priority: Int
    /// What a worker must state of itself to get it, in the form of a job's constraints; `${os}` is what the worker
    /// states as `os`.
    public var constraints: [Constraint]
    /// What is to be done, in words that the workers understand: JSON or any other text.
    public var payload: [UInt8]
    /// How many attempts may fail before it is given up.
    public var maxAttempts: Int
    /// The moment before which no worker gets it; `nil` for at once.
    public var readyTime: WallTime?
    /// How long it is kept once it is done or given up.
    public var retention: Duration

    /// States work.
    ///
    /// - Parameter attributes: shorthand for constraints that ask for equality.
    public init(
        id: String? = nil, payload: [UInt8] = [], priority: Int = 50, attributes: [String: String] = [:],
        constraints: [Constraint] = [], maxAttempts: Int = 3, readyTime: WallTime? = nil,
        retention: Duration = .seconds(86_400)
    ) {
        self.id = id
        self.priority = priority
        let equal = attributes.sorted { $0.key < $1.key }.map { Constraint("${\($0.key)}", .equal, $0.value) }
        self.constraints = constraints + equal
        self.payload = payload
        self.maxAttempts = maxAttempts
        self.readyTime = readyTime
        self.retention = retention
    }
}

/// The bounds that queues of work keep.
public enum WorkLimits {
    /// The most bytes of a payload, and of a result.
    public static let payloadBytes = 64 * 1024
    /// The most items of a queue, those included that are over and kept.
    public static let items = 100_000
    /// The most bytes of all payloads and results of a queue with which an item is put. Results are taken beyond that.
    public static let queueBytes = 256 << 20
    /// The longest name of an item, in bytes.
    public static let idBytes = 256
    /// The longest name of a worker and the longest message, in bytes.
    public static let textBytes = 4096
    /// The most attributes that a worker states, and the most constraints of an item.
    public static let attributes = 64
    /// How long a lease may last without being renewed.
    public static let lease = Duration.seconds(1)...Duration.seconds(86_400)
    /// How long an item may be kept once it is over.
    public static let longestRetention = Duration.seconds(30 * 86_400)
    /// The most attempts.
    public static let attempts = 1000
}

/// A worker that asks for an item.
public struct WorkerStatement: Hashable, Sendable {
    /// The name that the worker goes by: for people, and not necessarily unique.
    public var name: String
    /// What the worker is or has: `os` = `macos`.
    public var attributes: [String: String]
    /// The allocation in which it runs; its end gives the item back at once.
    public var allocation: AllocationID?
    /// How long an item stays with the worker unless it is heard of.
    public var lease: Duration

    /// States who asks.
    public init(
        _ name: String, attributes: [String: String] = [:], allocation: AllocationID? = nil,
        lease: Duration = .seconds(60)
    ) {
        self.name = name
        self.attributes = attributes
        self.allocation = allocation
        self.lease = lease
    }
}

/// What shows that a worker has an item: whoever holds an older one is refused.
public struct WorkTicket: Hashable, Sendable {
    /// The item.
    public var item: WorkItemKey
    /// The number of the lease.
    public var token: UInt64

    /// Names a lease.
    public init(_ item: WorkItemKey, token: UInt64) {
        self.item = item
        self.token = token
    }
}

/// How a worker gives an item back that it did not do.
public enum WorkReturn: Hashable, Sendable {
    /// Untried: it counts for nothing, and another worker may have it at once.
    case released(String)
    /// Tried in vain: an attempt is counted. Another comes after the delay, unless it was the last or `isFinal`.
    case failed(String, delay: Duration, isFinal: Bool)
}
