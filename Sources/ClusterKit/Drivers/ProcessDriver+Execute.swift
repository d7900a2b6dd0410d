import ClusterShimCore

extension ProcessDriver: TaskExecuting {
    /// Runs a command as a process of the task's control group, in a process group of its own. It ends with the task's
    /// first process at the latest.
    public func execute(_ command: TaskCommand, in handle: TaskHandle) async throws -> TaskExecution {
        guard let entry = entry(for: handle), entry.isOfThisBoot, entry.record == nil,
            let task = entry.trace.task, task.isRunning
        else { throw Self.isGone(handle) }
        let program = try Self.program(of: command, for: handle)
        let bounded = BoundedCommand(
            program: program.program, arguments: program.arguments, environment: program.environment,
            folder: command.folders.task, group: entry.trace.group, timeout: command.timeout,
            outputLimit: TaskExecution.longestOutput)
        do {
            guard let ending = try await Self.ending(of: bounded, atMostUntilEndOf: task) else {
                throw Self.isGone(handle)
            }
            return TaskExecution(
                code: ending.code, signal: ending.signal, output: ending.output, timedOut: ending.timedOut)
        } catch let failure as LaunchFailure {
            // The group goes with the task: whoever comes too late finds none to join.
            if failure.step == .joinGroup { throw Self.isGone(handle) }
            let place = failure.step == .enterFolder ? "enter \(command.folders.task)" : "execute \(program.program)"
            throw ClusterError(.invalid, "cannot \(place): \(reason(failure.code))")
        }
    }

    /// How a command ended; `nil` when the task ended first, and the command with it.
    private static func ending(
        of command: BoundedCommand, atMostUntilEndOf task: ProcessIdentity
    ) async throws -> BoundedCommand.Ending? {
        try await withThrowingTaskGroup(of: BoundedCommand.Ending?.self) { group in
            group.addTask { try await command.run() }
            group.addTask {
                _ = try await ProcessWatch.end(of: task)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private static func program(of command: TaskCommand, for handle: TaskHandle) throws -> ProcessConfig {
        let config: [String: ConfigValue] = [
            "command": .string(command.words.first ?? ""),
            "args": .list(command.words.dropFirst().map(ConfigValue.string)),
        ]
        do {
            return try ProcessConfig(
                TaskRequest(
                    allocation: handle.allocation, task: handle.task, config: config,
                    environment: command.environment, folders: command.folders))
        } catch let failure as TaskStartFailure {
            throw ClusterError(.invalid, failure.description)
        }
    }

    private static func isGone(_ handle: TaskHandle) -> ClusterError {
        ClusterError(.notFound, "task \"\(handle.task)\" of allocation \(handle.allocation.short) does not run")
    }
}
