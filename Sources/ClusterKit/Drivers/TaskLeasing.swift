/// A driver that ends a task when its lease is over, whatever became of the agent: by whoever watches over the task.
///
/// With any other driver the agent alone sees to that, as long as it runs.
public protocol TaskLeasing: TaskDriver {
    /// Lets a task run until `end`, or for as long as it may already when that is longer. Nothing happens when it has
    /// ended. Throws when that cannot be done; the lease is what it was then.
    func renewLease(of handle: TaskHandle, until end: Uptime) async throws
}

/// Until when a task may run, and how it ends then.
public struct TaskLease: Hashable, Sendable {
    /// The end, on the clock of `SystemTime`. A task does not start any more after it.
    public var end: Uptime
    /// The signal that it gets at the end, by name.
    public var signal: String
    /// How long it then has before all that belongs to it is killed.
    public var grace: Duration

    /// States a lease.
    public init(until end: Uptime, signal: String, grace: Duration) {
        self.end = end
        self.signal = signal
        self.grace = grace
    }
}
