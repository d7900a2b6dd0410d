/// Names an allocation.
public typealias AllocationID = Identifier<Allocation>

/// What the servers want of an allocation.
public enum DesiredStatus: String, StoredWord {
    /// It shall run.
    case run
    /// It shall end.
    case stop
    /// It shall end to make room for more important work.
    case evict
}

/// What is known of an allocation. It only moves forward: from pending over running to one of the ends.
public enum ClientStatus: String, StoredWord {
    /// Not all tasks have started.
    case pending
    /// At least one task runs or waits to be restarted.
    case running
    /// All tasks ended well, or as they were told to.
    case complete
    /// A task failed and is not started again here.
    case failed
    /// Its node is lost.
    case lost

    /// Whether nothing of it will run again.
    public var isTerminal: Bool { self == .complete || self == .failed || self == .lost }
}

/// One placed instance of a task group.
public struct Allocation: Hashable, Sendable {
    /// The identifier.
    public var id: AllocationID
    /// The job.
    public var job: JobID
    /// The version of the job that it runs.
    public var jobVersion: Int
    /// The group.
    public var group: String
    /// The instance's number, below the group's count.
    public var index: Int
    /// Where it is placed.
    public var node: NodeID
    /// The name of that node, for showing it after the node is gone.
    public var nodeName: String
    /// The evaluation that placed it.
    public var evaluation: EvaluationID
    /// The leadership that placed it; agents refuse orders of an older one.
    public var epoch: Epoch
    /// What it holds on its node.
    public var resources: AllocatedResources
    /// What the servers want.
    public var desired: DesiredStatus = .run
    /// Why they want it.
    public var desiredDescription: String = ""
    /// What is known.
    public var client: ClientStatus = .pending
    /// What is known, in words.
    public var clientDescription: String = ""
    /// The tasks by name.
    public var tasks: [String: TaskState] = [:]
    /// What the checks of its services last found.
    public var checks: [CheckStatus] = []
    /// Which of its agent's reports that is: an older one that comes late changes nothing.
    public var reportSerial: UInt64 = 0
    /// The allocation that this one replaces.
    public var previous: AllocationID?
    /// The allocation that replaces this one.
    public var next: AllocationID?
    /// The allocations that must end before this one may start.
    public var preempted: [AllocationID] = []
    /// The allocation that this one ends for.
    public var preemptedBy: AllocationID?
    /// The failures that led here, oldest first.
    public var reschedules: [RescheduleEvent] = []
    /// The evaluation that will place it anew later.
    public var followUp: EvaluationID?
    /// The placement's score; the parts are computed on demand.
    public var score: Double = 0
    /// When it was placed.
    public var createTime: WallTime
    /// When it last changed.
    public var modifyTime: WallTime
    /// The revision that placed it.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// Places an instance.
    public init(
        id: AllocationID, job: JobID, jobVersion: Int, group: String, index: Int, node: NodeID, nodeName: String = "",
        evaluation: EvaluationID, epoch: Epoch, resources: AllocatedResources, time: WallTime
    ) {
        self.id = id
        self.job = job
        self.jobVersion = jobVersion
        self.group = group
        self.index = index
        self.node = node
        self.nodeName = nodeName
        self.evaluation = evaluation
        self.epoch = epoch
        self.resources = resources
        createTime = time
        modifyTime = time
    }

    /// The name that people read: `job.group[index]`.
    public var name: String { "\(job.id).\(group)[\(index)]" }

    /// Whether it is confirmed that nothing of it runs: what it held is free again.
    public var isTerminal: Bool { client.isTerminal }

    /// Whether it is meant to run and may still do so.
    public var isLive: Bool { desired == .run && !client.isTerminal }
}

extension Allocation: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            let id: AllocationID = try fields.next()
            var allocation = Allocation(
                id: id, job: try fields.next(), jobVersion: try fields.next(), group: try fields.next(),
                index: try fields.next(), node: try fields.next(), nodeName: try fields.next(),
                evaluation: try fields.next(), epoch: try fields.next(), resources: try fields.next(),
                time: try fields.next())
            allocation.modifyTime = try fields.next()
            allocation.desired = try fields.next()
            allocation.desiredDescription = try fields.next()
            allocation.client = try fields.next()
            allocation.clientDescription = try fields.next()
            allocation.tasks = try fields.next()
            allocation.previous = try fields.next()
            allocation.next = try fields.next()
            allocation.reschedules = try fields.next()
            allocation.followUp = try fields.next()
            allocation.score = try fields.next()
            allocation.createRevision = try fields.next()
            allocation.modifyRevision = try fields.next()
            allocation.checks = try fields.next(or: [])
            allocation.reportSerial = try fields.next(or: 0)
            allocation.preempted = try fields.next(or: [])
            allocation.preemptedBy = try fields.next(or: nil)
            return allocation
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(job)
            $0.put(jobVersion)
            $0.put(group)
            $0.put(index)
            $0.put(node)
            $0.put(nodeName)
            $0.put(evaluation)
            $0.put(epoch)
            $0.put(resources)
            $0.put(createTime)
            $0.put(modifyTime)
            $0.put(desired)
            $0.put(desiredDescription)
            $0.put(client)
            $0.put(clientDescription)
            $0.put(tasks)
            $0.put(previous)
            $0.put(next)
            $0.put(reschedules)
            $0.put(followUp)
            $0.put(score)
            $0.put(createRevision)
            $0.put(modifyRevision)
            $0.put(checks)
            $0.put(reportSerial)
            $0.put(preempted)
            $0.put(preemptedBy)
        }
    }
}

/// One failure after which an instance was placed anew.
public struct RescheduleEvent: Hashable, Sendable {
    /// When the replacement was placed.
    public var time: WallTime
    /// The allocation that failed.
    public var previous: AllocationID
    /// Where it failed; that node is avoided.
    public var node: NodeID
    /// The wait that preceded the replacement.
    public var delay: Duration

    /// Records a failure.
    public init(time: WallTime, previous: AllocationID, node: NodeID, delay: Duration) {
        self.time = time
        self.previous = previous
        self.node = node
        self.delay = delay
    }
}

extension RescheduleEvent: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            RescheduleEvent(
                time: try fields.next(), previous: try fields.next(), node: try fields.next(),
                delay: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(time)
            $0.put(previous)
            $0.put(node)
            $0.put(delay)
        }
    }
}
