/// A queue of work and what it holds.
public struct WorkQueueWire: Decodable, Sendable {
    /// The name.
    public var name: String
    /// The namespace.
    public var namespace: String
    /// Items that wait for a worker, or for their time.
    public var waiting: Int
    /// Items that a worker has.
    public var leased: Int
    /// Items that are done.
    public var complete: Int
    /// Items that were given up.
    public var failed: Int
    /// The workers that wait, and those that asked of late; `nil` in lists.
    public var workers: [WorkerWire]?

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case namespace = "Namespace"
        case waiting = "Waiting"
        case leased = "Leased"
        case complete = "Complete"
        case failed = "Failed"
        case workers = "Workers"
    }
}

/// A worker that asked for items.
public struct WorkerWire: Decodable, Sendable {
    /// The name that it goes by.
    public var name: String
    /// What it states of itself.
    public var attributes: [String: String]?
    /// Whether it waits now.
    public var isWaiting: Bool
    /// When it asked last, in nanoseconds since 1970.
    public var time: Int64

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case attributes = "Attributes"
        case isWaiting = "IsWaiting"
        case time = "Time"
    }
}

/// An item of work.
public struct WorkItemWire: Decodable, Sendable {
    /// The name within the queue.
    public var id: String
    /// The queue.
    public var queue: String
    /// `waiting`, `leased`, `complete` or `failed`.
    public var state: String
    /// Why it waits.
    public var reason: String
    /// Its priority.
    public var priority: Int
    /// How many attempts have failed.
    public var attempts: Int
    /// How many may.
    public var maxAttempts: Int
    /// The number of the newest lease.
    public var token: Int
    /// Who has it.
    public var worker: String
    /// Why its newest lease ended.
    public var message: String
    /// How much is done, from 0 to 1.
    public var progress: Double
    /// What is being done.
    public var progressText: String
    /// What is to be done; `nil` in lists.
    public var payload: String?
    /// What came of it; `nil` in lists.
    public var result: String?
    /// When it was put, in nanoseconds since 1970.
    public var createTime: Int64

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case queue = "Queue"
        case state = "State"
        case reason = "Reason"
        case priority = "Priority"
        case attempts = "Attempts"
        case maxAttempts = "MaxAttempts"
        case token = "Token"
        case worker = "Worker"
        case message = "Message"
        case progress = "Progress"
        case progressText = "ProgressText"
        case payload = "Payload"
        case result = "Result"
        case createTime = "CreateTime"
    }
}

/// What came of putting an item.
public struct PutWorkWire: Decodable, Sendable {
    /// Whether it was not there before.
    public var isNew: Bool
    /// The item as it is now.
    public var item: WorkItemWire

    enum CodingKeys: String, CodingKey {
        case isNew = "Created"
        case item = "Item"
    }
}

/// An item that a worker has now.
public struct WorkClaimWire: Decodable, Sendable {
    /// For how long, unless the worker is heard of again.
    public var leaseSeconds: Double
    /// The item.
    public var item: WorkItemWire

    enum CodingKeys: String, CodingKey {
        case leaseSeconds = "LeaseSeconds"
        case item = "Item"
    }
}
