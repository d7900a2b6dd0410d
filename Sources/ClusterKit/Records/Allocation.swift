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

/// What is known of an allocation. It only moves forward, from pending over running to one of the ends, but for a time
/// in which nothing is known of it.
public enum ClientStatus: String, StoredWord {
    /// No task has started.
    case pending
    /// A task has started, and something of it runs or will: one that waits to be restarted, for example.
    case running
    /// All tasks ended well, or as they were told to.
    case complete
    /// A task failed and is not started again here.
    case failed
    /// Its node is lost.
    case lost
    /// Its node is lost, and it may run on and return with it.
    case unknown

    /// Whether nothing of it will run again.
    public var isTerminal: Bool { self == .complete || self == .failed || self == .lost }
}

/// One placed instance of a task group.
///
/// A value like any other, kept on the heap, for there may be a million of them and a plan moves thousands.
public struct Allocation: Hashable, Sendable {
    private var core: Shared<AllocationFields>

    /// The identifier.
    public var id: AllocationID {
        get { core.value.id }
        set { core.value.id = newValue }
    }

    /// The job.
    public var job: JobID {
        get { core.value.origin.value.job }
        set { core.value.origin.value.job = newValue }
    }

    /// The version of the job that it runs.
    public var jobVersion: Int {
        get { core.value.jobVersion }
        set { core.value.jobVersion = newValue }
    }

    /// The group.
    public var group: String {
        get { core.value.origin.value.group }
        set { core.value.origin.value.group = newValue }
    }

    /// The instance's number, below the group's count.
    public var index: Int {
        get { core.value.index }
        set { core.value.index = newValue }
    }

    /// Where it is placed.
    public var node: NodeID {
        get { core.value.node }
        set { core.value.node = newValue }
    }

    /// The name of that node, for showing it after the node is gone.
    public var nodeName: String {
        get { core.value.nodeName }
        set { core.value.nodeName = newValue }
    }

    /// The evaluation that placed it.
    public var evaluation: EvaluationID {
        get { core.value.origin.value.evaluation }
        set { core.value.origin.value.evaluation = newValue }
    }

    /// The leadership that placed it; agents refuse orders of an older one.
    public var epoch: Epoch {
        get { core.value.origin.value.epoch }
        set { core.value.origin.value.epoch = newValue }
    }

    /// What it holds on its node.
    public var resources: AllocatedResources {
        get { core.value.resources.value }
        set { core.value.resources.value = newValue }
    }

    /// What the servers want.
    public var desired: DesiredStatus {
        get { core.value.desired }
        set { core.value.desired = newValue }
    }

    /// Why they want it.
    public var desiredDescription: String {
        get { rest.desiredDescription }
        set { changeRest { $0.desiredDescription = newValue } }
    }

    /// What is known.
    public var client: ClientStatus {
        get { core.value.client }
        set { core.value.client = newValue }
    }

    /// What is known, in words.
    public var clientDescription: String {
        get { rest.clientDescription }
        set { changeRest { $0.clientDescription = newValue } }
    }

    /// The tasks by name.
    public var tasks: [String: TaskState] {
        get { rest.tasks }
        set { changeRest { $0.tasks = newValue } }
    }

    /// What the checks of its services last found.
    public var checks: [CheckStatus] {
        get { rest.checks }
        set { changeRest { $0.checks = newValue } }
    }

    /// Which of its agent's reports that is: an older one that comes late changes nothing.
    public var reportSerial: UInt64 {
        get { rest.reportSerial }
        set { changeRest { $0.reportSerial = newValue } }
    }

    /// The allocation that this one replaces.
    public var previous: AllocationID? {
        get { rest.previous }
        set { changeRest { $0.previous = newValue } }
    }

    /// The allocation that replaces this one.
    public var next: AllocationID? {
        get { rest.next }
        set { changeRest { $0.next = newValue } }
    }

    /// Whether it is no canary, nobody wishes anything of it, and nothing takes its place. Asked of all instances of
    /// large jobs, so one access to memory has to do.
    var isSteady: Bool {
        guard let rest = core.value.rest else { return true }
        return rest.value.wish == nil && !rest.value.isCanary && rest.value.next == nil
    }

