/// A driver that can run a command beside a task: script checks do, and people who look inside.
///
/// A conformer's promises: the command runs where the task runs, with the environment and the folders that it is
/// given, and within the limits of the task; it never outlives `timeout` by more than a little, nor its task; no more
/// than `TaskExecution.longestOutput` bytes of its output are kept.
public protocol TaskExecuting: TaskDriver {
    /// Runs a command beside the task and waits for its end. Throws `ClusterError`: `.notFound` when the task does not
    /// run, `.invalid` when there is no such program; and `CancellationError` after ending the command.
    func execute(_ command: TaskCommand, in handle: TaskHandle) async throws -> TaskExecution
}

/// A command to be run beside a task. Everything in it is resolved: no `${…}` is left.
public struct TaskCommand: Hashable, Sendable {
    /// The program, found as the task's own would be, and its arguments.
    public var words: [String]
    /// The whole environment. It is handed over each time and never kept, since it may hold secrets.
    public var environment: [String: String]
    /// The task's folders; the command begins in the first of them.
    public var folders: TaskFolders
    /// How long it may run.
    public var timeout: Duration

    /// States a command.
    public init(
        _ words: [String], environment: [String: String] = [:], folders: TaskFolders, timeout: Duration = .seconds(30)
    ) {
        self.words = words
        self.environment = environment
        self.folders = folders
        self.timeout = timeout
    }
}

/// How a command ended.
public struct TaskExecution: Hashable, Sendable {
    /// The exit code; 0 also when a signal ended it.
    public var code: Int
    /// The number of the signal that ended it, or 0.
    public var signal: Int
    /// The first bytes of what it wrote, standard output and standard error together.
    public var output: [UInt8]
    /// Whether it was killed because its time was over.
    public var timedOut: Bool

    /// The most bytes of output that are kept.
    public static let longestOutput = 4096

    /// States an end.
    public init(code: Int = 0, signal: Int = 0, output: [UInt8] = [], timedOut: Bool = false) {
        self.code = code
        self.signal = signal
        self.output = output
        self.timedOut = timedOut
    }
}
