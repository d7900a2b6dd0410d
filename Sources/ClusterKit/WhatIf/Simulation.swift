import HeapModule

/// What would happen if: a copy of the state that is changed by hand and played forward by the very code that runs
/// clusters, under a clock of its own.
///
/// ```swift
/// var simulation = Simulation(of: server.snapshot, at: now)
/// simulation.add(like: bigNode, count: 3)
/// try simulation.submit(nightlyBuild, lasting: .seconds(3600))
/// print(simulation.report)
/// ```
///
/// Its agents are perfect: what is placed runs at once, ends when its time is over, and stops when it is told to.
/// The same snapshot, steps and seed give the same report to the byte.
public struct Simulation: Sendable {
    /// When something ends by itself, or comes in.
    struct Moment: Comparable, Sendable {
        enum Happening: Sendable {
            case end(AllocationID)
            case submission(Submission)
        }

        let time: WallTime
        /// What was planned first happens first.
        let number: Int
        let happening: Happening

        static func == (left: Moment, right: Moment) -> Bool { left.number == right.number }
        static func < (left: Moment, right: Moment) -> Bool { (left.time, left.number) < (right.time, right.number) }
    }

    /// The state as it would be.
    public private(set) var snapshot: Snapshot
    /// The time in the simulated world.
    public private(set) var time: WallTime
    /// What happened so far.
    public internal(set) var report: SimulationReport

    private let start: WallTime
    private var core: ServerCore
    private var entropy: Entropy
    private var moments = Heap<Moment>()
    private var planned = 0
    /// Instances whose loss was noted.
    private var lost: Set<AllocationID> = []
    /// How long instances of jobs run by themselves; others run until they are stopped.
    var lengths: [JobID: Duration] = [:]
    /// Replies to the one request that is being made.
    private var answer: Result<ServerReply, ClusterError>?

    /// Takes a copy of a state, at the moment when it is looked at.
    ///
    /// - Parameters:
    ///   - scheduler: places instances; give the one that the servers use.
    ///   - configuration: how the servers behave; nodes are never taken for lost here because of silence.
    ///   - seed: decides everything that chance decides.
    public init(
        of snapshot: Snapshot, at time: WallTime, scheduler: any Scheduler = BinPackScheduler(),
        configuration: ServerConfiguration = ServerConfiguration(), seed: UInt64 = 1
    ) {
        var configuration = configuration
        configuration.heartbeatTTL = .seconds(1 << 32)
        // Nor is anything let go of: all of it counts in the report.
        configuration.collection.interval = .seconds(1 << 33)
        self.snapshot = snapshot
        self.time = time
        start = time
        report = SimulationReport(start: time)
        core = ServerCore(configuration: configuration, scheduler: scheduler)
        entropy = Entropy(seed: seed)
        handle(.led(snapshot.epoch.next, snapshot))
    }

    // MARK: - Steps

    /// Lets a machine join. One that a server would refuse is a failure of the report.
    public mutating func add(_ node: Node) {
        do throws(ClusterError) {
            if let mistake = node.mistake { throw ClusterError(.invalid, mistake) }
            _ = try send(.registerNode(node))
        } catch {
            report.failures.append("node \(node.name) cannot be registered: \(error.message)")
        }
    }

    /// Lets `count` machines join that are like `node` but for their names.
    public mutating func add(like node: Node, count: Int) {
        for number in 1...max(1, count) where count > 0 {
            var copy = node
            copy.id = entropy.identifier()
            copy.name = "\(node.name)-\(number)"
            copy.attributes = copy.attributes.filter { !$0.key.hasPrefix("unique.") }
            (copy.events, copy.eligibility) = ([], .eligible)
            add(copy)
        }
    }

    /// Lets a machine die: what runs there is lost, and placed elsewhere.
    ///
    /// - Throws: `.notFound` when there is no such node.
    public mutating func remove(_ node: NodeID) throws(ClusterError) {
        guard snapshot.nodes[node] != nil else { throw ClusterError(.notFound, "node \(node.short) does not exist") }
        step { core, now, entropy, effects in core.lose(node, at: now, using: &entropy, into: &effects) }
    }

    /// Empties a machine as operators do: it takes no new work, and what runs there is placed elsewhere.
    ///
    /// - Parameter limit: how long what runs may take. With another than `.atOnce`, time has to pass until it is empty.
    /// - Throws: `.notFound` when there is no such node.
    public mutating func drain(_ node: NodeID, limit: DrainLimit = .atOnce) throws(ClusterError) {
        _ = try send(.drain(node, limit, ignoringSystemJobs: false, reason: ""))
    }

