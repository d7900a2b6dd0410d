import ClusterKit
import ClusterTesting
import Testing

/// A state, a session on it and a clock: what a server does around the planner, in a few lines.
struct SchedulingBench {
    var snapshot = Snapshot()
    var session: any SchedulingSession
    var entropy: Entropy
    var now = WallTime(nanoseconds: 1_000_000_000_000)
    let planner = Planner(reconciler: .standard)

    init(nodes: [Node], seed: UInt64 = 7) {
        entropy = Entropy(seed: seed)
        session = BinPackScheduler().session(on: Snapshot())
        commit(nodes.map(Change.putNode))
    }

    mutating func commit(_ changes: [Change]) {
        guard !changes.isEmpty else { return }
        let batch = ChangeBatch(revision: snapshot.revision.next, epoch: Epoch(1), time: now, changes: changes)
        let follows = snapshot.apply(batch)
        #expect(follows)
        _ = session.apply(batch)
    }

    mutating func register(_ job: Job) {
        let known = snapshot.jobs[job.id]
        commit([.putJob(JobRecord(job: job, version: known.map { $0.version + 1 } ?? 0, submitTime: now))])
    }

    mutating func evaluation(of job: JobID, _ trigger: EvaluationTrigger = .jobRegister) -> Evaluation {
        let evaluation = Evaluation(
            id: entropy.identifier(), job: job, kind: snapshot.jobs[job]?.job.kind ?? .service, priority: 50,
            trigger: trigger, time: now)
        commit([.putEvaluation(evaluation)])
        return snapshot.evaluations[evaluation.id] ?? evaluation
    }

    /// Plans, checks the plan, makes it true and gives it.
    @discardableResult
    mutating func look(at evaluation: Evaluation) -> Plan {
        let plan = planner.plan(
            evaluation, on: snapshot, session: &session, epoch: Epoch(1), at: now, using: &entropy)
        #expect(PlanCheck.violations(of: plan, on: snapshot) == [])
        commit(plan.changes)
        return plan
    }

    @discardableResult
    mutating func look(at job: JobID, _ trigger: EvaluationTrigger = .evaluate) -> Plan {
        look(at: evaluation(of: job, trigger))
    }

    /// Changes what is known of an instance, as an agent's report does.
    mutating func report(
        _ id: AllocationID, _ client: ClientStatus, _ change: (inout Allocation) -> Void = { _ in }
    ) {
        guard var allocation = snapshot.allocations[id] else { return }
        allocation.client = client
        var state = TaskState()
        state.phase = client.isTerminal ? .dead : .running
        state.finishedAt = client.isTerminal ? now : nil
        allocation.tasks = ["main": state]
        allocation.modifyTime = now
        change(&allocation)
        commit([.putAllocation(allocation)])
    }

    mutating func change(_ node: String, _ body: (inout Node) -> Void) {
        guard var node = snapshot.nodes.sorted.first(where: { $0.name == node }) else { return }
        body(&node)
        commit([.putNode(node)])
    }

    func live(_ job: JobID) -> [Allocation] {
        snapshot.allocations(of: job).filter(\.isLive).sorted { ($0.group, $0.index) < ($1.group, $1.index) }
    }

    func numbers(_ job: JobID) -> [Int] { live(job).map(\.index) }

    func evaluations(_ job: JobID, _ status: EvaluationStatus) -> [Evaluation] {
        snapshot.evaluations(of: job).filter { $0.status == status }
    }
}

extension Job {
    /// A job of one group `web` with one task.
    static func sample(
        _ id: String = "shop", count: Int = 1, cpu: Int = 500, memory: Int = 256, kind: JobKind = .service,
        _ change: (inout Job) -> Void = { _ in }
    ) -> Job {
        let task = TaskSpec(name: "main", resources: TaskResources(cpuMHz: cpu, memoryMiB: memory))
        var job = Job(
            id: JobID(id), kind: kind, groups: [TaskGroup(name: "web", count: count, tasks: [task], kind: kind)])
        change(&job)
        return job
    }
}

/// A few equal nodes `n1`, `n2`, ….
func sampleNodes(_ count: Int, cores: Int = 4, memoryGiB: Int = 4) -> [Node] {
    (0..<count).map {
        SampleCluster.node("n\($0 + 1)", number: UInt64($0 + 1), cores: cores, memoryGiB: memoryGiB)
    }
}

extension Reconciler {
    /// Which changes end what runs, as servers have it.
    static let changes: ReplacementRule = { JobChange.needsReplacement(group: $2, from: $0, to: $1) }

    /// The reconciler of servers.
    static let standard = Reconciler(needsReplacement: changes)
}
