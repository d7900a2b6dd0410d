import ClusterTesting
import Synchronization
import Testing

@testable import ClusterKit

@Suite struct SimulationTests {
    private static let start = WallTime(nanoseconds: 1_000_000_000_000)

    /// Four nodes with 4 cores (10,000 MHz) and 4 GiB each, unless said otherwise.
    private func simulation(_ nodes: [Node] = sampleNodes(4), seed: UInt64 = 1) -> Simulation {
        let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        return Simulation(of: snapshot, at: Self.start, seed: seed)
    }

    /// Takes a whole node.
    private func large(_ id: String, count: Int = 1, kind: JobKind = .batch) -> Job {
        .sample(id, count: count, cpu: 100, memory: 4000, kind: kind)
    }

    @Test func aJobStartsAtOnceWhereItFits() throws {
        var simulation = simulation()
        try simulation.submit(Job.sample(count: 3))
        #expect(simulation.report.starts.map(\.name) == ["shop.web[0]", "shop.web[1]", "shop.web[2]"])
        #expect(simulation.report.starts.allSatisfy { $0.wait == .zero && $0.node.hasPrefix("n") })
        #expect(Unplaced.all(in: simulation.snapshot) == [])
    }

    @Test func whatDoesNotFitWaitsUntilSomethingEnds() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(large("first"), lasting: .seconds(600))
        try simulation.submit(large("second"), lasting: .seconds(60))
        let waiting = Unplaced.all(in: simulation.snapshot)
        #expect(waiting.map(\.job) == [JobID("second")])
        #expect(waiting.first?.refusal.exhausted == ["memory": 1])
        simulation.finish(within: .seconds(3600))
        #expect(simulation.report.starts.map(\.wait) == [.zero, .seconds(600)])
        #expect(simulation.report.completed == 2)
        #expect(simulation.report.end == Self.start + .seconds(660))
        #expect(simulation.report.waits.longest == .seconds(600))
        #expect(simulation.report.waits.waiting == 1)
    }

    @Test func machinesThatAServerRefusesAreNamed() {
        var simulation = simulation()
        var node = sampleNodes(5)[4]
        node.devices = [DeviceGroup(name: DeviceName(vendor: "", kind: "gpu", model: "x"))]
        simulation.add(node)
        simulation.add(like: node, count: 2)
        #expect(simulation.snapshot.nodes.count == 4)
        #expect(simulation.report.failures.count == 3)
        let first = simulation.report.failures.first ?? ""
        #expect(first.hasPrefix("node n5 cannot be registered: ") && first.contains("must have a vendor"))
        node.devices = []
        simulation.add(node)
        #expect(simulation.snapshot.nodes.count == 5 && simulation.report.failures.count == 3)
    }

    @Test func submissionsComeInAtTheirTime() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.plan([
            Submission(after: .seconds(100), job: large("late"), lasting: .seconds(10)),
            Submission(after: .seconds(50), job: large("early"), lasting: .seconds(80)),
        ])
        #expect(simulation.report.starts == [])
        simulation.advance(by: .seconds(60))
        #expect(simulation.report.starts.map(\.name) == ["early.web[0]"])
        simulation.advance(by: .seconds(3600))
        #expect(simulation.report.starts.map(\.wait) == [.zero, .seconds(30)])
        #expect(simulation.time == Self.start + .seconds(3660))
    }

    @Test func submissionsThatHaveNotComeInAreCounted() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.plan(
            [10, 20, 30].map { Submission(after: .seconds($0), job: large("job-\($0)"), lasting: .seconds(5)) })
        #expect(simulation.report.unplayed == 3)
        simulation.advance(by: .seconds(20))
        #expect(simulation.report.unplayed == 1)
        simulation.finish(within: .seconds(3600))
        #expect(simulation.report.unplayed == 0)
    }

    /// A job that is refused runs on as it is, for as long as was said before.
    @Test func aRefusedSubmissionLeavesTheJobAlone() throws {
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1), records: sampleNodes(1).map(Change.putNode))
        // A quarter to six in the evening of a day in April 1970.
        var simulation = Simulation(of: snapshot, at: WallTime(nanoseconds: 10_000_000_000_000_000))
        var job = large("often")
        job.periodic = PeriodicSpec(["0 * * * *"])
        try simulation.submit(job, lasting: .seconds(60))
        job.periodic = PeriodicSpec(["0 0 1 1 * 1970"])
        try simulation.plan([Submission(after: .seconds(1), job: job, lasting: .seconds(3000))])
        simulation.advance(by: .seconds(3600))
        #expect(simulation.report.failures.count == 1, "\(simulation.report.failures)")
        #expect(simulation.report.completed == 1)
    }

    // MARK: - Time zones

    private func daily(_ id: String, in zone: String) -> Job {
        .sample(id, kind: .batch) { $0.periodic = PeriodicSpec(["0 2 * * *"], timeZone: zone) }
    }

    /// Two in the morning is one in universal time; the simulation begins at 00:16:40.
    @Test func schedulesGoByTheirTimeZones() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(daily("report", in: "Europe/Zurich"), lasting: .seconds(60))
        simulation.advance(by: .seconds(3600))
        #expect(simulation.report.failures == [])
        #expect(simulation.report.starts.map { $0.time - Self.start } == [.seconds(2600)])
    }

    @Test func jobsWhoseTimeZoneIsNotKnownAreNamed() throws {
        let known = JobRecord(job: daily("old", in: "Mars/Olympus"), submitTime: Self.start)
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1),
            records: sampleNodes(1).map(Change.putNode) + [.putJob(known)])
        var simulation = Simulation(
            of: snapshot, at: Self.start, scheduler: BinPackScheduler(), configuration: ServerConfiguration(), seed: 1
        ) { name throws(ClusterError) in throw ClusterError(.invalid, "nobody has heard of \(name)") }
        try simulation.submit(daily("new", in: "Mars/Olympus"))
        try simulation.submit(daily("other", in: "UTC"))
        // Once more says nothing new.
        try simulation.submit(daily("new", in: "Mars/Olympus"))
        #expect(
            simulation.report.failures == [
                "old does not begin by itself here: nobody has heard of Mars/Olympus",
                "new does not begin by itself here: nobody has heard of Mars/Olympus",
            ])
    }

    // MARK: - Bounds

    @Test func noMoreEventsArePlayedThanAllowed() throws {
        var simulation = simulation(sampleNodes(1))
        simulation.mostEvents = 50
        try simulation.submit(large("shop", kind: .service), lasting: .seconds(1))
        simulation.advance(by: .seconds(3600))
        let starts = simulation.report.starts.count
        #expect(starts > 5 && starts < 50)
        #expect(simulation.time < Self.start + .seconds(60) && simulation.report.end == simulation.time)
        simulation.advance(by: .seconds(3600))
        #expect(simulation.report.starts.count == starts)
        #expect(simulation.report.failures.count == 1)
        #expect(simulation.report.failures.first?.hasPrefix("after 50 events no more time passed") == true)
    }

    /// Whoever asked may wait no longer: an hour may hold any number of events.
    @Test func noMoreTimePassesOnceNobodyWaits() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(large("shop", kind: .service), lasting: .seconds(1))
        let asked = Mutex(0)
        simulation.goesOn = {
            asked.withLock { count in
                count += 1
                return count < 3
            }
        }
        simulation.advance(by: .seconds(600))
        let starts = simulation.report.starts.count
        #expect(starts > 100 && simulation.time < Self.start + .seconds(600))
        simulation.advance(by: .seconds(600))
        #expect(simulation.report.starts.count == starts && simulation.report.failures == [])
    }

    /// What each of them starts would otherwise be told to the end.
    @Test func noMoreMachinesJoinOnceNobodyWaits() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(Job.sample("everywhere", kind: .system))
        var left = simulation
        left.goesOn = { false }
        left.add(like: sampleNodes(1)[0], count: 10)
        #expect(left.snapshot.nodes.count == 1)
        // All join, and then tell one after the other what they started.
        let asked = Mutex(0)
        simulation.goesOn = {
            asked.withLock { count in
                count += 1
                return count < 3
            }
        }
        simulation.add(like: sampleNodes(1)[0], count: 600)
        let running = simulation.snapshot.allocations.unordered.count { $0.client == .running }
        #expect(simulation.snapshot.nodes.count == 601 && simulation.snapshot.allocations.count == 601)
        #expect(running == 256)
    }

    @Test func noMoreIsToldThanEventsAreAllowed() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(Job.sample("everywhere", kind: .system))
        simulation.mostEvents = 50
        simulation.add(like: sampleNodes(1)[0], count: 100)
        let running = simulation.snapshot.allocations.unordered.count { $0.client == .running }
        #expect(running > 1 && running < 50)
        #expect(simulation.report.failures.count == 1)
    }

    // MARK: - Machines

    @Test func aMachineThatDiesLosesItsWork() throws {
        var simulation = simulation(sampleNodes(2))
        try simulation.submit(large("shop", kind: .service))
        let node = try #require(simulation.snapshot.allocations.sorted.first?.node)
        try simulation.remove(node)
        #expect(simulation.report.starts.count == 2)
        let live = simulation.snapshot.allocations.sorted.filter(\.isLive)
        #expect(live.count == 1 && live.first?.node != node && live.first?.client == .running)
        #expect(simulation.report.stops.map(\.name) == ["shop.web[0]"])
        #expect(simulation.report.stops.first?.reason.isEmpty == false)
    }

    /// What is waited for when a machine falls silent is not waited for here: it is dead for certain.
    @Test func whatADeadMachineMightStillRunIsPlacedElsewhereToo() throws {
        for isFenced in [true, false] {
            var simulation = simulation(sampleNodes(2))
            var job = large("shop", kind: .service)
            job.groups[0].atMostOne = isFenced
            if !isFenced { job.groups[0].disconnect = DisconnectPolicy(lostAfter: .seconds(3600), replaces: false) }
            try simulation.submit(job)
            let node = try #require(simulation.snapshot.allocations.sorted.first?.node)
            try simulation.remove(node)
            #expect(simulation.report.stops.map(\.name) == ["shop.web[0]"])
            #expect(simulation.report.starts.count == 2)
        }
    }

    @Test func aDrainedMachineIsEmptied() throws {
        var simulation = simulation(sampleNodes(2))
        try simulation.submit(large("shop", kind: .service))
        let node = try #require(simulation.snapshot.allocations.sorted.first?.node)
        try simulation.drain(node)
        #expect(simulation.report.stops.map(\.name) == ["shop.web[0]"])
        #expect(!simulation.snapshot.allocations(on: node).contains { !$0.isTerminal })
        #expect(simulation.snapshot.allocations.sorted.count { $0.isLive } == 1)
    }

    /// The rules of a drain hold where it has time: one instance after the other, each once the one before is well.
    @Test func aDrainWithTimeGoesByTheRules() throws {
        var simulation = simulation(sampleNodes(1))
        try simulation.submit(Job.sample("shop", count: 2, cpu: 10, memory: 100))
        let node = try #require(simulation.snapshot.nodes.sorted.first?.id)
        simulation.add(sampleNodes(2)[1])
        try simulation.drain(node, limit: .after(.seconds(600)))
        #expect(simulation.report.stops.count == 1, "\(simulation.report.stops)")
        simulation.advance(by: .seconds(9))
        #expect(simulation.report.stops.count == 1)
        simulation.advance(by: .seconds(2))
        #expect(simulation.report.stops.count == 2)
        #expect(simulation.report.stops.allSatisfy { $0.reason.contains("drain") }, "\(simulation.report.stops)")
    }

    @Test func whatMayRunForALimitedTimeEndsThen() throws {
        var simulation = simulation(sampleNodes(1))
        var job = Job.sample("shop", cpu: 10, memory: 100, kind: .batch)
        job.groups[0].runLimit = RunLimit(.seconds(60))
        try simulation.submit(job, lasting: .seconds(3600))
        simulation.advance(by: .seconds(59))
        #expect(simulation.snapshot.allocations.sorted.map(\.client) == [.running])
        simulation.advance(by: .seconds(1))
        #expect(simulation.snapshot.allocations.sorted.first?.client == .complete)
    }

    @Test func whatWaitsForOtherWorkSaysSo() throws {
        var simulation = simulation(sampleNodes(1))
        var job = Job.sample("shop", cpu: 10, memory: 100)
        job.after = [JobDependency(JobID("db"))]
        try simulation.submit(job)
        #expect(simulation.unplaced().map(\.refusal.awaits) == [["job db is not registered yet"]])
    }

    /// Reasons are those of the end, not those of the moment when something began to wait.
    @Test func reasonsAreThoseOfNow() throws {
        var simulation = simulation(sampleNodes(2))
        try simulation.submit(large("filler", kind: .service))
        try simulation.submit(Job.sample("big", memory: 100_000))
        let node = try #require(simulation.snapshot.allocations.sorted.first?.node)
        try simulation.remove(node)
        let name = try #require(simulation.snapshot.nodes.sorted.first { $0.takesWork }?.name)
        try simulation.stop(JobID("filler"))
        #expect(
            simulation.unplaced().map(\.refusal.shortages) == [
                ["memory: needs 100000 MiB, most free is 4096 MiB on \(name) (1 node looked at)"]
            ])
    }

    @Test func movesThatWouldEmptyMachinesAreShown() throws {
        var simulation = simulation(sampleNodes(2))
        try simulation.submit(Job.sample("one", cpu: 10, memory: 2000))
        try simulation.submit(Job.sample("two", cpu: 10, memory: 2050))
        try simulation.submit(Job.sample("three", cpu: 10, memory: 2000))
        try simulation.stop(JobID("one"))
        let before = simulation.snapshot.revision
        let plan = simulation.tidying(budget: 5)
        #expect(plan.moves.map(\.name) == ["three.web[0]"] && plan.emptied.count == 1)
        #expect(simulation.snapshot.revision == before)
        #expect(simulation.tidying(budget: 0).moves == [])
    }

    @Test func moreMachinesTakeWhatWaits() throws {
        let nodes = sampleNodes(1)
        var simulation = simulation(nodes)
        try simulation.submit(large("shop", count: 3, kind: .service))
        #expect(Unplaced.all(in: simulation.snapshot).map(\.count) == [2])
        simulation.add(like: nodes[0], count: 2)
        #expect(Unplaced.all(in: simulation.snapshot) == [])
        #expect(Set(simulation.report.starts.map(\.node)) == ["n1", "n1-1", "n1-2"])
        #expect(Packing(of: simulation.snapshot).used == 3)
        #expect(Packing(of: simulation.snapshot).lowerBound == 3)
    }

    /// One after the other, a hundred machines would have all that waits asked a hundred times.
    @Test func machinesThatJoinTogetherAreLookedAtTogether() throws {
        var simulation = simulation(sampleNodes(2))
        try simulation.submit(large("shop", count: 4, kind: .service))
        let before = simulation.core.plans
        simulation.add(like: sampleNodes(1)[0], count: 100)
        #expect(Unplaced.all(in: simulation.snapshot) == [])
        #expect(simulation.core.plans - before == 1)
    }

    /// A job that runs on each of them is looked at once, and at once: nobody else comes whom the look could wait for.
    @Test(arguments: [2, 1000]) func aJobThatRunsEverywhereLooksAtThemTogether(before count: Int) throws {
        var nodes = sampleNodes(count)
        nodes[0].meta["rack"] = "r1"
        var simulation = simulation(nodes)
        try simulation.submit(
            Job.sample("everywhere", kind: .system) { $0.constraints = [Constraint("${meta.rack}", .equal, "r1")] })
        let before = simulation.core.plans
        simulation.add([(like: nodes[0], count: 60), (like: nodes[1], count: 1), (like: nodes[0], count: 40)])
        #expect(simulation.core.plans - before == 1)
        #expect(simulation.report.starts.count == 101)
        let names = Set(simulation.snapshot.nodes.unordered.map(\.name))
        #expect(names.count == count + 101 && names.contains("n1-100") && names.contains("n2-1"))
    }

    @Test func whatIsTriedOutLeavesTheStateAlone() throws {
        let original = simulation()
        var copy = original
        try copy.submit(Job.sample(count: 3))
        #expect(original.snapshot.allocations.count == 0)
        #expect(original.report.starts == [])
        #expect(copy.snapshot.allocations.count == 3)
    }

    @Test func theSameSeedGivesTheSameReport() throws {
        let run = { (seed: UInt64) in
            var simulation = simulation(sampleNodes(3), seed: seed)
            try simulation.plan(
                (0..<40).map { number in
                    Submission(
                        after: .seconds(number * 7), job: .sample("job-\(number)", count: 1 + number % 3, kind: .batch),
                        lasting: .seconds(30 + number % 5 * 40))
                })
            simulation.finish(within: .seconds(7200))
            return (simulation.report, simulation.snapshot.allocations.sortedKeys)
        }
        let (first, second) = (try run(3), try run(3))
        #expect(first.0 == second.0 && first.1 == second.1)
        #expect(first.0.completed == 79)
        #expect(try run(4).1 != first.1)
    }

    @Test func mistakesAreNamed() throws {
        var simulation = simulation()
        #expect(throws: ClusterError.self) { try simulation.submit(Job(id: JobID("empty"))) }
        #expect(throws: ClusterError.self) { try simulation.remove(NodeID(high: 9, low: 9)) }
        #expect(throws: ClusterError.self) { try simulation.drain(NodeID(high: 9, low: 9)) }
        #expect(throws: ClusterError.self) { try simulation.stop(JobID("none")) }
        #expect(throws: ClusterError.self) {
            try simulation.plan([Submission(after: .zero, job: Job(id: JobID("empty")))])
        }
        #expect(simulation.report.starts == [] && simulation.snapshot.jobs.count == 0)
    }

    @Test func packingCountsTheLargestNodesFirst() {
        var nodes = sampleNodes(3)
        nodes[1].capacity.memoryMiB = 16_384
        var snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        #expect(Packing(of: snapshot).lowerBound == 0)
        let held = (0..<3).map { number in
            Change.putAllocation(
                Allocation(
                    id: AllocationID(high: 1, low: UInt64(number)), job: JobID("j"), jobVersion: 0, group: "g",
                    index: number, node: nodes[number].id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
                    resources: AllocatedResources(total: Resources(memoryMiB: 4096)), time: Self.start))
        }
        snapshot.apply(ChangeBatch(revision: Revision(2), epoch: Epoch(1), time: Self.start, changes: held))
        let packing = Packing(of: snapshot)
        #expect((packing.nodes, packing.used, packing.lowerBound) == (3, 3, 1))
        #expect(abs(packing.memoryShare - 12_288 / 24_576) < 1e-12)
    }
}
