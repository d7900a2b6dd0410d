import Testing

@testable import ClusterKit

/// A server with nodes on which whatever is placed runs as soon as a test says so.
struct RolloutBench {
    var bench = CoreBench()
    let job = JobID("web")

    init(nodes: UInt64 = 4, configuration: ServerConfiguration = ServerConfiguration()) {
        var configuration = configuration
        // Hours pass in these tests without a heartbeat.
        configuration.heartbeatTTL = .seconds(100_000)
        bench = CoreBench(configuration: configuration)
        for number in 1...nodes { _ = bench.addNode(number, cpuMHz: 100_000) }
    }

    var head: Snapshot { bench.core.head }
    var record: JobRecord? { head.jobs[job] }
    var deployments: [Deployment] { head.deployments(of: job) }
    var deployment: Deployment? { deployments.last }

    /// By number, then the older one first.
    var live: [Allocation] {
        head.allocations(of: job).filter(\.isLive).sorted {
            ($0.index, $0.createRevision) < ($1.index, $1.createRevision)
        }
    }

    /// The versions that live instances run, by number.
    var versions: [Int] { live.map(\.jobVersion) }

    static func job(
        _ program: String = "/bin/one", count: Int = 3, _ update: UpdateStrategy?,
        _ change: (inout Job) -> Void = { _ in }
    ) -> Job {
        var job = makeJob(count: count, cpuMHz: 100)
        job.groups[0].update = update
        job.groups[0].tasks[0].config = ["command": .string(program)]
        change(&job)
        return job
    }

    static func job(_ update: UpdateStrategy, _ change: (inout Job) -> Void = { _ in }) -> Job {
        job("/bin/one", update, change)
    }

    @discardableResult
    mutating func ask(_ request: ServerRequest) -> Result<ServerReply, ClusterError>? {
        let id = bench.ask(request)
        bench.write()
        return bench.reply(to: id)
    }

    mutating func register(_ job: Job, note: ChangeNote? = nil) {
        ask(.register(job, source: nil, ifUnchangedSince: nil, note: note))
    }

    mutating func order(_ order: DeploymentOrder) -> ClusterError? {
        guard let deployment else { return ClusterError(.notFound, "no deployment") }
        if case .failure(let error) = ask(.orderDeployment(deployment.id, order)) { return error }
        return nil
    }

    mutating func pass(_ duration: Duration) {
        bench.pass(duration)
        bench.write()
    }

    mutating func report(_ allocation: Allocation, _ client: ClientStatus, checks: [CheckStatus] = []) {
        var state = TaskState()
        state.phase = client.isTerminal ? .dead : client == .running ? .running : .pending
        state.failed = client == .failed
        if client.isTerminal { state.finishedAt = bench.now.wall }
        ask(
            .report(
                allocation.node,
                [
                    AllocationReport(id: allocation.id, client: client, tasks: ["main": state], checks: checks)
                ]))
    }

    /// Lets everything run that was placed.
    mutating func runAll() {
        for allocation in live where allocation.client == .pending { report(allocation, .running) }
    }

    /// Lets everything run that was placed, until it counts as well.
    mutating func settle(rounds: Int = 1) {
        for _ in 0..<rounds {
            runAll()
            pass(.seconds(10))
        }
    }

    /// A first version that is stable.
    mutating func begin(count: Int = 3, _ update: UpdateStrategy?) {
        register(Self.job(count: count, update))
        settle()
    }

    /// As many instances of a second version as may change at a time were placed, and run not yet.
    static func changing(_ strategy: UpdateStrategy = UpdateStrategy()) -> RolloutBench {
        var bench = RolloutBench()
        bench.begin(strategy)
        bench.register(job("/bin/two", strategy))
        return bench
    }

    /// One of them.
    func new() throws -> Allocation { try #require(live.first { $0.jobVersion == 1 }) }
}
