/// What one allocation holds, from its placement until its end is confirmed.
struct Held: Sendable {
    let id: AllocationID
    let node: NodeID
    let groupKey: GroupKey
    let resources: AllocatedResources
    /// The version of the job that it runs.
    var version: Int
    var createTime: WallTime
    /// Whether it is meant to run on; what was placed and is not confirmed does not run yet.
    var isLive: Bool
    /// The priority of its version of the job; `nil` when that version is not known.
    var priority: Int?
    /// Whether the state says that it ends to make room.
    var isEvicted: Bool
    /// How many placements that are not confirmed await its end to have room.
    var awaiting = 0
    /// Whether it was placed and no batch has confirmed it.
    var isReserved = false

    /// What a placement reserves.
    init(id: AllocationID, node: NodeID, groupKey: GroupKey, resources: AllocatedResources) {
        self.id = id
        self.node = node
        self.groupKey = groupKey
        self.resources = resources
        (version, createTime, isLive, isEvicted) = (0, WallTime(nanoseconds: 0), false, false)
    }

    init(_ allocation: Allocation) {
        id = allocation.id
        node = allocation.node
        groupKey = GroupKey(job: allocation.job, group: allocation.group)
        resources = allocation.resources
        version = allocation.jobVersion
        createTime = allocation.createTime
        isLive = allocation.isLive
        isEvicted = allocation.desired == .evict
    }

    /// Its priority while it may have to make room for more important work.
    var yieldingPriority: Int? { isLive && awaiting == 0 ? priority : nil }

    /// Whether it ends to make room. Whoever may wait for that need not end anything else.
    var isGoing: Bool { isEvicted || awaiting > 0 }
}
