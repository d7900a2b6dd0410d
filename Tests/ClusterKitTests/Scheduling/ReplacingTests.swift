import ClusterTesting
import Testing

@testable import ClusterKit

/// Changed jobs where no node has room for the new instance beside the old one.
@Suite struct ReplacingTests {
    private var bench = CoreBench()

    private func live(_ job: String) -> [Allocation] {
        bench.core.head.allocations(of: JobID(job)).filter(\.isLive)
    }

    private func waiting(_ job: String) -> Evaluation? {
        bench.core.head.evaluations(of: JobID(job)).first { $0.status == .blocked }
    }

    private mutating func register(_ job: Job) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    private mutating func report(_ allocations: [Allocation], _ client: ClientStatus) {
        for (node, allocations) in Dictionary(grouping: allocations, by: \.node).sorted(by: { $0.key < $1.key }) {
            _ = bench.ask(.report(node, allocations.map { AllocationReport(id: $0.id, client: client) }))
        }
        bench.write()
    }

    /// Nodes have 4,000 MHz.
    private func web(_ cpuMHz: Int, count: Int = 1, command: String = "/bin/true") -> Job {
        var job = makeJob("web", count: count, cpuMHz: cpuMHz)
        job.groups[0].tasks[0].config = ["command": .string(command)]
        return job
    }

    @Test mutating func theNewInstanceHasTheRoomOfTheOldOne() throws {
        let node = bench.addNode(1)
        register(web(3000))
        report(live("web"), .running)
        register(makeJob("batch", cpuMHz: 2500, kind: .batch))
        #expect(waiting("batch") != nil)
        let old = try #require(live("web").first)

        register(web(3500, command: "/bin/false"))
        let new = try #require(live("web").first)
        #expect(live("web").count == 1 && new.node == node && new.previous == old.id && new.preempted == [old.id])
        #expect(bench.core.head.allocations[old.id]?.desired == .stop && waiting("web") == nil)
        #expect(bench.core.head.allocations[old.id]?.preemptedBy == nil)
        let view = { (bench: CoreBench) in Assignments(for: node, in: bench.core.head).allocations.map(\.allocation.id)
        }
        #expect(view(bench) == [old.id], "it is begun when the other has ended")
        report([old], .complete)
        #expect(view(bench) == [new.id])
        #expect(live("batch").isEmpty, "what waits does not get the room between")
    }

    @Test mutating func whatFindsNoRoomEvenSoLeavesTheOldOneRunning() throws {
        _ = bench.addNode(1)
        register(web(2500))
        report(live("web"), .running)
        register(makeJob("other", cpuMHz: 1000))
        let old = try #require(live("web").first)
        register(web(3500))
        #expect(live("web").map(\.id) == [old.id] && waiting("web")?.queued == ["all": 1])

        let other = live("other")
        _ = bench.ask(.stop(JobID("other"), purge: false))
        bench.write()
        report(other, .complete)
        #expect(live("web").map(\.preempted) == [[old.id]] && waiting("web") == nil)
    }