    /// What waits, the next first, each with the reasons of now.
    public mutating func unplaced() -> [Unplaced] {
        var session = core.session
        return Unplaced.all(in: snapshot).map { unplaced in
            // What waits for other work waits for no room yet.
            guard unplaced.refusal.awaits.isEmpty, let job = snapshot.jobs[unplaced.job]?.job, !job.kind.runsEverywhere,
                let subject = PlacementSubject(job, group: unplaced.group)
            else { return unplaced }
            let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            var fresh = unplaced
            switch session.place([request], using: &entropy).first {
            case .refused(let refusal): fresh.refusal = refusal
            // Room that is kept for others, or promised to those before it.
            case .placed, nil: session.release([request.allocation])
            }
            return fresh
        }
    }

    /// Which instances to move so that nodes come free, at most `budget` of them: what it would buy now. Nothing moves.
    public mutating func tidying(budget: Int) -> TidyingPlan {
        TidyingPlan(for: snapshot, session: core.session, budget: budget, using: &entropy)
    }

    /// Registers a job, or changes it.
    ///
    /// - Parameter length: how long each of its instances runs; `nil` lets them run until they are stopped.
    /// - Throws: `.invalid` with every mistake in the job.
    public mutating func submit(_ spec: some JobSpec, lasting length: Duration? = nil) throws {
        let job = try spec.job().validated()
        lengths[job.id] = length
        _ = try send(.register(job, source: nil, ifUnchangedSince: nil))
    }

    /// Stops a job.
    ///
    /// - Throws: `.notFound` when there is no such job.
    public mutating func stop(_ job: JobID) throws(ClusterError) { _ = try send(.stop(job, purge: false)) }

    /// Plans submissions for later. They come in while time passes.
    ///
    /// - Throws: `.invalid` with every mistake of the first job that has any; nothing is planned then.
    public mutating func plan(_ submissions: [Submission]) throws {
        let valid = try submissions.map { submission in
            Submission(
                after: max(.zero, submission.delay), job: try submission.job.validated(), lasting: submission.length)
        }
        for submission in valid { plan(.submission(submission), at: start + submission.delay) }
    }

    /// Lets time pass.
    public mutating func advance(by duration: Duration) {
        let end = time + max(.zero, duration)
        while let next = nextTime, next <= end { advance(to: next) }
        time = max(time, end)
        report.end = time
    }

    /// Lets time pass until nothing more would happen by itself, at most for `limit`.
    public mutating func finish(within limit: Duration) {
        let end = time + max(.zero, limit)
        while let next = nextTime, next <= end { advance(to: next) }
        report.end = time
    }

    // MARK: - Time

    private var now: Now { Now(wall: time, uptime: Uptime(nanoseconds: (time - start).nanoseconds)) }

    /// The next moment at which something happens.
    private var nextTime: WallTime? {
        let wake = core.nextWake
        let wakes = [wake.uptime.map { start + .nanoseconds($0.nanoseconds) }, wake.wall, moments.min?.time]
        return wakes.compactMap { $0 }.filter { $0 - start < .seconds(1 << 32) }.min()
    }

    private mutating func advance(to moment: WallTime) {
        time = max(time, moment)
        step { core, now, entropy, effects in core.wake(at: now, using: &entropy, into: &effects) }
        while let next = moments.min, next.time <= time {
            moments.removeMin()
            switch next.happening {
            case .end(let id): report([id], as: .complete)
            case .submission(let submission):
                lengths[submission.job.id] = submission.length
                do throws(ClusterError) {
                    _ = try send(.register(submission.job, source: nil, ifUnchangedSince: nil))
                } catch {
                    report.failures.append("\(submission.job.id): \(error.message)")
                }
            }
        }
        report.end = time
    }

    private mutating func plan(_ happening: Moment.Happening, at time: WallTime) {
        planned += 1
        moments.insert(Moment(time: time, number: planned, happening: happening))
    }

    // MARK: - The core

    private mutating func send(_ request: ServerRequest) throws(ClusterError) -> ServerReply {
        answer = nil
        handle(.request(1, request))
        guard let answer else { throw ClusterError(.internal, "a simulated request was not answered") }
        return try answer.get()
    }

    private mutating func handle(_ event: ServerCore.Event) {
        step { core, now, entropy, effects in core.handle(event, at: now, using: &entropy, into: &effects) }
    }