    /// The allocations that must end before this one may start.
    public var preempted: [AllocationID] {
        get { rest.preempted }
        set { changeRest { $0.preempted = newValue } }
    }

    /// The allocation that this one ends for.
    public var preemptedBy: AllocationID? {
        get { rest.preemptedBy }
        set { changeRest { $0.preemptedBy = newValue } }
    }

    /// The failures that led here, oldest first.
    public var reschedules: [RescheduleEvent] {
        get { rest.reschedules }
        set { changeRest { $0.reschedules = newValue } }
    }

    /// The evaluation that will place it anew later.
    public var followUp: EvaluationID? {
        get { rest.followUp }
        set { changeRest { $0.followUp = newValue } }
    }

    /// The placement's score; the parts are computed on demand.
    public var score: Double {
        get { core.value.score }
        set { core.value.score = newValue }
    }

    /// When it was placed.
    public var createTime: WallTime {
        get { core.value.origin.value.createTime }
        set { core.value.origin.value.createTime = newValue }
    }

    /// When it last changed.
    public var modifyTime: WallTime {
        get { core.value.modifyTime }
        set { core.value.modifyTime = newValue }
    }

    /// The revision that placed it.
    public var createRevision: Revision {
        get { core.value.createRevision }
        set { core.value.createRevision = newValue }
    }

    /// The revision that last changed it.
    public var modifyRevision: Revision {
        get { core.value.modifyRevision }
        set { core.value.modifyRevision = newValue }
    }

    /// Places an instance.
    public init(
        id: AllocationID, job: JobID, jobVersion: Int, group: String, index: Int, node: NodeID, nodeName: String = "",
        evaluation: EvaluationID, epoch: Epoch, resources: AllocatedResources, time: WallTime
    ) {
        let origin = AllocationOrigin(job: job, group: group, evaluation: evaluation, epoch: epoch, createTime: time)
        core = Shared(
            AllocationFields(
                origin: Shared(origin), id: id, jobVersion: jobVersion, index: index, node: node, nodeName: nodeName,
                resources: Shared(resources), modifyTime: time))
    }

    /// Places another instance by the same look at the same group as `sibling`: they share what they have in common.
    init(
        beside sibling: Allocation, id: AllocationID, index: Int, node: NodeID, nodeName: String,
        resources: AllocatedResources
    ) {
        let known = sibling.core.value.resources
        core = Shared(
            AllocationFields(
                origin: sibling.core.value.origin, id: id, jobVersion: sibling.jobVersion, index: index, node: node,
                nodeName: nodeName, resources: known.value == resources ? known : Shared(resources),
                modifyTime: sibling.createTime))
    }

    private init(_ core: AllocationFields) { self.core = Shared(core) }

    /// Has a roll-out watch a new instance, to which nothing happened yet. When `sibling` is in the same state, they
    /// share it.
    mutating func watch(by deployment: DeploymentID, like sibling: Allocation?) {
        var rest = AllocationRest()
        rest.deployment = deployment
        if let known = sibling?.core.value.rest, known.value == rest {
            core.value.rest = known
        } else {
            core.value.rest = Shared(rest)
        }
    }

    var rest: AllocationRest { core.value.rest?.value ?? AllocationRest() }

    mutating func changeRest(_ body: (inout AllocationRest) -> Void) {
        var rest = core.value.rest ?? .untouched
        // Not held twice, so that it is changed in place.
        core.value.rest = nil
        body(&rest.value)
        core.value.rest = rest == .untouched ? nil : rest
    }

    /// Notes the revisions. One that has them already stays where it is, shared with whoever else holds it.
    mutating func stamp(_ revision: Revision, createdAt created: Revision) {
        if createRevision != created { createRevision = created }
        if modifyRevision != revision { modifyRevision = revision }
    }

    /// The name that people read: `job.group[index]`.
    public var name: String { "\(job.id).\(group)[\(index)]" }

