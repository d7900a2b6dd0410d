/// What a task tells of its own work, so that the right instance goes when fewer are wanted.
public struct WorkStatus: Hashable, Sendable {
    /// Whether it is in the middle of something.
    public var isBusy: Bool
    /// How much of the present work is done, from 0 to 1; `nil` when unknown.
    public var progress: Double?
    /// What would be lost with the instance, in any unit that the instances of a group share: the size of a warm
    /// cache, for instance. The coldest goes first.
    public var keepCost: Double
    /// When it was told.
    public var time: WallTime

    /// States how the work stands.
    public init(isBusy: Bool, progress: Double? = nil, keepCost: Double = 0, time: WallTime) {
        self.isBusy = isBusy
        self.progress = progress
        self.keepCost = keepCost
        self.time = time
    }

    /// Whether the two differ at most in when they were told.
    package func saysTheSame(as other: Self) -> Bool {
        isBusy == other.isBusy && progress == other.progress && keepCost == other.keepCost
    }
}

extension WorkStatus: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            WorkStatus(
                isBusy: try fields.next(), progress: try fields.next(), keepCost: try fields.next(),
                time: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(isBusy)
            $0.put(progress)
            $0.put(keepCost)
            $0.put(time)
        }
    }
}

/// Why an instance failed: what is not the work's own fault is counted apart.
public enum FailureCause: String, StoredWord {
    /// A task ended with another exit code than 0, or by a signal, or could start nowhere, as its settings are wrong.
    case exit
    /// The driver could not start a task.
    case driver
    /// The node was lost.
    case node
    /// A task took more memory than it may.
    case memory
    /// The disk was full, and not of what the allocation held beyond its share.
    case disk
    /// A part of the environment could not be made: a file, a secret.
    case setup

    /// Whether another node might do what this one could not.
    public var isInfrastructure: Bool { self != .exit && self != .memory }
}

extension FailureCause: Comparable {
    /// By name.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What someone wants of one instance.
public enum AllocationWish: String, StoredWord {
    /// It shall leave its node, and another shall take its place first where the group's rules say so.
    case migrate
    /// It shall finish its present work and then end; nothing takes its place.
    case retire
    /// It shall end whatever its group's rules say: its node's drain is over.
    case forceMigrate = "force-migrate"
    /// Another shall take its place now: someone stopped it, or does not want to wait after its failure.
    case replace

    /// Whether another instance is to take its place elsewhere.
    package var leavesNode: Bool { self == .migrate || self == .forceMigrate }
}
