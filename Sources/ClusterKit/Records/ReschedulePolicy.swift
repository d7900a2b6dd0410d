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
    /// What holds for failures that have no rule of their own.
    public var rule: RescheduleRule
    /// Failures that have rules of their own, and are counted for themselves. Ours.
    public var causes: [FailureCause: RescheduleRule]

    /// States a policy.
    public init(_ rule: RescheduleRule = RescheduleRule(), causes: [FailureCause: RescheduleRule] = [:]) {
        self.rule = rule
        self.causes = causes
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
                RescheduleRule(
                    attempts: 1, interval: .seconds(86_400), delay: .seconds(5), delayFunction: .constant,
                    maxDelay: .zero, unlimited: false))
        case .system, .sysbatch:
            ReschedulePolicy(
                RescheduleRule(
                    attempts: 0, interval: .zero, delay: .zero, delayFunction: .constant, maxDelay: .zero,
                    unlimited: false))
        }
    }
}

/// The fields of the rule stand in the policy's own record: before causes had rules, they were all that it had.
extension ReschedulePolicy: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ReschedulePolicy(try RescheduleRule(fieldsFrom: &fields), causes: try fields.next(or: [:]))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            rule.writeFields(to: &$0)
            $0.put(causes)
        }
    }
}

/// How often a failed allocation is placed anew, and after which waits.
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

    /// States a rule; what is left out is Nomad's default for services.
    public init(
        attempts: Int = 0, interval: Duration = .zero, delay: Duration = .seconds(30),
        delayFunction: DelayFunction = .exponential, maxDelay: Duration = .seconds(3600), unlimited: Bool = true
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
        self = try reader.record { fields throws(RecordError) in try RescheduleRule(fieldsFrom: &fields) }
    }

    public func write(to writer: inout RecordWriter) { writer.record { writeFields(to: &$0) } }

    /// Reads the fields alone, within a record.
    fileprivate init(fieldsFrom reader: inout RecordReader) throws(RecordError) {
        attempts = try reader.next()
        interval = try reader.next()
        delay = try reader.next()
        delayFunction = try reader.next()
        maxDelay = try reader.next()
        unlimited = try reader.next()
    }

    /// Appends the fields alone, within a record.
    ///
    /// Fields of later versions do not belong here: in a policy they come after its causes.
    fileprivate func writeFields(to writer: inout RecordWriter) {
        writer.put(attempts)
        writer.put(interval)
        writer.put(delay)
        writer.put(delayFunction)
        writer.put(maxDelay)
        writer.put(unlimited)
    }
}
