/// What happens when the attempts of a restart policy are used up.
public enum RestartMode: String, StoredWord {
    /// The allocation fails.
    case fail
    /// The next window is waited for, then attempts count anew.
    case delay
}

/// When a task that ended is started again on its node. The window is fixed, not sliding: it begins with the first
/// start and, once it is over, with the next restart.
public struct RestartPolicy: Hashable, Sendable {
    /// Restarts allowed within one window.
    public var attempts: Int
    /// The length of a window.
    public var interval: Duration
    /// The wait before a restart; up to a quarter is added by chance.
    public var delay: Duration
    /// What happens when the attempts are used up.
    public var mode: RestartMode

    /// States a policy.
    public init(attempts: Int, interval: Duration, delay: Duration, mode: RestartMode = .fail) {
        self.attempts = attempts
        self.interval = interval
        self.delay = delay
        self.mode = mode
    }

    /// Nomad's defaults: services 2 in 30 minutes, batch 3 in 24 hours, 15 seconds apart.
    public static func standard(for kind: JobKind) -> RestartPolicy {
        switch kind {
        case .service, .system: RestartPolicy(attempts: 2, interval: .seconds(1800), delay: .seconds(15))
        case .batch, .sysbatch: RestartPolicy(attempts: 3, interval: .seconds(86_400), delay: .seconds(15))
        }
    }
}

extension RestartPolicy: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            RestartPolicy(
                attempts: try fields.next(), interval: try fields.next(), delay: try fields.next(),
                mode: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(attempts)
            $0.put(interval)
            $0.put(delay)
            $0.put(mode)
        }
    }
}

/// The rules of a roll-out: how changed instances are replaced, and what shows that they do well.
public struct UpdateStrategy: Hashable, Sendable {
    /// How many instances may be replaced at a time; 0 replaces all at once and watches none.
    public var maxParallel: Int
    /// What says that an instance is well: `checks`, `task_states` or `manual`.
    public var healthCheck: String
    /// How long an instance must be well.
    public var minHealthyTime: Duration
    /// By when an instance must be well.
    public var healthyDeadline: Duration
    /// By when the next instance must be well.
    public var progressDeadline: Duration
    /// The wait between nodes for system jobs.
    public var stagger: Duration
    /// Instances of the new version that run beside the old ones first.
    public var canary: Int
    /// Whether a failed roll-out returns to the last stable version.
    public var autoRevert: Bool
    /// Whether healthy canaries are promoted without being asked.
    public var autoPromote: Bool

    /// States the rules; what is left out has Nomad's defaults.
    public init(
        maxParallel: Int = 1, healthCheck: String = "checks", minHealthyTime: Duration = .seconds(10),
        healthyDeadline: Duration = .seconds(300), progressDeadline: Duration = .seconds(600),
        stagger: Duration = .seconds(30), canary: Int = 0, autoRevert: Bool = false, autoPromote: Bool = false
    ) {
        self.maxParallel = maxParallel
        self.healthCheck = healthCheck
        self.minHealthyTime = minHealthyTime
        self.healthyDeadline = healthyDeadline
        self.progressDeadline = progressDeadline
        self.stagger = stagger
        self.canary = canary
        self.autoRevert = autoRevert
        self.autoPromote = autoPromote
    }
}

extension UpdateStrategy: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            UpdateStrategy(
                maxParallel: try fields.next(), healthCheck: try fields.next(), minHealthyTime: try fields.next(),
                healthyDeadline: try fields.next(), progressDeadline: try fields.next(), stagger: try fields.next(),
                canary: try fields.next(), autoRevert: try fields.next(), autoPromote: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(maxParallel)
            $0.put(healthCheck)
            $0.put(minHealthyTime)
            $0.put(healthyDeadline)
            $0.put(progressDeadline)
            $0.put(stagger)
            $0.put(canary)
            $0.put(autoRevert)
            $0.put(autoPromote)
        }
    }
}
