import Testing

@testable import ClusterKit

/// What perfect agents do with the orders that they find and get.
@Suite struct SimulatedAgentsTests {
    private static let start = WallTime(nanoseconds: 1_000_000_000_000)

    private func simulation(_ nodes: [Node], seed: UInt64 = 1) -> Simulation {
        let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        return Simulation(of: snapshot, at: Self.start, seed: seed)
    }

    /// Takes a whole node.
    private func large(_ id: String, priority: Int = 50, kind: JobKind = .service) -> Job {
        .sample(id, cpu: 100, memory: 4000, kind: kind) { $0.priority = priority }
    }

    private func live(_ simulation: Simulation) -> [Allocation] {
        simulation.snapshot.allocations.sorted.filter(\.isLive)
    }

    // MARK: - In the place of others

    @Test func whatEndsAnotherStartsOnceThatHasEnded() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(large("low", priority: 20, kind: .batch))
        try simulation.submit(large("everywhere", priority: 80, kind: .system))
        #expect(simulation.report.starts.map(\.name) == ["low.web[0]", "everywhere.web[0]"])
        #expect(simulation.report.starts.map(\.evicted) == [0, 1])
        #expect(simulation.report.stops.map(\.reason) == ["made room for everywhere.web[0]"])
        #expect(live(simulation).map(\.job) == [JobID("everywhere")])
        #expect(live(simulation).map(\.client) == [.running])
    }

    /// Two that wait for the end of one: it knows only one of them.
    @Test func allStartThatWaitForTheEndOfOne() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        bench.commit([.putSchedulingRules(SchedulingRules(preempting: [.service]))])
        let job = large("low", priority: 20)
        bench.register(job)
        bench.look(at: job.id)
        let victim = try #require(bench.live(job.id).first)
        bench.report(victim.id, .running)
        var simulation = Simulation(of: bench.snapshot, at: bench.now)
        try simulation.submit(Job.sample("high", count: 2, cpu: 100, memory: 2000) { $0.priority = 80 })
        #expect(simulation.report.starts.map(\.name) == ["high.web[0]", "high.web[1]"])
        #expect(live(simulation).map(\.client) == [.running, .running])
    }

    @Test func aChangedServiceRunsWhereItsOldInstanceEnded() throws {
        var simulation = simulation(sampleNodes(1))
        var job = large("shop")
        job.groups[0].update = UpdateStrategy()
        try simulation.submit(job)
        simulation.advance(by: .seconds(60))
        job.groups[0].tasks[0].config = ["command": "/bin/other"]
        try simulation.submit(job)
        #expect(simulation.report.starts.map(\.name) == ["shop.web[0]", "shop.web[0]"])
        #expect(simulation.report.stops.map(\.name) == ["shop.web[0]"])
        simulation.advance(by: .seconds(60))
        #expect(live(simulation).map(\.jobVersion) == [1])
        #expect(live(simulation).map(\.client) == [.running])
        let statuses = simulation.snapshot.deployments.sorted.filter { $0.jobVersion == 1 }.map(\.status)
        #expect(statuses == [.successful])
    }

    // MARK: - What is in motion

    @Test func whatIsPlacedAlreadyStarts() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        let job = large("shop")
        bench.register(job)
        bench.look(at: job.id)
        #expect(bench.live(job.id).map(\.client) == [.pending])
        let simulation = Simulation(of: bench.snapshot, at: bench.now)
        #expect(simulation.report.starts.map(\.name) == ["shop.web[0]"])
        #expect(live(simulation).map(\.client) == [.running])
    }

    @Test func whatWasToldToStopEndsAndLeavesItsRoom() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        let (old, new) = (large("old"), large("new"))
        bench.register(old)
        bench.look(at: old.id)
        let allocation = try #require(bench.live(old.id).first)
        bench.report(allocation.id, .running) {
            ($0.desired, $0.desiredDescription) = (.stop, "someone wants it so")
        }
        var record = try #require(bench.snapshot.jobs[old.id])
        record.stopped = true
        bench.commit([.putJob(record)])
        bench.register(new)
        bench.look(at: new.id)
        #expect(bench.live(new.id) == [])
        let simulation = Simulation(of: bench.snapshot, at: bench.now)
        #expect(simulation.report.stops.map(\.reason) == ["someone wants it so"])
        #expect(simulation.report.starts.map(\.name) == ["new.web[0]"])
    }

    /// Its node is there again, and tells of it soon.
    @Test func whatNothingIsKnownOfRunsOnWhereItsNodeIsBack() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        let job = large("shop")
        bench.register(job)
        bench.look(at: job.id)
        let allocation = try #require(bench.live(job.id).first)
        bench.report(allocation.id, .unknown)
        let simulation = Simulation(of: bench.snapshot, at: bench.now)
        #expect(live(simulation).map(\.id) == [allocation.id])
        #expect(live(simulation).map(\.client) == [.running])
        #expect(simulation.report.starts == [])
    }

    // MARK: - Ends

    /// The time counts from the first start; a restart does not make it longer.
    @Test(arguments: [0, 45])
    func whatRunsAlreadyEndsWhenItsTimeIsOver(restartedAfter: Int) throws {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        var job = large("build", kind: .batch)
        job.groups[0].runLimit = RunLimit(.seconds(60))
        bench.register(job)
        bench.look(at: job.id)
        let allocation = try #require(bench.live(job.id).first)
        let first = bench.now
        let last = first + .seconds(restartedAfter)
        bench.report(allocation.id, .running) {
            $0.tasks["main"]?.startedAt = last
            for time in Set([first, last]).sorted() { $0.tasks["main"]?.note(TaskEvent(.started, time: time)) }
        }
        var simulation = Simulation(of: bench.snapshot, at: first + .seconds(50))
        simulation.advance(by: .seconds(9))
        #expect(live(simulation).map(\.client) == [.running])
        simulation.advance(by: .seconds(1))
        #expect(simulation.report.completed == 1)
        #expect(live(simulation) == [])
    }

    @Test func whatIsOverdueEndsAtOnce() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        var job = large("build", kind: .batch)
        job.groups[0].runLimit = RunLimit(.seconds(60))
        bench.register(job)
        bench.look(at: job.id)
        let allocation = try #require(bench.live(job.id).first)
        let start = bench.now
        bench.report(allocation.id, .running) { $0.tasks["main"]?.startedAt = start }
        var simulation = Simulation(of: bench.snapshot, at: bench.now + .seconds(3600))
        simulation.advance(by: .seconds(1))
        #expect(simulation.report.completed == 1)
    }

    /// What a periodic job begins runs for as long as was said of the job.
    @Test func childrenEndWhenTheirTimeIsOver() throws {
        var simulation = simulation(sampleNodes(1))
        var job = large("nightly", kind: .batch)
        job.periodic = PeriodicSpec(["0 * * * *"], prohibitsOverlap: true)
        try simulation.submit(job, lasting: .seconds(600))
        // Which is from a quarter past midnight on.
        simulation.advance(by: .seconds(3 * 3600))
        #expect(simulation.report.starts.count == 3)
        #expect(simulation.report.starts.allSatisfy { $0.name.hasPrefix("nightly/periodic-") })
        #expect(simulation.report.completed == 3)
    }

    /// The report says where it cannot know, and counts what periodic jobs began with those.
    @Test func batchWorkOfWhichNothingSaysHowLongItTakesIsCounted() throws {
        var bench = SchedulingBench(nodes: sampleNodes(3))
        var limited = Job.sample("limited", kind: .batch)
        limited.groups[0].runLimit = RunLimit(.seconds(60))
        for job in [limited, Job.sample("old", count: 2, kind: .batch), Job.sample("shop")] {
            bench.register(job)
            bench.look(at: job.id)
            for allocation in bench.live(job.id) { bench.report(allocation.id, .running) }
        }
        var simulation = Simulation(of: bench.snapshot, at: bench.now)
        #expect(simulation.report.endless == [JobID("old"): 2])
        try simulation.submit(Job.sample("new", kind: .batch))
        try simulation.submit(Job.sample("short", kind: .batch), lasting: .seconds(60))
        try simulation.submit(Job.sample("often", kind: .batch) { $0.periodic = PeriodicSpec(["0 * * * *"]) })
        simulation.advance(by: .seconds(2 * 3600))
        #expect(simulation.report.endless == [JobID("old"): 2, JobID("new"): 1, JobID("often"): 2])
    }

    /// Without that, a service would end and begin again for ever at one moment.
    @Test func nothingTakesNoTime() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(large("shop"), lasting: .zero)
        simulation.advance(by: .milliseconds(999))
        #expect(simulation.report.completed == 0)
        simulation.advance(by: .milliseconds(1))
        #expect(simulation.report.completed == 1)
    }

    // MARK: - Silence

    /// What its servers wait for is a matter of seconds: the lease that they grant counts.
    @Test func whatMightStillRunUnderALeaseIsReplacedWhenThatIsOver() throws {
        var silence = SilenceBench { group in
            group.atMostOne = true
            group.tasks[0].killTimeout = .seconds(5)
        }
        silence.fallSilent()
        #expect(silence.states == ["run/unknown"])
        var simulation = Simulation(
            of: silence.head, at: silence.bench.now.wall, configuration: silence.bench.core.configuration)
        simulation.advance(by: .seconds(6))
        #expect(simulation.report.starts == [])
        simulation.advance(by: .seconds(1))
        #expect(simulation.report.starts.map(\.name) == ["web.all[0]"])
        #expect(simulation.snapshot.allocations.sorted.map(\.client).contains(.lost))
    }

    @Test func noMachineIsLostForNothingBeingHeardOfIt() throws {
        var simulation = simulation(sampleNodes(2))
        simulation.add(like: sampleNodes(1)[0], count: 1)
        simulation.advance(by: .seconds(86_400))
        #expect(simulation.snapshot.nodes.sorted.map(\.status) == [.ready, .ready, .ready])
    }

    // MARK: - Names

    @Test func machinesThatJoinHaveNamesOfTheirOwn() {
        var nodes = sampleNodes(2)
        nodes[1].name = "n1-2"
        var simulation = simulation(nodes)
        simulation.add(like: nodes[0], count: 2)
        simulation.add(like: nodes[0], count: 1)
        let names = simulation.snapshot.nodes.sorted.map(\.name).sorted()
        #expect(names == ["n1", "n1-1", "n1-2", "n1-3", "n1-4"])
    }
}
