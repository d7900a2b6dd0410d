public import ClusterKit
import FoundationEssentials

/// Checks the promises that `TaskDriver` states, for whoever writes one, and those of `TaskSignaling` and
/// `TaskExecuting` for a driver that is one. It starts real tasks, so it takes seconds.
///
/// ```swift
/// let violations = await TaskDriverConformance(tasks: tasks, folder: scratch) { MyDriver() }.run()
/// #expect(violations.isEmpty)
/// ```
public struct TaskDriverConformance: Sendable {
    /// The driver's own configuration for each kind of task that the suite needs.
    public struct Tasks: Sendable {
        /// Ends at once with code 0.
        public var succeeding: [String: ConfigValue]
        /// Ends at once with `failureCode`.
        public var failing: [String: ConfigValue]
        /// What `failing` ends with; not 0.
        public var failureCode: Int
        /// Runs until it is stopped and ends soon after `SIGTERM`.
        public var lasting: [String: ConfigValue]
        /// Runs until it is stopped and ignores `SIGTERM`.
        public var stubborn: [String: ConfigValue]
        /// Cannot be started.
        public var unstartable: [String: ConfigValue]
        /// The words that run a script of a POSIX shell beside a task, the script to be added. Drivers that are no
        /// `TaskExecuting` need none.
        public var shell: [String]
        /// A file below the folder of the task that `lasting` and `stubborn` make when they have set up how they take
        /// signals. Without a name they get half a second for that, which is short on a busy machine.
        public var ready: String?

        /// Names the tasks.
        public init(
            succeeding: [String: ConfigValue], failing: [String: ConfigValue], failureCode: Int,
            lasting: [String: ConfigValue], stubborn: [String: ConfigValue], unstartable: [String: ConfigValue],
            shell: [String] = ["/bin/sh", "-c"], ready: String? = nil
        ) {
            self.succeeding = succeeding
            self.failing = failing
            self.failureCode = failureCode
            self.lasting = lasting
            self.stubborn = stubborn
            self.unstartable = unstartable
            self.shell = shell
            self.ready = ready
        }
    }

    let tasks: Tasks
    let folder: String
    let limit: Duration
    let environment: [String: String]
    let makeDriver: @Sendable () async throws -> any TaskDriver
    let leftOvers: @Sendable (TaskHandle) async -> [String]

    /// Prepares a run below `folder`, an existing folder. `makeDriver` makes a driver that knows nothing but what is on
    /// disk, as after a restart of the agent. `leftOvers` says what still runs of a task, where the author has a way
    /// to find out; no call of the driver may take longer than `limit`.
    public init(
        tasks: Tasks, folder: String, limit: Duration = .seconds(60),
        environment: [String: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"],
        leftOvers: @escaping @Sendable (TaskHandle) async -> [String] = { _ in [] },
        makeDriver: @escaping @Sendable () async throws -> any TaskDriver
    ) {
        self.tasks = tasks
        self.folder = folder
        self.limit = limit
        self.environment = environment
        self.leftOvers = leftOvers
        self.makeDriver = makeDriver
    }

    /// Runs all checks, one after the other, and returns the promises that were broken.
    public func run() async -> [Violation] {
        var violations: [Violation] = []
        let checks: [(String, @Sendable (inout Findings) async throws -> Void)] = [
            ("a driver that works here says so", checkFingerprint),
            ("wait gives the exit code", checkExitCodes),
            ("wait may be repeated and gives the same", checkRepeatedWait),
            ("a handle alone finds the task after a restart", checkRestart),
            ("stop ends a task politely, returns when nothing of it runs and may be repeated", checkStop),
            ("stop kills what is not gone after the grace", checkStubborn),
            ("remove cleans up, may be repeated, and leaves nothing running", checkRemove),
            ("a task that nothing is known of was lost", checkUnknown),
            ("a task that cannot start throws TaskStartFailure", checkUnstartable),
            ("a signal reaches a task that runs and ends none by itself", checkSignals),
            ("a task ends with its lease, and none starts after it", checkLease),
            ("a command gives its code and its output", checkCommand),
            ("a command runs in the task's folder with the environment that it is given", checkCommandPlace),
            ("a command never outlives its timeout nor its caller", checkCommandTime),
            ("a command never outlives its task", checkCommandLife),
        ]
        for (rule, check) in checks {
            var findings = Findings(rule: rule)
            do {
                try await check(&findings)
            } catch {
                findings.add("threw \(type(of: error)): \(error)")
            }
            violations += findings.violations
        }
        return violations
    }

    /// What one check found.
    struct Findings {
        let rule: String
        private(set) var violations: [Violation] = []

        init(rule: String) { self.rule = rule }

        mutating func add(_ detail: String) { violations.append(Violation(rule: rule, detail: detail)) }

        mutating func expect(_ holds: Bool, _ detail: @autoclosure () -> String) {
            if !holds { add(detail()) }
        }
    }

    /// A request with folders of its own.
    func request(_ config: [String: ConfigValue]) throws -> TaskRequest {
        var random = SystemRandomNumberGenerator()
        let allocation = AllocationID(high: random.next(), low: random.next())
        let base = folder + "/" + allocation.description
        let folders = TaskFolders(task: base + "/main", shared: base + "/alloc")
        for path in [folders.local, folders.secrets, folders.scratch, folders.logs] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        return TaskRequest(
            allocation: allocation, task: "main", config: config, environment: environment, folders: folders)
    }

    /// Gives up a call of the driver that takes too long.
    func bounded<Value: Sendable>(
        _ what: String, _ call: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await call() }
            group.addTask { [limit] in
                try await Task.sleep(for: limit)
                throw ClusterError(.unavailable, "\(what) did not return within \(limit)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
