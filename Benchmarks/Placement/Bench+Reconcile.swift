import ClusterKit

extension Bench {
    /// What it costs to look at what is as it should be: at one job of 10,000 instances, at the same when a node is
    /// lost, and a minute of a server, without jobs and with 10,000 that ask for nothing.
    func reconcile() -> [Figure] {
        var figures: [Figure] = []
        let scenario = ReconcileScenario(machines: machines, count: 10_000)
        for (name, result) in scenario.run(rounds: max(3, Int(seconds * 50))) {
            if result.running < scenario.count, name == Scenario.reconcile.rawValue {
                Remark.say(
                    "reconcile on \(machines.count) machines: they have room for \(result.running) of the "
                        + "\(scenario.count) instances, and the others are asked for at each look")
            }
            var figure = equalFigure(.reconcile, name)
            figure.placements = result.instances
            figure.seconds = result.times.median
            figure.perSecond = 1 / figure.seconds
            figures.append(figure)
        }
        for jobs in [0, 10_000] {
            var figure = equalFigure(.reconcile, jobs == 0 ? "minute" : "minute-idle")
            figure.placements = jobs
            figure.seconds = IdleScenario(machines: machines, jobs: jobs).cpuOfMinute()
            figure.perSecond = 1 / figure.seconds
            figures.append(figure)
        }
        return figures
    }
}

/// One job of many instances that run.
struct ReconcileScenario {
    let machines: [Machine]
    let count: Int

    static let time = WallTime(nanoseconds: 1_800_000_000_000_000_000)

    /// How many instances run and how many changed, and what each look took.
    struct Looks {
        let running: Int
        var instances = 0
        var times: [Double] = []
    }

    func run(rounds: Int) -> [(name: String, Looks)] {
        let (rested, job) = rested()
        var shaken = rested
        // The first node that holds some of it.
        if let one = rested.allocations(of: job).first, var node = rested.nodes[one.node] {
            node.status = .down
            shaken.apply(Self.batch([.putNode(node)], after: shaken))
        }
        let reconciler = Reconciler { _, _, _ in true }
        func looks(at head: Snapshot) -> Looks {
            var looks = Looks(running: rested.allocations.count)
            for _ in 0..<rounds {
                var found: Reconciliation?
                looks.times.append(Clocks.measure { found = reconciler.reconcile(job, in: head, at: Self.time) })
                looks.instances = found.map { $0.stops.count + $0.wants.count } ?? 0
            }
            return looks
        }
        return [("reconcile", looks(at: rested)), ("reconcile-lost", looks(at: shaken))]
    }

    /// All placed, all running, the roll-out over.
    private func rested() -> (Snapshot, JobID) {
        // On many machines half of their share would be more than one of them has.
        let cpu = min(machines.totalCPU / count / 2, machines.map(\.amounts.cpu).min() ?? 0)
        let task = TaskSpec(name: "work", resources: TaskResources(cpuMHz: max(1, cpu), memoryMiB: 16))
        let group = TaskGroup(
            name: "all", count: count, tasks: [task], disk: EphemeralDisk(sizeMiB: 1), update: UpdateStrategy())
        let job = Job(id: JobID("large"), groups: [group])
        var entropy = Entropy(seed: 1)
        var head = Snapshot()
        head.apply(Self.batch(machines.enumerated().map { .putNode($1.node($0)) }, after: head))
        let evaluation = Evaluation(
            id: entropy.identifier(), job: job.id, kind: job.kind, priority: job.priority, trigger: .jobRegister,
            time: Self.time)
        head.apply(
            Self.batch(
                [.putJob(JobRecord(job: job, submitTime: Self.time)), .putEvaluation(evaluation)], after: head))
        var session: any SchedulingSession = BinPackScheduler().session(on: head)
        let plan = Planner(reconciler: Reconciler { _, _, _ in true }).plan(
            evaluation, on: head, session: &session, epoch: Epoch(1), at: Self.time, using: &entropy)
        head.apply(Self.batch(plan.changes, after: head))
        var changes: [Change] = head.allocations.sorted.map { placed in
            var placed = placed
            placed.client = .running
            return .putAllocation(placed)
        }
        for var deployment in head.deployments.sorted {
            deployment.status = .successful
            changes.append(.putDeployment(deployment))
        }
        head.apply(Self.batch(changes, after: head))
        return (head, job.id)
    }

