import ClusterShimCore
public import Logging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs tasks as plain processes of the machine, without isolation: `raw_exec` in job files, whose `config` has
/// `command` and `args`. A task's environment is what the request says, its standard input is empty, it leads a
/// session of its own, and it belongs to a control group of its own where this program may make one: the variable
/// `NOMAD_PARENT_CGROUP` then says below which.
///
/// When a task's first process ends, all that it left behind is ended too. A start of the same attempt that is asked
/// for again, by an agent that was killed meanwhile, gives the task that was started then, also when it has ended.
public struct ProcessDriver: TaskDriver, TaskSweeping {
    public let name = "raw_exec"

    let supervision: Supervision
    let stateFolder: String
    let logger: Logger
    /// How long the end of a task that nobody knows of is waited for.
    let strayPatience: Duration
    private let usesControlGroups: Bool

    /// Makes a driver that keeps what it must remember of each task in `stateFolder`, an absolute path, which is made
    /// when it is missing. Nobody else may use that folder; a driver made again with it finds the tasks again.
    /// Throws `ClusterError` when the folder cannot be used.
    public init(
        supervision: Supervision, stateFolder: String,
        logger: Logger = Logger(label: "ClusterKit.ProcessDriver")
    ) throws {
        try self.init(
            supervision: supervision, stateFolder: stateFolder, logger: logger, usesControlGroups: true)
    }

    /// As the public one; without control groups it behaves as on a machine that has none.
    package init(
        supervision: Supervision, stateFolder: String, logger: Logger, usesControlGroups: Bool,
        strayPatience: Duration = .seconds(10)
    ) throws {
        guard stateFolder.hasPrefix("/") else {
            throw ClusterError(.invalid, "the state folder \"\(stateFolder)\" must be an absolute path")
        }
        self.supervision = supervision
        self.stateFolder = stateFolder
        self.logger = logger
        self.usesControlGroups = usesControlGroups
        self.strayPatience = strayPatience
        guard Self.makeFolders(stateFolder) else {
            throw ClusterError(.unavailable, "cannot make the state folder \(stateFolder): \(reason(errno))")
        }
        if case .inProcess = supervision {
            logger.notice(
                "tasks run under threads of this program and end with it; give the driver a helper to keep them running"
            )
        }
    }

    public func fingerprint() async -> DriverStatus {
        if case .helper(let path) = supervision, access(path, X_OK) != 0 {
            return DriverStatus(
                healthy: false, description: "the shim \(path) cannot be executed: \(reason(errno))")
        }
        return DriverStatus(healthy: true, attributes: ["driver.raw_exec": "1"])
    }

    public func start(_ request: TaskRequest) async throws -> TaskHandle {
        try Self.check(request.task)
        let config = try ProcessConfig(request)
        let name = "\(request.allocation).\(request.task).\(request.attempt)"
        let state = stateFolder + "/" + name
        if let trace = try await adopted(name) { return handle(request, name, trace) }
        try await clear(name)
        guard mkdir(state, 0o700) == 0 else {
            let code = errno
            throw TaskStartFailure(
                "cannot make \(state): \(reason(code))", isRecoverable: true, cause: Self.cause(of: code))
        }
        let group = usesControlGroups ? ControlGroup.make(for: name) : nil
        var order = TaskOrder(
            state: state, program: config.program, arguments: config.arguments, environment: config.environment,
            folder: request.folders.task, logs: request.folders.logs, task: request.task,
            logFiles: request.logs.files, logFileSize: LogReader.fileSize(of: request.logs),
            group: group?.path ?? "")
        order.lease = try Self.lease(request.lease)
        order.environment += Self.parentGroup(group, besides: request.environment)
        let title = "\(request.task) \(request.allocation.short)"
        do {
            var answer = try await begin(order, title)
            if case .failed(let failure) = answer, failure.step == .joinGroup {
                // A group may be made where none may be joined; the process group and the session then do.
                group?.remove()
                order.group = ""
                order.environment = config.environment
                answer = try await begin(order, title)
            }
            switch answer {
            case .running(let trace): return handle(request, name, trace)
            case .failed(let failure): throw Self.explain(failure, order)
            }
        } catch {
            group?.remove()
            TaskEntry.deleteFolder(state)
            throw error
        }
    }

