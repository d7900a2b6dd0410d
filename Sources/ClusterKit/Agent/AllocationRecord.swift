/// What an agent knows of one allocation: kept on disk, so that an agent that starts again finds its tasks and never
/// starts one twice.
package struct AllocationRecord: Hashable, Sendable {
    /// The orders, as last seen.
    package var assignment: Assignment
    /// The newest view that these orders were seen in.
    package var seen: ViewStamp
    /// The tasks in the order of the job file.
    package var tasks: [TaskRecord]
    /// Whether the folders are made.
    package var isPrepared = false
    /// Why it shall end, once it shall.
    package var stopReason: String?
    /// Whether the servers no longer know it: then nobody waits to hear of its end.
    package var isForgotten = false
    /// A failure of the allocation itself rather than of a task.
    package var failure: String?
    /// When its last task ended.
    package var endedAt: WallTime?
    /// Whether the servers have confirmed its end.
    package var isAcknowledged = false
    /// Whether it ends because its agent does, though the servers want it to run.
    package var isShutDown = false
    /// Why it ends although the servers may want it to run: nothing was heard of them. `nil` unless that is so.
    package var severance: String?
    /// What the checks of its services last found, in the order of the job; a check that was not made yet has none.
    package var checks: [CheckStatus] = []

    /// What the first failure that counts is to be blamed on.
    package var cause: FailureCause?
    /// When its first task started first.
    package var firstStart: WallTime?
    /// Whether its tasks were warned that their time will soon be over.
    package var isWarned = false
    /// The limit that it ran into; `nil` unless it did.
    package var expired: Duration?

    /// Counts the changes that are reported, also beyond the end of an agent.
    package var serial: UInt64 = 0
    /// What its tasks told of their work.
    package var work: WorkStatus?

    /// An allocation of which nothing runs yet.
    package init(_ assignment: Assignment, seen: ViewStamp) {
        self.assignment = assignment
        self.seen = seen
        // What the servers know of an allocation whose record was lost here must not count as newer.
        serial = assignment.allocation.reportSerial
        tasks = assignment.group?.tasks.map { TaskRecord(name: $0.name) } ?? []
    }

    /// The identifier.
    package var id: AllocationID { assignment.allocation.id }

    /// Whether nothing of it runs or ever will.
    package var hasEnded: Bool { endedAt != nil }

    /// Whether no task of it was asked for yet.
    var isUnbegun: Bool { !hasEnded && tasks.allSatisfy { $0.stage == .waiting } }

    /// Notes that a task of it is not done. When the agent itself is why, work that shall be done has failed: servers
    /// then do it anew, whereas what is complete would never run again. A service that is complete is replaced
    /// at once; one that failed would have to wait first, for a failure that was not its own.
    mutating func cutShort() {
        guard let words = cutWords, assignment.job.kind.isFinite, failure == nil else { return }
        failure = words
        cause = .node
    }

    /// Why its node ends it although the servers want it to run; `nil` unless that is so.
    private var cutWords: String? { isShutDown ? "the agent was shut down" : severance }

    /// What is told to the servers.
    package var report: AllocationReport {
        let (client, words) = status
        return AllocationReport(
            id: id, client: client, description: words,
            tasks: Dictionary(tasks.map { ($0.name, $0.state) }) { first, _ in first }, checks: checks,
            serial: serial, cause: client == .failed ? cause : nil, work: work)
    }

    /// The allocation's status as its tasks make it. An end is only stated when nothing of it runs any more.
    package var status: (ClientStatus, String) {
        if hasEnded {
            if let failure { return (.failed, failure) }
            if let expired { return (.complete, "Stopped after its max_run_duration of \(expired.goText)") }
            if tasks.contains(where: { $0.state.failed }) { return (.failed, "Failed tasks") }
            let words = assignment.job.kind.isFinite ? nil : cutWords
            return (.complete, words ?? "All tasks have completed")
        }
        guard tasks.contains(where: { $0.state.startedAt != nil }) else { return (.pending, "No tasks have started") }
        return (.running, restartWords ?? "Tasks are running")
    }

    /// That it waits for a restart; `nil` while a task of it runs.
    private var restartWords: String? {
        let ended = tasks.filter { $0.state.phase == .pending && $0.state.startedAt != nil }
        guard let first = ended.first, !tasks.contains(where: { $0.state.phase == .running }) else { return nil }
        return ended.count == 1 ? "Task \"\(first.name)\" waits for its restart" : "Tasks wait for their restarts"
    }
}

extension AllocationRecord: Stored {
    package init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var record = AllocationRecord(try fields.next(), seen: try fields.next())
            record.tasks = try fields.next()
            record.isPrepared = try fields.next()
            record.stopReason = try fields.next()
            record.isForgotten = try fields.next()
            record.failure = try fields.next()
            record.endedAt = try fields.next()
            record.isAcknowledged = try fields.next()
            record.isShutDown = try fields.next(or: false)
            record.checks = try fields.next(or: [])
            record.serial = try fields.next(or: 0)
            record.firstStart = try fields.next(or: nil)
            record.isWarned = try fields.next(or: false)
            record.expired = try fields.next(or: nil)
            record.cause = try fields.next(or: nil)
            record.work = try fields.next(or: nil)
            record.severance = try fields.next(or: nil)
            return record
        }
    }

    package func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(assignment)
            $0.put(seen)
            $0.put(tasks)
            $0.put(isPrepared)
            $0.put(stopReason)
            $0.put(isForgotten)
            $0.put(failure)
            $0.put(endedAt)
            $0.put(isAcknowledged)
            $0.put(isShutDown)
            $0.put(checks)
            $0.put(serial)
            $0.put(firstStart)
            $0.put(isWarned)
            $0.put(expired)
            $0.put(cause)
            $0.put(work)
            $0.put(severance)
        }
    }
}

/// How far a task of an allocation has come.
package enum TaskStage: String, StoredWord {
    /// The folders are not ready.
    case waiting
    /// The driver was asked to start it, or is about to be.
    case starting
    /// It runs.
    case running
    /// It ended; the driver cleans up after it.
    case cleaning
    /// It will be started again.
    case delayed
    /// It will not run again.
    case ended
}

/// What an agent knows of one task.
package struct TaskRecord: Hashable, Sendable {
    /// The task.
    package var name: String
    /// How far it has come.
    package var stage = TaskStage.waiting
    /// Which start this is, from 0.
    package var attempt = 0
    /// By what its driver finds it.
    package var handle: TaskHandle?
    /// Its restarts.
    package var restarts = RestartTracker()
    /// When it will be started again; `nil` when it will not.
    package var restartAt: WallTime?
    /// What the servers see.
    package var state = TaskState()
    /// Whether it is being stopped to be started again, and if so whether that counts as a failure.
    package var restartCountsAsFailure: Bool?
    /// How often it was ended for taking more memory than it may.
    package var memoryKills = 0

    /// A task that has not started.
    package init(name: String) { self.name = name }
}

extension TaskRecord: Stored {
    package init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var record = TaskRecord(name: try fields.next())
            record.stage = try fields.next()
            record.attempt = try fields.next()
            record.handle = try fields.next()
            record.restarts = try fields.next()
            record.restartAt = try fields.next()
            record.state = try fields.next()
            record.restartCountsAsFailure = try fields.next(or: nil)
            record.memoryKills = try fields.next(or: 0)
            return record
        }
    }

    package func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(stage)
            $0.put(attempt)
            $0.put(handle)
            $0.put(restarts)
            $0.put(restartAt)
            $0.put(state)
            $0.put(restartCountsAsFailure)
            $0.put(memoryKills)
        }
    }
}
