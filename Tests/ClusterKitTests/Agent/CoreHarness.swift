import ClusterKit
import Logging

/// Drives an agent's core under a clock that only the test moves, and remembers what it asked for.
struct CoreHarness {
    var core: AgentCore
    var now = Now(wall: WallTime(nanoseconds: 1_700_000_000_000_000_000), uptime: Uptime(nanoseconds: 1_000_000_000))
    var entropy = Entropy(seed: 7)
    /// What was asked for since the last `take`.
    var effects: [AgentEffect] = []
    let node: Node
    let policy: AgentPolicy

    init(policy: AgentPolicy = AgentPolicy(), node: Node = .sample, booted: Bool = true) {
        self.node = node
        self.policy = policy
        core = AgentCore(node: node, policy: policy)
        if booted { boot() }
    }

    /// Boots, and registers with a time to live of ten seconds.
    mutating func boot(_ records: [AllocationRecord] = []) {
        send(.booted(records))
        send(.registered(Registration(heartbeatTTL: .seconds(10))))
    }

    mutating func send(_ event: AgentEvent) {
        core.handle(event, at: now, using: &entropy, into: &effects)
    }

    /// Moves both clocks and wakes the core wherever it asked to be woken on the way.
    mutating func pass(_ duration: Duration) {
        let end = now.uptime + duration
        while let wake = core.nextWake.uptime, wake <= end {
            move(max(.zero, wake - now.uptime))
            let before = core.nextWake.uptime
            core.wake(at: now, using: &entropy, into: &effects)
            if core.nextWake.uptime == before { break }
        }
        move(end - now.uptime)
    }

    private mutating func move(_ duration: Duration) {
        now.uptime = now.uptime + duration
        now.wall = now.wall + duration
    }

    /// What was asked for since the last call.
    mutating func take() -> [AgentEffect] {
        defer { effects = [] }
        return effects
    }

    /// A view that is newer by one than the newest.
    mutating func assign(_ assignments: Assignment..., revision: UInt64) {
        var assignments = assignments
        for index in assignments.indices { assignments[index].allocation.modifyRevision = Revision(revision) }
        send(.assigned(Assignments(stamp: .at(revision), allocations: assignments)))
    }

    /// Accepts the allocation and brings all its tasks to run.
    mutating func run(_ assignment: Assignment, revision: UInt64 = 1) {
        assign(assignment, revision: revision)
        send(.prepared(assignment.allocation.id))
        for task in assignment.group?.tasks ?? [] { start(assignment, task.name) }
        _ = take()
    }

    mutating func start(_ assignment: Assignment, _ task: String, attempt: Int = 0) {
        let run = TaskRun(assignment.allocation.id, task, attempt: attempt)
        send(.started(run, .of(run)))
    }

    mutating func exit(_ assignment: Assignment, _ task: String, attempt: Int = 0, code: Int) {
        let run = TaskRun(assignment.allocation.id, task, attempt: attempt)
        send(.exited(run, TaskExit(code: code, time: now.wall)))
    }

    /// Ends a run and has the driver clean up.
    mutating func end(_ assignment: Assignment, _ task: String, attempt: Int = 0, code: Int) {
        exit(assignment, task, attempt: attempt, code: code)
        send(.removed(TaskRun(assignment.allocation.id, task, attempt: attempt)))
    }

    func record(_ assignment: Assignment) -> AllocationRecord? { core.record(assignment.allocation.id) }

    func task(_ assignment: Assignment, _ name: String = "main") -> TaskRecord? {
        record(assignment)?.tasks.first { $0.name == name }
    }

}

extension ViewStamp {
    static func at(_ revision: UInt64, epoch: UInt64 = 1) -> ViewStamp {
        ViewStamp(epoch: Epoch(epoch), revision: Revision(revision))
    }
}

extension TaskHandle {
    static func of(_ run: TaskRun) -> TaskHandle {
        TaskHandle(driver: "raw_exec", allocation: run.allocation, task: run.task, facts: ["attempt": "\(run.attempt)"])
    }
}