    @Test mutating func rulesCountTheOldOneAsGone() {
        for number in 1...3 { _ = bench.addNode(UInt64(number)) }
        var job = web(500, count: 3)
        job.constraints = [Constraint("", .distinctHosts, "true")]
        job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 8080)])
        register(job)
        report(live("web"), .running)
        let before = live("web")
        job.groups[0].tasks[0].config = ["command": "/bin/false"]
        register(job)
        #expect(live("web").count == 3 && waiting("web") == nil)
        #expect(Set(live("web").map(\.node)) == Set(before.map(\.node)))
        #expect(live("web").allSatisfy { $0.preempted == [$0.previous].compactMap { $0 } && $0.previous != nil })
    }

    @Test mutating func anotherNodeThatHasRoomComesFirst() throws {
        let first = bench.addNode(1)
        register(web(3000))
        report(live("web"), .running)
        let second = bench.addNode(2)
        register(web(3100))
        #expect(live("web").map(\.node) == [second] && live("web").first?.preempted == [])
        #expect(first != second)
    }

    @Test mutating func whatRunsOnEveryNodeIsReplacedWhereItRuns() throws {
        let node = bench.addNode(1)
        var job = makeJob("watch", cpuMHz: 3000, kind: .system)
        register(job)
        report(live("watch"), .running)
        let old = try #require(live("watch").first)
        job.groups[0].tasks[0].resources.cpuMHz = 3900
        register(job)
        #expect(live("watch").map(\.preempted) == [[old.id]] && live("watch").map(\.node) == [node])
    }

    /// Two nodes run `job`, and the first one is full: the next version of 3,500 MHz has no room there.
    private mutating func crowd(_ job: Job) throws -> (full: NodeID, free: NodeID, filler: [Allocation]) {
        let full = bench.addNode(1)
        register(makeJob("filler", cpuMHz: 1000))
        report(live("filler"), .running)
        let free = bench.addNode(2)
        register(job)
        report(live(job.id.id), .running)
        #expect(Set(live(job.id.id).map(\.node)) == [full, free])
        return (full, free, live("filler"))
    }

    @Test(arguments: [JobKind.system, .service])
    mutating func whoHasNoRoomHoldsNobodyUp(_ kind: JobKind) throws {
        var job = makeJob("web", count: kind == .system ? 1 : 2, cpuMHz: 2500, kind: kind)
        job.constraints = [Constraint("", .distinctHosts, "true")]
        job.update = UpdateStrategy(maxParallel: 1)
        let (full, free, filler) = try crowd(job)
        job.groups[0].tasks[0].resources.cpuMHz = 3500
        register(job)
        let version = bench.core.head.jobs[job.id]?.version
        func newest() -> Set<NodeID> { Set(live("web").filter { $0.jobVersion == version }.map(\.node)) }
        #expect(newest() == [free] && live("web").count == 2, "the other runs on as it is")
        #expect(waiting("web")?.queued == ["all": 1])
        // Of a service the one that changed has to be well before the next.
        guard kind == .system else { return }
        _ = bench.ask(.stop(JobID("filler"), purge: false))
        bench.write()
        report(filler, .complete)
        #expect(newest() == [full, free] && waiting("web") == nil, "its turn came when it had room")
    }

    /// An instance that has no node is no reason for the others to stay as they are, and for no more of them to change.
    @Test(arguments: [1, 2]) mutating func whoIsMissingHoldsNobodyUp(_ missing: Int) throws {
        for number in 1...4 { _ = bench.addNode(UInt64(number)) }
        var job = web(500, count: 4)
        job.constraints = [Constraint("", .distinctHosts, "true")]
        job.update = UpdateStrategy(maxParallel: 1, healthCheck: "manual")
        register(job)
        report(live("web"), .running)
        for number in 0..<missing {
            _ = bench.ask(.purgeNode(NodeID(high: 1, low: UInt64(4 - number))))
            bench.write()
        }
        #expect(live("web").count == 4 - missing && waiting("web")?.queued == ["all": missing])
        job.groups[0].tasks[0].config = ["command": "/bin/false"]
        register(job)
        let version = bench.core.head.jobs[job.id]?.version
        for changed in 1...(4 - missing) {
            let new = live("web").filter { $0.jobVersion == version }
            #expect(new.count == changed && live("web").count == 4 - missing, "one at a time")
            report(live("web").filter { $0.client == .pending }, .running)
            let deployment = try #require(bench.core.head.deployments(of: job.id).last)
            _ = bench.ask(.orderDeployment(deployment.id, .judge(healthy: new.map(\.id), unhealthy: [])))
            bench.write()
        }
        #expect(waiting("web")?.queued == ["all": missing])
        _ = bench.addNode(9)
        #expect(live("web").count == 5 - missing, "it has its turn when it has room")
    }

    /// Lets time pass with the node heard of.
    private mutating func pass(_ seconds: Int, on node: NodeID) {
        for _ in 0..<seconds {
            bench.pass(.seconds(1))
            _ = bench.ask(.heartbeat(node))
            bench.write()
        }
    }

    @Test mutating func theTimeToBecomeWellBeginsWithTheRoom() throws {
        let node = bench.addNode(1)
        var job = web(3000)
        job.update = UpdateStrategy(maxParallel: 1, healthyDeadline: .seconds(30))
        register(job)
        report(live("web"), .running)
        let old = try #require(live("web").first)
        job.groups[0].tasks[0].resources.cpuMHz = 3500
        register(job)
        let new = try #require(live("web").first)
        #expect(new.preempted == [old.id])
        pass(60, on: node)
        #expect(bench.core.head.allocations[new.id]?.health == nil, "the old one has not ended")
        report([old], .complete)
        pass(20, on: node)
        #expect(bench.core.head.allocations[new.id]?.health == nil)
        pass(15, on: node)
        #expect(bench.core.head.allocations[new.id]?.health?.isHealthy == false)
    }

    @Test mutating func whatRunsOnlyOnceEndsBeforeTheOtherIsPlaced() throws {
        _ = bench.addNode(1)
        var job = web(3000)
        job.groups[0].atMostOne = true
        register(job)
        report(live("web"), .running)
        let old = try #require(live("web").first)
        job.groups[0].tasks[0].resources.cpuMHz = 3500
        register(job)
        #expect(live("web").isEmpty && bench.core.head.allocations[old.id]?.desired == .stop)
        report([old], .complete)
        #expect(live("web").map(\.previous) == [old.id])
    }

    /// With and without the index.
    @Test(arguments: [1, Int.max]) func aNodeThatIsKeptForOthersIsNotUsed(_ indexedFrom: Int) throws {
        var bench = PlacementBench(sites([("a", 2)]), scheduler: BinPackScheduler(indexedFrom: indexedFrom))
        var job = makeJob("web", cpuMHz: 6000)
        job.groups[0].name = "web"
        let placed = bench.place(job, times: 2)
        #expect(bench.names(placed) == ["a1", "a2"])
        let (first, second) = (bench.snapshot.nodes.sorted[0].id, bench.snapshot.nodes.sorted[1].id)
        let old = try #require(bench.snapshot.allocations(on: first).first)
        let kept = bench.place(job) { ($0.replacing, $0.withheld) = (old.id, [first]) }
        #expect(bench.names(kept) == ["-"])
        let elsewhere = bench.place(job) { ($0.replacing, $0.pinned) = (old.id, second) }
        #expect(bench.names(elsewhere) == ["-"])
        let stranger = bench.place(makeJobLike(job, "other")) { $0.replacing = old.id }
        #expect(bench.names(stranger) == ["-"], "it may not end for another job")
        let taken = bench.place(job) { $0.replacing = old.id }
        #expect(bench.names(taken) == ["a1"])
        let again = bench.place(job) { $0.replacing = old.id }
        #expect(bench.names(again) == ["-"], "it ends for one only")
    }

    private func makeJobLike(_ job: Job, _ id: String) -> Job {
        var other = job
        other.id = JobID(id)
        return other
    }
}
