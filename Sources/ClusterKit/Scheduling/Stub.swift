public struct BinPackScheduler: Scheduler {
    public init() {}
    public func session(on snapshot: Snapshot) -> any SchedulingSession { S() }
    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation { Explanation(lines: []) }
    struct S: SchedulingSession {
        mutating func apply(_ batch: ChangeBatch) -> Freed { Freed() }
        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] { [] }
        mutating func release(_ reserved: [AllocationID]) {}
    }
}
struct Planner {
    let keptJobVersions: Int
    func plan(
        _ e: Evaluation, on head: Snapshot, session: inout any SchedulingSession, epoch: Epoch, at: WallTime,
        using: inout Entropy
    ) -> Plan { Plan() }
}
struct Plan { var changes: [Change] = [] }
