/// Whether a task runs.
public enum TaskPhase: String, StoredWord {
    /// Not started, or waiting to be restarted.
    case pending
    /// Started.
    case running
    /// Ended, and not started again.
    case dead
}

/// What is known of one task of an allocation.
public struct TaskState: Hashable, Sendable {
    /// Whether it runs.
    public var phase: TaskPhase = .pending
    /// Whether its end counts as a failure.
    public var failed: Bool = false
    /// How often it was started again.
    public var restarts: Int = 0
    /// When it was last started again.
    public var lastRestart: WallTime?
    /// When it last started.
    public var startedAt: WallTime?
    /// When it ended.
    public var finishedAt: WallTime?
    /// The last ten things that happened to it, oldest first.
    public var events: [TaskEvent] = []

    /// A task that has not started.
    public init() {}

    /// Whether it runs, but was told to stop or soon will be: nobody is to be sent to it any more.
    public var isLeaving: Bool {
        guard phase == .running else { return false }
        let last = events.last { [.started, .waitingToStop, .killing].contains($0.kind) }
        return last.map { $0.kind != .started } ?? false
    }

    /// Whether it runs and clients may be sent to it.
    public var serves: Bool { phase == .running && !isLeaving }

    /// Adds an event and keeps the last ten, as Nomad does.
    public mutating func note(_ event: TaskEvent) {
        events.append(event)
        if events.count > 10 { events.removeFirst(events.count - 10) }
    }
}

extension TaskState: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var state = TaskState()
            state.phase = try fields.next()
            state.failed = try fields.next()
            state.restarts = try fields.next()
            state.lastRestart = try fields.next()
            state.startedAt = try fields.next()
            state.finishedAt = try fields.next()
            state.events = try fields.next()
            return state
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(phase)
            $0.put(failed)
            $0.put(restarts)
            $0.put(lastRestart)
            $0.put(startedAt)
            $0.put(finishedAt)
            $0.put(events)
        }
    }
}

/// The kinds of task events, by Nomad's names.
public enum TaskEventKind: String, StoredWord {
    /// The agent knows of the task.
    case received = "Received"
    /// Its folders are being made.
    case setup = "Task Setup"
    /// The driver started it.
    case started = "Started"
    /// It ended by itself.
    case terminated = "Terminated"
    /// It will be started again.
    case restarting = "Restarting"
    /// It will not be started again.
    case notRestarting = "Not Restarting"
    /// It is to end, and goes on for a while so that nobody is sent to it any more.
    case waitingToStop = "Waiting for shutdown delay"
    /// It was told to end.
    case killing = "Killing"
    /// It ended as it was told to.
    case killed = "Killed"
    /// The driver could not start it.
    case driverFailure = "Driver Failure"
    /// What its configuration says cannot be.
    case failedValidation = "Failed Validation"
    /// A part of its environment could not be made.
    case setupFailure = "Setup Failure"
    /// Someone asked for a restart.
    case restartSignal = "Restart Signaled"
    /// Another task of the group failed.
    case siblingFailed = "Sibling Task Failed"
    /// Files that are made for it wait for something, or cannot be made.
    case template = "Template"
    /// It was sent a signal.
    case signaling = "Signaling"
    /// The task that leads the group ended, and the others end with it.
    case leaderDead = "Leader Task Dead"
    /// The tasks that a sidecar stands beside have ended, and it ends with them.
    case mainsDead = "Main Tasks Dead"
}

/// Something that happened to a task.
public struct TaskEvent: Hashable, Sendable {
    /// What kind of thing.
    public var kind: TaskEventKind
    /// When.
    public var time: WallTime
    /// What happened, for people.
    public var message: String
    /// The exit code of a task that ended by itself.
    public var exitCode: Int?
    /// The number of the signal that ended it.
    public var signal: Int?
    /// Whether the event makes the task fail.
    public var failsTask: Bool
    /// Further facts by name.
    public var details: [String: String]

    /// Records that something happened.
    public init(
        _ kind: TaskEventKind, time: WallTime, message: String = "", exitCode: Int? = nil, signal: Int? = nil,
        failsTask: Bool = false, details: [String: String] = [:]
    ) {
        self.kind = kind
        self.time = time
        self.message = message
        self.exitCode = exitCode
        self.signal = signal
        self.failsTask = failsTask
        self.details = details
    }
}

extension TaskEvent: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TaskEvent(
                try fields.next(), time: try fields.next(), message: try fields.next(), exitCode: try fields.next(),
                signal: try fields.next(), failsTask: try fields.next(), details: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(kind)
            $0.put(time)
            $0.put(message)
            $0.put(exitCode)
            $0.put(signal)
            $0.put(failsTask)
            $0.put(details)
        }
    }
}