    private func handle(_ request: TaskRequest, _ state: String, _ trace: TaskTrace) -> TaskHandle {
        var facts = trace.facts
        facts["state"] = state
        return TaskHandle(driver: name, allocation: request.allocation, task: request.task, facts: facts)
    }

    /// The variable that says below which control group that of the task stands, where it has one: what starts
    /// containers on a task's behalf hangs them there. The job may state another.
    private static func parentGroup(_ group: ControlGroup?, besides stated: [String: String]) -> [String] {
        let name = "NOMAD_PARENT_CGROUP"
        return group == nil || stated[name] != nil ? [] : ["\(name)=\(ControlGroup.parent)"]
    }

    /// A start takes a few milliseconds in which a thread waits.
    private func begin(_ order: TaskOrder, _ title: String) async throws -> ShimTalk.Answer {
        do {
            return try await BlockingWork.run { [supervision] in try supervision.start(order, title: title) }
        } catch let error as ClusterError {
            throw TaskStartFailure(error.message, isRecoverable: true)
        }
    }

    /// Ends what is left of an earlier start of the same attempt of which no task came, or whose shim was lost.
    private func clear(_ name: String) async throws {
        guard access(stateFolder + "/" + name, F_OK) == 0 else { return }
        guard try await discard(name) else {
            throw TaskStartFailure(
                "what an earlier start of the task left behind does not end; is a disk that it uses out of order?",
                isRecoverable: true)
        }
    }

    private static func explain(_ failure: LaunchFailure, _ order: TaskOrder) -> TaskStartFailure {
        let why = reason(failure.code)
        switch failure.step {
        case .prepare:
            return TaskStartFailure(
                "cannot prepare the output in \(order.logs) or the record in \(order.state): \(why)",
                isRecoverable: true, cause: cause(of: failure.code))
        case .joinGroup:
            return TaskStartFailure("cannot join the control group \(order.group): \(why)", isRecoverable: true)
        case .lease:
            return TaskStartFailure("the lease of the task was over before it could start", isRecoverable: true)
        case .enterFolder:
            return TaskStartFailure("cannot enter the task's folder \(order.folder): \(why)", isRecoverable: true)
        case .execute:
            let passing = [EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY, EIO].contains(failure.code)
            let hint =
                switch failure.code {
                case ENOEXEC: "; it is no program for this machine, and a script must begin with \"#!\""
                case ENOENT: "; the interpreter that it names does not exist"
                default: ""
                }
            return TaskStartFailure("cannot execute \(order.program): \(why)\(hint)", isRecoverable: passing)
        }
    }

    private static func lease(_ lease: TaskLease?) throws -> OrderedLease? {
        guard let lease else { return nil }
        return OrderedLease(
            end: lease.end.nanoseconds, signal: try TaskSignal(named: lease.signal).number,
            grace: lease.grace.nanoseconds)
    }

    private static func cause(of code: Int32) -> FailureCause { [ENOSPC, EDQUOT].contains(code) ? .disk : .driver }

    /// A task's name becomes part of the names of files.
    private static func check(_ task: String) throws {
        let isPlain = !task.utf8.contains(UInt8(ascii: "/")) && !task.utf8.contains(0) && !task.hasPrefix(".")
        guard isPlain, !task.isEmpty, task.utf8.count <= 128 else {
            throw TaskStartFailure(
                "\"\(task)\" cannot be a task's name: it must have 1 to 128 bytes, no slash and no dot in front",
                isRecoverable: false)
        }
    }

    private static func makeFolders(_ path: String) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        switch errno {
        case EEXIST: return Descriptor.open(path, O_RDONLY | O_DIRECTORY) != nil
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return false }
            return makeFolders(String(path[..<slash])) && mkdir(path, 0o700) == 0
        default: return false
        }
    }
}
