/// A driver that can say what a task uses.
public protocol TaskMeasuring: TaskDriver {
    /// What the task has used so far and uses now. Asked again and again, every ten seconds or so; must not hold up the
    /// task. Throws `ClusterError(.notFound)` for a task that does not run.
    func usage(of handle: TaskHandle) async throws -> TaskUsage
}

/// What a task has used since it started, and holds now. What the system does not tell is `nil`.
public struct TaskUsage: Hashable, Sendable {
    /// The processor time spent in the task's own code.
    public var userTime: Duration
    /// The processor time spent in the kernel on its behalf.
    public var systemTime: Duration
    /// How long it was held back by its limit.
    public var throttledTime: Duration?
    /// In how many periods it was held back.
    public var throttledPeriods: Int?
    /// The resident memory in bytes.
    public var residentMemory: Int?
    /// All memory in bytes that counts towards its limit.
    public var memory: Int?
    /// The file cache in bytes that counts as its.
    public var cache: Int?
    /// The bytes that are swapped out.
    public var swap: Int?
    /// The most bytes of memory so far.
    public var peakMemory: Int?
    /// The bytes that the kernel holds on its behalf.
    public var kernelMemory: Int?
    /// The processes.
    public var processes: Int?

    /// States processor time; the rest can be set.
    public init(userTime: Duration = .zero, systemTime: Duration = .zero) {
        self.userTime = userTime
        self.systemTime = systemTime
    }
}
