/// How an agent talks with the servers: the agent dials, the server never does.
///
/// A link's promises: a call may be repeated or delayed, and one agent's reports are never reordered; a call that
/// throws may or may not have had its effect, so all of them may be repeated.
public protocol AgentLink: Sendable {
    /// Makes the node known, or known anew after a restart.
    func register(_ node: Node) async throws -> Registration

    /// Says that the node is alive. Throws `.notFound` when the node must register first.
    func heartbeat(_ node: NodeID) async throws -> Registration

    /// What the node shall run, as soon as that is newer than `after`; otherwise the same again after about `wait`.
    func assignments(for node: NodeID, after: ViewStamp, wait: Duration) async throws -> Assignments

    /// Says what became of allocations. Returns when that is durable.
    func report(_ reports: [AllocationReport], from node: NodeID) async throws

    /// What the servers want to know of the node, as soon as there is something; empty after about `wait`.
    func inquiries(for node: NodeID, wait: Duration) async throws -> [Inquiry]

    /// Answers an inquiry.
    func answer(_ inquiry: InquiryID, with answer: InquiryAnswer, from node: NodeID) async throws
}

/// What an agent is told when it is known.
public struct Registration: Hashable, Sendable {
    /// How long the node counts as alive without another heartbeat.
    public var heartbeatTTL: Duration
    /// How long what may run only once may run, from the moment when the answered call was made. Zero leases nothing.
    public var lease: Duration

    /// Grants `heartbeatTTL`, and a lease.
    public init(heartbeatTTL: Duration, lease: Duration = .zero) {
        self.heartbeatTTL = heartbeatTTL
        self.lease = lease
    }
}

extension Registration: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Registration(heartbeatTTL: try fields.next(), lease: try fields.next(or: .zero))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(heartbeatTTL)
            $0.put(lease)
        }
    }
}

/// How new a view of the state is: the leadership that made it, then the revision. Agents refuse older ones.
public struct ViewStamp: Hashable, Comparable, Sendable {
    /// The leadership.
    public var epoch: Epoch
    /// The revision.
    public var revision: Revision

    /// Marks a view.
    public init(epoch: Epoch, revision: Revision) {
        self.epoch = epoch
        self.revision = revision
    }

    /// Before every view.
    public static let zero = ViewStamp(epoch: .zero, revision: .zero)

    public static func < (left: Self, right: Self) -> Bool {
        (left.epoch, left.revision) < (right.epoch, right.revision)
    }
}

extension ViewStamp: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(epoch: try reader.next(), revision: try reader.next())
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(epoch)
        writer.put(revision)
    }
}

/// What a node shall run: all allocations that are placed on it and whose end it has not yet confirmed. What the agent
/// has beyond that, the servers have forgotten.
public struct Assignments: Hashable, Sendable {
    /// How new this view is.
    public var stamp: ViewStamp
    /// The allocations, in the order of their identifiers.
    public var allocations: [Assignment]

    /// States what shall run.
    public init(stamp: ViewStamp, allocations: [Assignment]) {
        self.stamp = stamp
        self.allocations = allocations
    }
}

extension Assignments: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Assignments(stamp: try fields.next(), allocations: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(stamp)
            $0.put(allocations)
        }
    }
}

/// One allocation for a node, with all that the node needs to run it.
public struct Assignment: Hashable, Sendable {
    /// The allocation as the servers know it.
    public var allocation: Allocation
    /// The job at the allocation's version, without its other groups.
    public var job: Job

    /// Assigns an allocation.
    public init(allocation: Allocation, job: Job) {
        self.allocation = allocation
        self.job = job
    }

    /// The group that the allocation is an instance of.
    public var group: TaskGroup? { job.group(allocation.group) }

    /// How instances of the group change from one state to the next.
    var updateStrategy: UpdateStrategy? { group?.update ?? job.update }
}

extension Assignment: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Assignment(allocation: try fields.next(), job: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(allocation)
            $0.put(job)
        }
    }
}

/// What became of one allocation.
public struct AllocationReport: Hashable, Sendable {
    /// The allocation.
    public var id: AllocationID
    /// What is known.
    public var client: ClientStatus
    /// In words.
    public var description: String
    /// The tasks by name.
    public var tasks: [String: TaskState]
    /// What the checks of its services last found.
    public var checks: [CheckStatus]
    /// Grows with each change that the agent reports of this allocation, so that a report that was delayed or repeated
    /// on its way does not undo a newer one. 0 makes no such promise.
    public var serial: UInt64
    /// What its failure is to be blamed on; `nil` unless it failed.
    public var cause: FailureCause?
    /// What its tasks tell of their work in their files; `nil` when they tell nothing.
    public var work: WorkStatus?
    /// Since when its tasks wait to act on files that changed, or act on them; `nil` when they do neither.
    public var reloadSince: WallTime?

    /// Reports on an allocation.
    public init(
        id: AllocationID, client: ClientStatus, description: String = "", tasks: [String: TaskState] = [:],
        checks: [CheckStatus] = [], serial: UInt64 = 0, cause: FailureCause? = nil,
        work: WorkStatus? = nil, reloadSince: WallTime? = nil
    ) {
        self.id = id
        self.client = client
        self.description = description
        self.tasks = tasks
        self.checks = checks
        self.serial = serial
        self.cause = cause
        self.work = work
        self.reloadSince = reloadSince
    }
}

extension AllocationReport: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            AllocationReport(
                id: try fields.next(), client: try fields.next(), description: try fields.next(),
                tasks: try fields.next(), checks: try fields.next(or: []),
                serial: try fields.next(or: 0), cause: try fields.next(or: nil),
                work: try fields.next(or: nil), reloadSince: try fields.next(or: nil))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(client)
            $0.put(description)
            $0.put(tasks)
            $0.put(checks)
            $0.put(serial)
            $0.put(cause)
            $0.put(work)
            $0.put(reloadSince)
        }
    }
}
