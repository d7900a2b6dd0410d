/// How the wait before the next placement grows.
public enum DelayFunction: String, StoredWord {
    /// Always the same.
    case constant
    /// Doubles.
    case exponential
    /// The sum of the last two.
    case fibonacci
}

/// When a failed allocation is placed anew.
public struct ReschedulePolicy: Hashable, Sendable {
    /// Placements allowed within `interval`; without meaning when unlimited.
    public var attempts: Int
    /// The window that attempts are counted in.
    public var interval: Duration
    /// The first wait.
    public var delay: Duration
    /// How waits grow.
    public var delayFunction: DelayFunction
    /// The longest wait.
    public var maxDelay: Duration
    /// Whether attempts are not counted.
    public var unlimited: Bool
    /// Failures that have rules of their own, and are counted for themselves. Ours.
    public var causes: [FailureCause: RescheduleRule]

    /// States a policy.
    public init(
        attempts: Int = 0, interval: Duration = .zero, delay: Duration = .seconds(30),
        delayFunction: DelayFunction = .exponential, maxDelay: Duration = .seconds(3600), unlimited: Bool = true,
        causes: [FailureCause: RescheduleRule] = [:]
    ) {
        self.attempts = attempts
        self.interval = interval
        self.delay = delay
        self.delayFunction = delayFunction
        self.maxDelay = maxDelay
        self.unlimited = unlimited
        self.causes = causes
    }

    /// What holds for failures that have no rule of their own.
    public var rule: RescheduleRule {
        RescheduleRule(
            attempts: attempts, interval: interval, delay: delay, delayFunction: delayFunction, maxDelay: maxDelay,
            unlimited: unlimited)
    }

    /// What holds after a failure of `cause`, which may be unknown.
    public func rule(for cause: FailureCause?) -> RescheduleRule { cause.flatMap { causes[$0] } ?? rule }

    /// Nomad's defaults: services without limit from 30 s doubling to 1 h, batch once in 24 h after 5 s; what belongs
    /// to a node stays there.
    public static func standard(for kind: JobKind) -> ReschedulePolicy {
        switch kind {
        case .service: ReschedulePolicy()
        case .batch:
            ReschedulePolicy(
                attempts: 1, interval: .seconds(86_400), delay: .seconds(5), delayFunction: .constant,
                maxDelay: .zero, unlimited: false)
        case .system, .sysbatch:
            ReschedulePolicy(
                attempts: 0, interval: .zero, delay: .zero, delayFunction: .constant, maxDelay: .zero,
                unlimited: false)
        }
    }
}

extension ReschedulePolicy: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ReschedulePolicy(
                attempts: try fields.next(), interval: try fields.next(), delay: try fields.next(),
                delayFunction: try fields.next(), maxDelay: try fields.next(), unlimited: try fields.next(),
                causes: try fields.next(or: [:]))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(attempts)
            $0.put(interval)
            $0.put(delay)
            $0.put(delayFunction)
            $0.put(maxDelay)
            $0.put(unlimited)
            $0.put(causes)
        }
    }
}

/// When an allocation is placed anew that failed for one cause: what a policy says of all others, with other numbers.
public struct RescheduleRule: Hashable, Sendable {
    /// Placements allowed within `interval`; without meaning when unlimited.
    public var attempts: Int
    /// The window that attempts are counted in.
    public var interval: Duration
    /// The first wait.
    public var delay: Duration
    /// How waits grow.
    public var delayFunction: DelayFunction
    /// The longest wait.
    public var maxDelay: Duration
    /// Whether attempts are not counted.
    public var unlimited: Bool

    /// States a rule.
    public init(
        attempts: Int, interval: Duration, delay: Duration, delayFunction: DelayFunction, maxDelay: Duration,
        unlimited: Bool
    ) {
        self.attempts = attempts
        self.interval = interval
        self.delay = delay
        self.delayFunction = delayFunction
        self.maxDelay = maxDelay
        self.unlimited = unlimited
    }
}

extension RescheduleRule: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            RescheduleRule(
                attempts: try fields.next(), interval: try fields.next(), delay: try fields.next(),
                delayFunction: try fields.next(), maxDelay: try fields.next(), unlimited: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(attempts)
            $0.put(interval)
            $0.put(delay)
            $0.put(delayFunction)
            $0.put(maxDelay)
            $0.put(unlimited)
        }
    }
}