    static func batch(_ changes: [Change], after head: Snapshot) -> ChangeBatch {
        ChangeBatch(revision: head.revision.next, epoch: Epoch(1), time: time, changes: changes)
    }
}

/// A server with jobs of which none changes, and nodes that say every few seconds that they are there.
struct IdleScenario {
    let machines: [Machine]
    let jobs: Int

    /// Processor time of one minute of five: the servers look at what is old once in that time.
    func cpuOfMinute() -> Double {
        var server = DrivenServer(head: state())
        server.run(untilTenths: 100, beating: machines.count)
        return Clocks.measure { server.run(untilTenths: 3100, beating: machines.count) } / 5
    }

    private func state() -> Snapshot {
        var entropy = Entropy(seed: 1)
        var head = Snapshot()
        head.apply(
            ReconcileScenario.batch(machines.enumerated().map { .putNode($1.node($0)) }, after: head))
        let shape = Shape(cpu: 1, memory: 1, disk: 1)
        var changes: [Change] = []
        for number in 0..<jobs {
            let job = shape.job("job-\(number)")
            changes.append(.putJob(JobRecord(job: job, submitTime: ReconcileScenario.time)))
            let node = number % machines.count
            var allocation = Allocation(
                id: entropy.identifier(), job: job.id, jobVersion: 0, group: "all", index: 0,
                node: NodeID(high: 1, low: UInt64(node)), nodeName: machines[node].name,
                evaluation: entropy.identifier(), epoch: Epoch(1),
                resources: AllocatedResources(total: Resources(cpuMHz: 1, memoryMiB: 1, diskMiB: 1)),
                time: ReconcileScenario.time)
            allocation.client = .running
            changes.append(.putAllocation(allocation))
        }
        head.apply(ReconcileScenario.batch(changes, after: head))
        return head
    }
}

/// A server's core whose store answers at once, under a clock of its own.
private struct DrivenServer {
    private var core = ServerCore(configuration: ServerConfiguration(), scheduler: BinPackScheduler())
    private var entropy = Entropy(seed: 2)
    /// Tenths of a second since it began.
    private var tenths = 0
    private var requests: UInt64 = 0

    init(head: Snapshot) { tell(.led(Epoch(2), head)) }

    private var now: Now {
        let time = Int64(tenths) * 100_000_000
        return Now(
            wall: ReconcileScenario.time + .nanoseconds(time), uptime: Uptime(nanoseconds: 0) + .nanoseconds(time))
    }

    /// Each of so many nodes beats every five seconds, spread over them.
    mutating func run(untilTenths end: Int, beating nodes: Int) {
        while tenths < end {
            for node in stride(from: tenths % 50, to: nodes, by: 50) {
                requests += 1
                tell(.request(requests, .heartbeat(NodeID(high: 1, low: UInt64(node)))))
            }
            if let wake = core.nextWake.uptime, wake <= now.uptime { step { $0.wake(at: $1, using: &$2, into: &$3) } }
            tenths += 1
        }
    }

    private mutating func tell(_ event: ServerCore.Event) {
        step { $0.handle(event, at: $1, using: &$2, into: &$3) }
    }

    private mutating func step(
        _ body: (inout ServerCore, Now, inout Entropy, inout [ServerCore.Effect]) -> Void
    ) {
        var effects: [ServerCore.Effect] = []
        body(&core, now, &entropy, &effects)
        for effect in effects { if case .append = effect { tell(.appended) } }
    }
}