extension Node {
    static var sample: Node {
        Node(
            id: NodeID(high: 1, low: 2), name: "node-a", nodeClass: "build", address: "10.0.0.7",
            attributes: ["kernel.name": "linux", "cpu.arch": "amd64"], meta: ["rack": "r7"],
            capacity: Resources(cpuMHz: 8000, memoryMiB: 8192, diskMiB: 100_000), cores: 4,
            drivers: ["raw_exec": DriverStatus(healthy: true)])
    }
}

extension Assignment {
    /// An allocation of a group with the given tasks.
    static func sample(
        _ number: UInt64 = 1, tasks: [TaskSpec] = [TaskSpec(name: "main")], kind: JobKind = .service,
        restart: RestartPolicy? = nil, desired: DesiredStatus = .run
    ) -> Assignment {
        let group = TaskGroup(name: "web", tasks: tasks, restart: restart, kind: kind)
        let job = Job(id: JobID("site"), kind: kind, groups: [group], meta: ["owner": "me"])
        var allocation = Allocation(
            id: AllocationID(high: 0xABCD, low: number), job: job.id, jobVersion: 0, group: "web", index: Int(number),
            node: Node.sample.id, nodeName: "node-a", evaluation: EvaluationID(high: 3, low: 4), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: WallTime(nanoseconds: 0))
        allocation.desired = desired
        return Assignment(allocation: allocation, job: job)
    }

    func desiring(_ desired: DesiredStatus, because reason: String = "") -> Assignment {
        var copy = self
        copy.allocation.desired = desired
        copy.allocation.desiredDescription = reason
        return copy
    }
}

extension [AgentEffect] {
    var starts: [TaskRun] { compactMap { if case .start(let run, _) = $0 { run } else { nil } } }
    var applied: [TaskRun] { compactMap { if case .applyTemplates(let run) = $0 { run } else { nil } } }
    var stops: [TaskRun] { compactMap { if case .stop(let run, _, _, _) = $0 { run } else { nil } } }
    var removals: [TaskRun] { compactMap { if case .remove(let run, _) = $0 { run } else { nil } } }
    var watches: [TaskRun] { compactMap { if case .watch(let run, _) = $0 { run } else { nil } } }
    var prepared: [AllocationID] { compactMap { if case .prepare(let it) = $0 { it.allocation.id } else { nil } } }
    var collected: [AllocationID] { compactMap { if case .collect(let id) = $0 { id } else { nil } } }
    var forgotten: [AllocationID] { compactMap { if case .forget(let id) = $0 { id } else { nil } } }
    var persisted: [AllocationRecord] { compactMap { if case .persist(let record) = $0 { record } else { nil } } }
    var reports: [AllocationReport] {
        flatMap { effect -> [AllocationReport] in if case .report(let reports) = effect { reports } else { [] } }
    }
    var reportCalls: Int { count { if case .report = $0 { true } else { false } } }
    var registers: Int { count { if case .register = $0 { true } else { false } } }
    var heartbeats: Int { count { if case .heartbeat = $0 { true } else { false } } }
    var beatPatience: [Duration] {
        compactMap { if case .heartbeat(_, let patience) = $0 { patience } else { nil } }
    }
    var fetchNumbers: [UInt64] {
        compactMap { if case .fetchAssignments(_, _, let number) = $0 { number } else { nil } }
    }
    var fetches: [ViewStamp] { compactMap { if case .fetchAssignments(let stamp, _, _) = $0 { stamp } else { nil } } }
    var remembered: [ViewStamp] { compactMap { if case .remember(let stamp) = $0 { stamp } else { nil } } }
    var surveys: Int { count { if case .surveyDisk = $0 { true } else { false } } }
    var ends: Int { count { if case .end = $0 { true } else { false } } }
    var warnings: [String] {
        compactMap { if case .log(let level, let words) = $0, level >= .warning { words } else { nil } }
    }
}
