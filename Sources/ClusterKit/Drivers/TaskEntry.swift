import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One started task as a driver finds it again: its state folder and the trace in it.
struct TaskEntry: Sendable {
    /// The shim's folder.
    let state: String
    /// The processes.
    let trace: TaskTrace

    /// Where a shim's own complaints go.
    static let errorFile = "errors"

    /// What the shim left about the end; `nil` while there is nothing.
    var record: ExitRecord? { ExitRecord.read(in: state) }

    /// Whether it was not removed yet.
    var isKnown: Bool { access(state, F_OK) == 0 }

    /// Whether the machine still runs as it did when the task was started; otherwise nothing of the task is left.
    var isOfThisBoot: Bool { trace.boot == ProcessIdentity.boot }

    /// Whether a thread of this program watches over the task.
    private var isOurs: Bool { trace.shim == ProcessIdentity.current(of: getpid()) }

    /// Waits until whoever watches over the task is done with it. Returns false when `limit` came first.
    func isOver(within limit: Duration? = nil) async throws -> Bool {
        guard isOurs, let task = trace.task else {
            return try await ProcessWatch.end(of: trace.shim, within: limit)
        }
        let start = ContinuousClock.now
        guard try await ProcessWatch.end(of: task, within: limit) else { return false }
        while record == nil, isKnown {
            if let limit, ContinuousClock.now - start >= limit { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
        return true
    }

    /// Ends everything that belongs to the task and returns true when nothing of it is left, false when `limit` came
    /// first: the system lets no process end that waits for a disk which does not answer.
    @discardableResult func endAll(within limit: Duration? = nil) async throws -> Bool {
        let start = ContinuousClock.now
        var pause = 1
        while isOfThisBoot, !isClear {
            if let limit, ContinuousClock.now - start >= limit { return false }
            trace.killAll()
            try await Task.sleep(for: .milliseconds(pause))
            pause = min(pause * 2, 50)
        }
        return true
    }

    /// Whether nothing of the task is left. Whoever recorded the end has ended the rest of the session, so that a
    /// look at all processes of the machine is only needed where nobody did.
    private var isClear: Bool {
        guard let record, !record.isLost else { return trace.isGone }
        return ControlGroup(path: trace.group)?.isEmpty ?? true
    }

    /// Ends a shim that does not come to an end by itself.
    func endShim() {
        guard isOfThisBoot, !isOurs else { return }
        trace.shim.signal(SIGKILL)
    }

    /// Removes the shim's entry from the list of processes, in case it is a child of this program.
    func reap() {
        guard isOfThisBoot, !isOurs else { return }
        trace.shim.reap()
    }

    /// Leaves a record that how the task ended is unknown, so that the answer is the same whenever it is asked for.
    func recordLoss(at time: WallTime) -> ExitRecord {
        var loss = ExitRecord(time: time.nanoseconds)
        loss.isLost = true
        if let folder = Descriptor.open(state, O_RDONLY | O_DIRECTORY) { _ = loss.write(in: folder) }
        return loss
    }

    /// Deletes the control group and the state folder.
    func delete() async throws {
        if let group = ControlGroup(path: trace.group) {
            // The system needs a moment after the last process.
            for _ in 0..<100 where !group.remove() { try await Task.sleep(for: .milliseconds(10)) }
        }
        Self.deleteFolder(state)
    }

    /// Deletes a folder of plain files.
    static func deleteFolder(_ path: String) {
        if let folder = Descriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) {
            for name in names(in: folder) { _ = unlinkat(folder.number, name, 0) }
        }
        _ = rmdir(path)
    }
}

extension TaskExit {
    init(_ record: ExitRecord) {
        self.init(
            code: Int(record.code), signal: Int(record.signal),
            cause: record.isLost ? .supervisorLost : record.outOfMemory ? .outOfMemory : .exited,
            time: WallTime(nanoseconds: record.time))
    }
}