    /// Lets the core do something, and then whatever follows from it at the same moment.
    private mutating func step(
        _ body: (inout ServerCore, Now, inout Entropy, inout [ServerCore.Effect]) -> Void
    ) {
        var effects: [ServerCore.Effect] = []
        body(&core, now, &entropy, &effects)
        var touched: [Allocation] = []
        while !effects.isEmpty {
            var next: [ServerCore.Effect] = []
            for effect in effects {
                switch effect {
                case .append(let group, let head):
                    for batch in group { note(batch, touched: &touched) }
                    snapshot = head
                    core.handle(.appended, at: now, using: &entropy, into: &next)
                case .reply(_, let result): answer = answer ?? result
                case .alarm(let text), .halt(let text): report.failures.append(text)
                // What begins later is not asked for.
                case .note, .warning, .keep, .readZone: break
                }
            }
            effects = next
        }
        react(to: touched)
    }

    private mutating func note(_ batch: ChangeBatch, touched: inout [Allocation]) {
        for case .putAllocation(let allocation) in batch.changes {
            touched.append(allocation)
            if allocation.client == .lost, snapshot.allocations[allocation.id]?.isTerminal == false,
                lost.insert(allocation.id).inserted
            {
                report.noteLoss(of: allocation)
            }
        }
    }

    /// What perfect agents do with new orders.
    private mutating func react(to touched: [Allocation]) {
        var (starting, ending): ([AllocationID], [AllocationID]) = ([], [])
        for allocation in touched {
            guard let current = snapshot.allocations[allocation.id], !current.isTerminal,
                snapshot.nodes[current.node]?.status == .ready
            else { continue }
            if current.desired != .run {
                if !ending.contains(current.id) { ending.append(current.id) }
            } else if current.client == .pending, current.preempted.allSatisfy(hasEnded), !starting.contains(current.id)
            {
                starting.append(current.id)
            }
        }
        if !ending.isEmpty { report(ending, as: .complete) }
        if !starting.isEmpty { run(starting) }
    }

    private func hasEnded(_ id: AllocationID) -> Bool { snapshot.allocations[id]?.isTerminal ?? true }

    private mutating func run(_ ids: [AllocationID]) {
        for id in ids {
            guard let allocation = snapshot.allocations[id] else { continue }
            let evicted = allocation.preempted.count { snapshot.allocations[$0]?.preemptedBy == id }
            report.note(allocation, evicted: evicted, wantedSince: wantedSince(allocation), at: time)
            let limit = snapshot.job(of: allocation)?.group(allocation.group)?.runLimit?.duration
            if let length = [lengths[allocation.job], limit].compactMap(\.self).min() {
                plan(.end(id), at: time + length)
            }
        }
        report(ids, as: .running)
    }

    /// Since when there should have been this instance: its predecessor's end, or the job's registration.
    private func wantedSince(_ allocation: Allocation) -> WallTime {
        let previous = allocation.previous.flatMap { snapshot.allocations[$0]?.modifyTime }
        let submitted = snapshot.jobVersions[JobVersion(allocation.job, allocation.jobVersion)]?.submitTime
        return max(start, previous ?? submitted ?? start)
    }

    /// Tells the core what became of allocations, node by node.
    private mutating func report(_ ids: [AllocationID], as status: ClientStatus) {
        let allocations = ids.compactMap { snapshot.allocations[$0] }.filter { !$0.isTerminal }
        for (node, group) in Dictionary(grouping: allocations, by: \.node).sorted(by: { $0.key < $1.key }) {
            for allocation in group where status == .complete { report.noteEnd(of: allocation) }
            let reports = group.map { allocation in
                let group = snapshot.job(of: allocation)?.group(allocation.group)
                return AllocationReport(
                    id: allocation.id, client: status, tasks: group?.tasks(status) ?? [:],
                    checks: group?.passingChecks(at: time) ?? [])
            }
            handle(.request(0, .report(node, reports)))
        }
    }
}

extension TaskGroup {
    /// What perfect agents report of the tasks.
    fileprivate func tasks(_ status: ClientStatus) -> [String: TaskState] {
        var state = TaskState()
        state.phase = status.isTerminal ? .dead : .running
        return Dictionary(tasks.map { ($0.name, state) }) { first, _ in first }
    }

    /// And of the checks.
    fileprivate func passingChecks(at time: WallTime) -> [CheckStatus] {
        placedServices.flatMap { service in
            service.spec.checks.enumerated().map { index, check in
                CheckStatus(
                    service: service.key, index: index, name: check.name, kind: check.kind, health: .passing,
                    since: time)
            }
        }
    }
}