    /// Whether it is confirmed that nothing of it runs: what it held is free again.
    public var isTerminal: Bool { client.isTerminal }

    /// Whether it is meant to run and may still do so.
    public var isLive: Bool { desired == .run && !client.isTerminal }
}

extension Allocation: CustomReflectable {
    /// Shows the fields, not where they are kept.
    public var customMirror: Mirror {
        let parts: [Any] = [core.value.origin.value, core.value, rest]
        let fields = parts.flatMap { Mirror(reflecting: $0).children }
        return Mirror(
            self, children: fields.filter { $0.label != "origin" && $0.label != "rest" }, displayStyle: .struct)
    }
}

extension Allocation: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            let id: AllocationID = try fields.next()
            let job: JobID = try fields.next()
            let jobVersion: Int = try fields.next()
            let group = try fields.name()
            let index: Int = try fields.next()
            let node: NodeID = try fields.next()
            let nodeName = try fields.name()
            let evaluation: EvaluationID = try fields.next()
            let epoch: Epoch = try fields.next()
            let resources: AllocatedResources = try fields.next()
            let origin = AllocationOrigin(
                job: job, group: group, evaluation: evaluation, epoch: epoch, createTime: try fields.next())
            var rest = AllocationRest()
            var core = AllocationFields(
                origin: fields.place(of: origin), id: id, jobVersion: jobVersion, index: index, node: node,
                nodeName: nodeName, resources: resources.isPlain ? fields.place(of: resources) : Shared(resources),
                modifyTime: try fields.next())
            core.desired = try fields.next()
            rest.desiredDescription = try fields.next()
            core.client = try fields.next()
            rest.clientDescription = try fields.next()
            rest.tasks = try fields.next()
            rest.previous = try fields.next()
            rest.next = try fields.next()
            rest.reschedules = try fields.next()
            rest.followUp = try fields.next()
            core.score = try fields.next()
            core.createRevision = try fields.next()
            core.modifyRevision = try fields.next()
            rest.checks = try fields.next(or: [])
            rest.reportSerial = try fields.next(or: 0)
            rest.preempted = try fields.next(or: [])
            rest.preemptedBy = try fields.next(or: nil)
            rest.deployment = try fields.next(or: nil)
            rest.isCanary = try fields.next(or: false)
            rest.health = try fields.next(or: nil)
            rest.wish = try fields.next(or: nil)
            rest.work = try fields.next(or: nil)
            rest.cause = try fields.next(or: nil)
            rest.reload = try fields.next(or: nil)
            rest.fence = try fields.next(or: nil)
            if rest != AllocationRest() { core.rest = Shared(rest) }
            return Allocation(core)
        }
    }

    public func write(to writer: inout RecordWriter) {
        let (core, rest) = (core.value, rest)
        let origin = core.origin.value
        writer.record {
            $0.put(core.id)
            $0.put(origin.job)
            $0.put(core.jobVersion)
            $0.put(origin.group)
            $0.put(core.index)
            $0.put(core.node)
            $0.put(core.nodeName)
            $0.put(origin.evaluation)
            $0.put(origin.epoch)
            $0.put(core.resources.value)
            $0.put(origin.createTime)
            $0.put(core.modifyTime)
            $0.put(core.desired)
            $0.put(rest.desiredDescription)
            $0.put(core.client)
            $0.put(rest.clientDescription)
            $0.put(rest.tasks)
            $0.put(rest.previous)
            $0.put(rest.next)
            $0.put(rest.reschedules)
            $0.put(rest.followUp)
            $0.put(core.score)
            $0.put(core.createRevision)
            $0.put(core.modifyRevision)
            $0.put(rest.checks)
            $0.put(rest.reportSerial)
            $0.put(rest.preempted)
            $0.put(rest.preemptedBy)
            $0.put(rest.deployment)
            $0.put(rest.isCanary)
            $0.put(rest.health)
            $0.put(rest.wish)
            $0.put(rest.work)
            $0.put(rest.cause)
            $0.put(rest.reload)
            $0.put(rest.fence)
        }
    }
}
