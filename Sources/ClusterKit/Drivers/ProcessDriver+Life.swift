import ClusterShimCore
import Logging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ProcessDriver {
    public func wait(for handle: TaskHandle) async throws -> TaskExit {
        guard let entry = entry(for: handle) else {
            return TaskExit(cause: .supervisorLost, time: SystemTime().now().wall)
        }
        if let record = entry.record {
            entry.reap()
            return TaskExit(record)
        }
        if entry.isOfThisBoot { _ = try await entry.isOver() }
        if let record = entry.record {
            entry.reap()
            return TaskExit(record)
        }
        if entry.isKnown {
            logger.warning(
                "a task lost its shim; what is left of it is ended",
                metadata: ["allocation": "\(handle.allocation)", "task": "\(handle.task)"])
        }
        try await entry.endAll()
        entry.reap()
        return TaskExit(entry.recordLoss(at: SystemTime().now().wall))
    }

    /// Ends a task: `signal` to its process group first, and `SIGKILL` to its control group, process group and session
    /// once `grace` is over. Throws `ClusterError(.invalid)` when there is no such signal, `CancellationError` when
    /// canceled.
    public func stop(_ handle: TaskHandle, signal: String, grace: Duration) async throws {
        let polite = try TaskSignal(named: signal)
        guard let entry = entry(for: handle), entry.isOfThisBoot else { return }
        if entry.record == nil, entry.trace.shim.isRunning {
            entry.trace.task?.signalGroup(polite.number)
            if try await !entry.isOver(within: grace) { try await force(entry) }
        }
        try await entry.endAll()
        entry.reap()
    }

    public func remove(_ handle: TaskHandle) async throws {
        guard let entry = entry(for: handle) else { return }
        try await stop(handle, signal: "SIGKILL", grace: .zero)
        try await entry.delete()
    }

    @discardableResult public func sweep(keeping known: [TaskHandle]) async throws -> Int {
        let kept = Set(known.compactMap { $0.driver == name ? $0.facts["state"] : nil })
        guard let folder = Descriptor.open(stateFolder, O_RDONLY | O_DIRECTORY) else {
            throw ClusterError(.unavailable, "cannot read the state folder \(stateFolder): \(reason(errno))")
        }
        let strays = names(in: folder).filter { !kept.contains($0) }.sorted()
        for stray in strays {
            logger.notice("a task that nobody knows of is ended", metadata: ["state": "\(stray)"])
            // One that cannot be ended must not keep the agent from all others; the next sweep tries again.
            guard try await !discard(stray) else { continue }
            logger.warning(
                "a task that nobody knows of cannot be ended; is a disk that it uses out of order?",
                metadata: ["state": "\(stray)"])
        }
        return strays.count
    }

    /// Ends and forgets whatever is behind a name in the state folder. Returns false, and forgets nothing, when
    /// something of it does not come to an end.
    func discard(_ name: String) async throws -> Bool {
        let state = stateFolder + "/" + name
        guard let trace = contents(of: state + "/" + TaskTrace.file).flatMap(TaskTrace.init(text:)) else {
            // No shim came so far, so nothing was started; its control group may be there.
            ControlGroup.remains(of: name).forEach { $0.remove() }
            TaskEntry.deleteFolder(state)
            return true
        }
        let entry = TaskEntry(state: state, trace: trace)
        if entry.isOfThisBoot, entry.record == nil {
            // Without a task the shim was just about to start one: it goes first.
            if trace.task == nil { entry.endShim() }
            trace.killAll()
            if try await !entry.isOver(within: .seconds(5)) { try await force(entry) }
        }
        guard try await entry.endAll(within: strayPatience) else { return false }
        entry.reap()
        try await entry.delete()
        return true
    }

    /// Kills until whoever watches over the task is done, and at last that one too.
    private func force(_ entry: TaskEntry) async throws {
        // One that somebody stopped goes on and records the end.
        entry.trace.shim.signal(SIGCONT)
        for _ in 0..<40 {
            entry.trace.killAll()
            if try await entry.isOver(within: .milliseconds(250)) { return }
        }
        logger.warning("a shim does not come to an end and is killed", metadata: ["state": "\(entry.state)"])
        entry.endShim()
        _ = try await entry.isOver(within: .seconds(5))
    }

    /// What a handle speaks of; `nil` when it is none of this driver's.
    func entry(for handle: TaskHandle) -> TaskEntry? {
        guard handle.driver == name, let state = handle.facts["state"], !state.isEmpty, !state.hasPrefix("."),
            !state.contains("/"), let trace = TaskTrace(facts: handle.facts)
        else { return nil }
        return TaskEntry(state: stateFolder + "/" + state, trace: trace)
    }
}
