/// How instances leave a node that is drained.
public struct MigrateStrategy: Hashable, Sendable {
    /// How many instances of the group may be on their way at a time.
    public var maxParallel: Int
    /// What says that a new instance is well: `checks` or `task_states`.
    public var healthCheck: String
    /// How long it must be well before the next one goes.
    public var minHealthyTime: Duration
    /// By when it must be well.
    public var healthyDeadline: Duration

    /// States the rules; what is left out has Nomad's defaults.
    public init(
        maxParallel: Int = 1, healthCheck: String = "checks", minHealthyTime: Duration = .seconds(10),
        healthyDeadline: Duration = .seconds(300)
    ) {
        self.maxParallel = maxParallel
        self.healthCheck = healthCheck
        self.minHealthyTime = minHealthyTime
        self.healthyDeadline = healthyDeadline
    }
}

extension MigrateStrategy: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            MigrateStrategy(
                maxParallel: try fields.next(), healthCheck: try fields.next(), minHealthyTime: try fields.next(),
                healthyDeadline: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(maxParallel)
            $0.put(healthCheck)
            $0.put(minHealthyTime)
            $0.put(healthyDeadline)
        }
    }
}

/// Within which bounds the count of a group may be changed without a new statement of the job.
public struct ScalingBounds: Hashable, Sendable {
    /// The lowest count.
    public var min: Int
    /// The highest count.
    public var max: Int
    /// Whether whoever reads the policy shall act on it.
    public var isEnabled: Bool
    /// What an autoscaler is told; no part of the cluster reads it.
    public var policy: [String: ConfigValue]

    /// States bounds.
    public init(min: Int = 0, max: Int, isEnabled: Bool = true, policy: [String: ConfigValue] = [:]) {
        self.min = min
        self.max = max
        self.isEnabled = isEnabled
        self.policy = policy
    }
}

extension ScalingBounds: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ScalingBounds(
                min: try fields.next(), max: try fields.next(), isEnabled: try fields.next(),
                policy: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(min)
            $0.put(max)
            $0.put(isEnabled)
            $0.put(policy)
        }
    }
}

/// How long an instance may run in all.
public struct RunLimit: Hashable, Sendable {
    /// The time from its first start, after which it is stopped and counts as complete.
    public var duration: Duration
    /// The signal that warns its tasks, by name; `nil` warns nobody.
    public var warningSignal: String?
    /// How long before the end the warning comes.
    public var warningTime: Duration

    /// States a limit.
    public init(_ duration: Duration, warningSignal: String? = nil, warningTime: Duration = .seconds(60)) {
        self.duration = duration
        self.warningSignal = warningSignal
        self.warningTime = warningTime
    }
}

extension RunLimit: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            RunLimit(try fields.next(), warningSignal: try fields.next(), warningTime: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(duration)
            $0.put(warningSignal)
            $0.put(warningTime)
        }
    }
}

/// Instances that are placed together or not at all.
public struct Gang: Hashable, Sendable {
    /// How long room is kept for those that fit while the others wait for theirs.
    public var window: Duration

    /// States how long room is kept.
    public init(window: Duration = .seconds(600)) { self.window = window }
}

extension Gang: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in Gang(window: try fields.next()) }
    }

    public func write(to writer: inout RecordWriter) { writer.record { $0.put(window) } }
}

/// When a task runs that is not one of the main tasks.
public enum LifecycleHook: String, StoredWord {
    /// Before the main tasks.
    case prestart
    /// Once all main tasks run.
    case poststart
    /// After the main tasks have ended.
    case poststop
}

/// The place of a task in the life of its group.
public struct TaskLifecycle: Hashable, Sendable {
    /// When it starts.
    public var hook: LifecycleHook
    /// Whether it runs on beside the main tasks instead of ending by itself.
    public var isSidecar: Bool

    /// States a place.
    public init(_ hook: LifecycleHook, isSidecar: Bool = false) {
        self.hook = hook
        self.isSidecar = isSidecar
    }
}

extension TaskLifecycle: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TaskLifecycle(try fields.next(), isSidecar: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(hook)
            $0.put(isSidecar)
        }
    }
}
