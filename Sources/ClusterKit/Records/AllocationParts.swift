/// What all instances have in common that one look at a job placed for a group: kept once for all of them.
struct AllocationOrigin: Hashable, Sendable {
    var job: JobID
    var group: String
    var evaluation: EvaluationID
    var epoch: Epoch
    var createTime: WallTime
}

/// What each allocation has.
struct AllocationFields: Hashable, Sendable {
    var origin: Shared<AllocationOrigin>
    /// What most allocations of a large job lack; `nil` stands for all of it at its defaults, and only `nil` does, so
    /// that equal allocations look equal.
    var rest: Shared<AllocationRest>?
    var id: AllocationID
    var jobVersion: Int
    var index: Int
    var node: NodeID
    var nodeName: String
    /// Most instances of a group hold the same amounts, and share them.
    var resources: Shared<AllocatedResources>
    var desired: DesiredStatus = .run
    var client: ClientStatus = .pending
    var score: Double = 0
    var modifyTime: WallTime
    var createRevision: Revision = .zero
    var modifyRevision: Revision = .zero
}

/// What an allocation has once something happened to it.
struct AllocationRest: Hashable, Sendable {
    var desiredDescription = ""
    var clientDescription = ""
    var tasks: [String: TaskState] = [:]
    var checks: [CheckStatus] = []
    var reportSerial: UInt64 = 0
    var previous: AllocationID?
    var next: AllocationID?
    var preempted: [AllocationID] = []
    var preemptedBy: AllocationID?
    var reschedules: [RescheduleEvent] = []
    var followUp: EvaluationID?
    var deployment: DeploymentID?
    var isCanary = false
    var health: AllocationHealth?
    var wish: AllocationWish?
    var work: WorkStatus?
    var cause: FailureCause?
    var reload: ReloadTurn?
    var fence: Duration?
}

extension Shared where Value == AllocationRest {
    /// Nothing happened yet.
    static let untouched = Shared(AllocationRest())
}
