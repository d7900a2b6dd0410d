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
/// Its agents are perfect: what is placed runs at once, ends when its time is over, and stops when it is told to. What
/// was in motion when the copy was taken goes on: what is placed starts, what was told to stop ends, and what may run
/// for a limited time ends when that is over. Batch work of which nothing says how long it takes never ends; the report
/// counts it. Nodes that are down stay down, and no other is lost for nothing being heard of it.
///
/// The same snapshot, steps, seed and time zones give the same report to the byte.
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

    /// Gives the rules of a time zone by its name.
    package typealias ZoneReader = @Sendable (String) throws(ClusterError) -> TimeZoneRules

    /// The state as it would be.
    public private(set) var snapshot: Snapshot
    /// The time in the simulated world.
    public private(set) var time: WallTime
    /// What happened so far.
    public internal(set) var report: SimulationReport
    /// How many events are played at most: each is a look of the servers, an end or something that comes in. Then time
    /// no longer passes, which is a failure of the report.
    public var mostEvents = Int.max
    /// Asked now and then while time passes, machines join and instances start; where it says no, nothing more happens.
    package var goesOn: @Sendable () -> Bool = { true }

    let start: WallTime
    private(set) var core: ServerCore
    private var entropy: Entropy
    private let zones: ZoneReader
    /// Time zones whose rules could not be read, and why.
    private var strange: [String: ClusterError] = [:]
    private var events = 0
    private var moments = Heap<Moment>()
    private var planned = 0
    /// Instances whose loss was noted.
    private var lost: Set<AllocationID> = []
    /// Those that wait, by whose end they wait for.
    var waiting: [AllocationID: [AllocationID]] = [:]
    /// How long instances of jobs run by themselves; others run until they are stopped.
    var lengths: [JobID: Duration] = [:]
    /// Replies to the one request that is being made.
    private var answer: Result<ServerReply, ClusterError>?

    /// Takes a copy of a state, at the moment when it is looked at.
    ///
    /// - Parameters:
    ///   - scheduler: places instances; give the one that the servers use.
    ///   - configuration: how the servers behave.
    ///   - seed: decides everything that chance decides.
    public init(
        of snapshot: Snapshot, at time: WallTime, scheduler: any Scheduler = BinPackScheduler(),
        configuration: ServerConfiguration = ServerConfiguration(), seed: UInt64 = 1
    ) {
        // As servers read them.
        self.init(of: snapshot, at: time, scheduler: scheduler, configuration: configuration, seed: seed) {
            name throws(ClusterError) in try ZoneFiles().rules(of: name)
        }
    }

    /// Takes a copy of a state, with time zones from elsewhere than this machine's files.
    package init(
        of snapshot: Snapshot, at time: WallTime, scheduler: any Scheduler, configuration: ServerConfiguration,
        seed: UInt64, zones: @escaping ZoneReader
    ) {
        var configuration = configuration
        // Nothing is let go of: all of it counts in the report.
        configuration.collection.interval = Self.never
        self.snapshot = snapshot
        self.time = time
        self.zones = zones
        start = time
        report = SimulationReport(start: time)
        core = ServerCore(configuration: configuration, scheduler: scheduler, takesSilenceForLoss: false)
        // What a simulation of the same seed made, and is in the state, must not be made again under the same names.
        entropy = Entropy(seed: seed)
        entropy = Entropy(seed: entropy.next() ^ snapshot.revision.number)
        handle(.led(snapshot.epoch.next, snapshot))
        resume()
    }

    /// Later than anything that is played.
    private static let never = Duration.seconds(1 << 32)

    // MARK: - Steps

    /// Lets a machine join. One that a server would refuse is a failure of the report.
    public mutating func add(_ node: Node) { join([node]) }

    /// Lets `count` machines join at one moment that are like `node` but for their names: those go on with the next
    /// number that no other machine has.
    public mutating func add(like node: Node, count: Int) { add([(node, count)]) }

    /// Lets machines of several kinds join at one moment.
    package mutating func add(_ kinds: [(like: Node, count: Int)]) {
        var names = Set(snapshot.nodes.unordered.map(\.name))
        // How far the numbers of a name are: several kinds may go by one.
        var numbers: [String: Int] = [:]
        var copies: [Node] = []
        for (node, count) in kinds {
            var (copy, number) = (node, numbers[node.name] ?? 0)
            copy.attributes = node.attributes.filter { !$0.key.hasPrefix("unique.") }
            (copy.events, copy.eligibility) = ([], .eligible)
            for _ in 0..<max(0, count) {
                repeat {
                    number += 1
                    copy.name = "\(node.name)-\(number)"
                } while !names.insert(copy.name).inserted
                copy.id = entropy.identifier()
                copies.append(copy)
            }
            numbers[node.name] = number
        }
        join(copies)
    }

    /// Whoever waits looks at all of them together: one after the other, each would be asked again and again.
    private mutating func join(_ nodes: [Node]) {
        let sound = nodes.filter { node in
            guard let mistake = node.mistake else { return true }
            report.failures.append("node \(node.name) cannot be registered: \(mistake)")
            return false
        }
        let goesOn = goesOn
        step { core, now, entropy, effects in
            core.join(sound, at: now, using: &entropy, into: &effects, while: goesOn)
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
        let kept = Set(core.kept.all.map(\.node))
        return TidyingPlan(for: snapshot, session: core.session, budget: budget, keeping: kept, using: &entropy)
    }

    /// Registers a job, or changes it.
    ///
    /// - Parameter length: how long each of its instances runs, and of the jobs that it begins, at least a second;
    ///   `nil` lets them run until they are stopped.
    /// - Throws: `.invalid` with every mistake in the job.
    public mutating func submit(_ spec: some JobSpec, lasting length: Duration? = nil) throws {
        try register(try spec.job().validated(), lasting: length)
    }

    private mutating func register(_ job: Job, lasting length: Duration?) throws(ClusterError) {
        let known = lengths[job.id]
        // Something that takes no time would begin again and again at one moment.
        lengths[job.id] = length.map { max(.seconds(1), $0) }
        do throws(ClusterError) {
            _ = try send(.register(job, source: nil, ifUnchangedSince: nil))
        } catch {
            lengths[job.id] = known
            throw error
        }
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
        report.unplayed += valid.count
    }

    /// Lets time pass.
    public mutating func advance(by duration: Duration) {
        let end = time + max(.zero, duration)
        if play(until: end) { time = max(time, end) }
        report.end = time
    }

    /// Lets time pass until nothing more would happen by itself, at most for `limit`.
    public mutating func finish(within limit: Duration) {
        _ = play(until: time + max(.zero, limit))
        report.end = time
    }

    // MARK: - Time

    /// Gives whether that was possible.
    private mutating func play(until end: WallTime) -> Bool {
        var rounds = 0
        while let next = nextTime, next <= end {
            // A round may be several events, so that their number passes over every multiple.
            if rounds.isMultiple(of: 256), !goesOn() { return false }
            rounds += 1
            guard mayPlayMore() else { return false }
            advance(to: next)
        }
        return true
    }

    /// Whether one more event may be played; says so in the report where it may not.
    mutating func mayPlayMore() -> Bool {
        guard events >= mostEvents else { return true }
        report.noteLimit(of: mostEvents)
        return false
    }

    private var now: Now { Now(wall: time, uptime: Uptime(nanoseconds: (time - start).nanoseconds)) }

    /// The next moment at which something happens.
    private var nextTime: WallTime? {
        let wake = core.nextWake
        let wakes = [wake.uptime.map { start + .nanoseconds($0.nanoseconds) }, wake.wall, moments.min?.time]
        return wakes.compactMap { $0 }.filter { $0 - start < Self.never }.min()
    }

    private mutating func advance(to moment: WallTime) {
        time = max(time, moment)
        step { core, now, entropy, effects in core.wake(at: now, using: &entropy, into: &effects) }
        while let next = moments.min, next.time <= time {
            moments.removeMin()
            switch next.happening {
            case .end(let id): report([id], as: .complete)
            case .submission(let submission):
                report.unplayed -= 1
                do throws(ClusterError) {
                    try register(submission.job, lasting: submission.length)
                } catch {
                    report.failures.append("\(submission.job.id): \(error.message)")
                }
            }
        }
        report.end = time
    }

    mutating func plan(_ happening: Moment.Happening, at time: WallTime) {
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

    mutating func handle(_ event: ServerCore.Event) {
        step { core, now, entropy, effects in core.handle(event, at: now, using: &entropy, into: &effects) }
    }

    /// Lets the core do something, and then whatever follows from it at the same moment.
    private mutating func step(
        _ body: (inout ServerCore, Now, inout Entropy, inout [ServerCore.Effect]) -> Void
    ) {
        events += 1
        var effects: [ServerCore.Effect] = []
        body(&core, now, &entropy, &effects)
        var touched: [AllocationID] = []
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
                case .readZone(let name): read(name, into: &next)
                case .note, .warning, .keep: break
                }
            }
            effects = next
        }
        react(to: touched)
    }

    /// Tells the core of a time zone. Jobs that cannot be begun for want of it are named.
    private mutating func read(_ zone: String, into effects: inout [ServerCore.Effect]) {
        do throws(ClusterError) {
            let rules = try zones(zone)
            core.handle(.zone(zone, .success(rules)), at: now, using: &entropy, into: &effects)
        } catch {
            core.handle(.zone(zone, .failure(error)), at: now, using: &entropy, into: &effects)
            strange[zone] = error
            for record in snapshot.jobs.sorted { noteZone(of: record) }
        }
    }

    private mutating func noteZone(of record: JobRecord) {
        guard !strange.isEmpty, !record.stopped, let spec = record.job.periodic, spec.isEnabled,
            let error = strange[spec.timeZone]
        else { return }
        let text = "\(record.job.id) does not begin by itself here: \(error.message)"
        if !report.failures.contains(text) { report.failures.append(text) }
    }

    private mutating func note(_ batch: ChangeBatch, touched: inout [AllocationID]) {
        for change in batch.changes {
            switch change {
            case .putAllocation(let allocation):
                touched.append(allocation.id)
                if allocation.isTerminal { touched += waiting.removeValue(forKey: allocation.id) ?? [] }
                if allocation.client == .lost, snapshot.allocations[allocation.id]?.isTerminal == false,
                    lost.insert(allocation.id).inserted
                {
                    report.noteLoss(of: allocation)
                }
            case .putJob(let record): noteZone(of: record)
            case .removeAllocation(let id): touched += waiting.removeValue(forKey: id) ?? []
            case .putNode(let node) where node.status == .ready && snapshot.nodes[node.id]?.status == .down:
                touched += snapshot.allocations(on: node.id).filter { !$0.isTerminal }.map(\.id)
            default: break
            }
        }
    }
}
