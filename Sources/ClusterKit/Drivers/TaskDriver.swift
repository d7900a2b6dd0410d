/// How to run: starts tasks and says how they ended.
///
/// A conformer's promises: a handle alone finds the task again after the agent was restarted; `stop` and `remove` may
/// be repeated, also for a task that is gone; what belongs to a task is gone when `remove` returns.
public protocol TaskDriver: Sendable {
    /// The name by which job files ask for it.
    var name: String { get }

    /// Whether it can start tasks on this machine now.
    func fingerprint() async -> DriverStatus

    /// Starts a task and returns as soon as it runs. Throws `TaskStartFailure`.
    ///
    /// An agent that was killed before it wrote a handle down asks for the same attempt again: a driver must not let
    /// the task run beside itself then, and should give the one that it started.
    func start(_ request: TaskRequest) async throws -> TaskHandle

    /// Waits for the end of the task, which may have come long ago. May be called again, also by a restarted agent.
    /// A task that nothing is known of any more gives an exit with the cause `.supervisorLost`.
    func wait(for handle: TaskHandle) async throws -> TaskExit

    /// Ends a task: `signal` first, and `SIGKILL` to all that belongs to it once `grace` is over.
    /// Returns when nothing of it runs.
    func stop(_ handle: TaskHandle, signal: String, grace: Duration) async throws

    /// Forgets a task that ended and cleans up after it.
    func remove(_ handle: TaskHandle) async throws
}

/// What a driver needs to start a task. Everything in it is resolved: no `${…}` is left.
public struct TaskRequest: Hashable, Sendable {
    /// The allocation.
    public var allocation: AllocationID
    /// The task by name.
    public var task: String
    /// Counts the starts of this task within its allocation from 0.
    public var attempt: Int
    /// The driver's configuration.
    public var config: [String: ConfigValue]
    /// The task's whole environment; nothing of the agent's own is added.
    public var environment: [String: String]
    /// What it may use.
    public var resources: TaskResources
    /// The cores it holds exclusively.
    public var cores: [Int]
    /// Its folders.
    public var folders: TaskFolders
    /// How much output is kept.
    public var logs: LogRotation
    /// Until when it may run; `nil` for as long as it takes.
    public var lease: TaskLease?

    /// Asks to start a task.
    public init(
        allocation: AllocationID, task: String, attempt: Int = 0, config: [String: ConfigValue] = [:],
        environment: [String: String] = [:], resources: TaskResources = TaskResources(), cores: [Int] = [],
        folders: TaskFolders, logs: LogRotation = LogRotation()
    ) {
        self.allocation = allocation
        self.task = task
        self.attempt = attempt
        self.config = config
        self.environment = environment
        self.resources = resources
        self.cores = cores
        self.folders = folders
        self.logs = logs
    }
}

/// Where a task finds its files; all paths are absolute.
public struct TaskFolders: Hashable, Sendable {
    /// The folder of the task, its working directory: `…/alloc-id/TASK`.
    public var task: String
    /// The folder that all tasks of the allocation share: `…/alloc-id/alloc`.
    public var shared: String

    /// Names the two folders.
    public init(task: String, shared: String) {
        self.task = task
        self.shared = shared
    }

    /// The task's own files.
    public var local: String { task + "/local" }
    /// The task's secrets, in memory where the machine can.
    public var secrets: String { task + "/secrets" }
    /// The task's scratch files.
    public var scratch: String { task + "/tmp" }
    /// The output of all tasks: `TASK.stdout.0`, `TASK.stderr.0` and so on.
    public var logs: String { shared + "/logs" }
}

/// What a driver needs to find a task again; kept by the agent on disk.
public struct TaskHandle: Hashable, Sendable {
    /// The driver's name.
    public var driver: String
    /// The allocation.
    public var allocation: AllocationID
    /// The task.
    public var task: String
    /// What only the driver understands, by name.
    public var facts: [String: String]

    /// Makes a handle.
    public init(driver: String, allocation: AllocationID, task: String, facts: [String: String] = [:]) {
        self.driver = driver
        self.allocation = allocation
        self.task = task
        self.facts = facts
    }
}

extension TaskHandle: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TaskHandle(
                driver: try fields.next(), allocation: try fields.next(), task: try fields.next(),
                facts: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(driver)
            $0.put(allocation)
            $0.put(task)
            $0.put(facts)
        }
    }
}

/// What ended a task.
public enum TaskExitCause: String, StoredWord {
    /// It exited, or a signal ended it.
    case exited
    /// It used more memory than it may.
    case outOfMemory = "out of memory"
    /// Whoever watched over it is gone, and with it how it ended; it runs no more.
    case supervisorLost = "supervisor lost"
    /// It failed while its disk had no room left, or while its allocation held more than it may.
    case diskFull = "disk full"
}

/// How a task ended.
public struct TaskExit: Hashable, Sendable {
    /// The exit code; 0 also when a signal ended it.
    public var code: Int
    /// The number of the signal that ended it, or 0.
    public var signal: Int
    /// What ended it.
    public var cause: TaskExitCause
    /// When, by the wall clock.
    public var time: WallTime

    /// States an end.
    public init(code: Int = 0, signal: Int = 0, cause: TaskExitCause = .exited, time: WallTime) {
        self.code = code
        self.signal = signal
        self.cause = cause
        self.time = time
    }

    /// Whether it did what it should.
    public var isSuccess: Bool { code == 0 && signal == 0 && cause == .exited }
}

extension TaskExit: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TaskExit(
                code: try fields.next(), signal: try fields.next(), cause: try fields.next(), time: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(code)
            $0.put(signal)
            $0.put(cause)
            $0.put(time)
        }
    }
}

/// Why a task did not start.
public struct TaskStartFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether another try may succeed; otherwise the task fails at once.
    public var isRecoverable: Bool
    /// What is wrong and what to do.
    public var description: String
    /// What is to blame: the driver unless something else is stated.
    public var cause: FailureCause

    /// States why.
    public init(_ description: String, isRecoverable: Bool, cause: FailureCause = .driver) {
        self.description = description
        self.isRecoverable = isRecoverable
        self.cause = cause
    }
}
