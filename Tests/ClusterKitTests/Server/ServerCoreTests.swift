import Testing

@testable import ClusterKit

/// Drives a server core by hand: events in, effects out, under a clock that the test moves.
struct CoreBench {
    var core: ServerCore
    var entropy = Entropy(seed: 1)
    var now = Now(wall: WallTime(nanoseconds: 1_000_000_000_000), uptime: Uptime(nanoseconds: 0))
    var effects: [ServerCore.Effect] = []
    private var nextRequest: UInt64 = 0
    /// What has been written and confirmed.
    var log: [ChangeBatch] = []

    init(configuration: ServerConfiguration = ServerConfiguration(), head: Snapshot = Snapshot()) {
        core = ServerCore(configuration: configuration, scheduler: BinPackScheduler())
        tell(.led(Epoch(head.epoch.number + 1), head))
    }

    mutating func tell(_ event: ServerCore.Event) {
        core.handle(event, at: now, using: &entropy, into: &effects)
    }

    mutating func ask(_ request: ServerRequest) -> UInt64 {
        nextRequest += 1
        tell(.request(nextRequest, request))
        return nextRequest
    }

    mutating func pass(_ duration: Duration) {
        now.uptime = now.uptime + duration
        now.wall = now.wall + duration
        core.wake(at: now, using: &entropy, into: &effects)
    }

    /// The batches that the core wants written, if any.
    mutating func takeAppend() -> (group: [ChangeBatch], head: Snapshot)? {
        for (place, effect) in effects.enumerated() {
            guard case .append(let group, let head) = effect else { continue }
            effects.remove(at: place)
            return (group, head)
        }
        return nil
    }

    /// Confirms writes until there are none.
    mutating func write() {
        while let (group, _) = takeAppend() {
            log += group
            tell(.appended)
        }
    }

    func reply(to id: UInt64) -> Result<ServerReply, ClusterError>? {
        for case .reply(id, let result) in effects { return result }
        return nil
    }

    func receipt(for id: UInt64) -> Receipt? {
        guard case .success(.receipt(let receipt)) = reply(to: id) else { return nil }
        return receipt
    }

    mutating func addNode(_ number: UInt64, cpuMHz: Int = 4000) -> NodeID {
        let id = NodeID(high: 1, low: number)
        let node = Node(
            id: id, name: "node-\(number)", capacity: Resources(cpuMHz: cpuMHz, memoryMiB: 8192, diskMiB: 100_000),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        _ = ask(.registerNode(node))
        write()
        return id
    }
}

func makeJob(_ id: String = "web", count: Int = 1, cpuMHz: Int = 500, kind: JobKind = .service) -> Job {
    let task = TaskSpec(name: "main", config: ["command": "/bin/true"], resources: TaskResources(cpuMHz: cpuMHz))
    return Job(id: JobID(id), kind: kind, groups: [TaskGroup(name: "all", count: count, tasks: [task], kind: kind)])
}

@Suite struct ServerCoreTests {
    @Test func answersOnlyWhenDurable() {
        var bench = CoreBench()
        let id = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        #expect(bench.reply(to: id) == nil)
        bench.write()
        #expect(bench.receipt(for: id)?.evaluation != nil)
    }

    @Test func gathersWhileTheStoreWrites() throws {
        var bench = CoreBench()
        _ = bench.ask(.register(makeJob("a"), source: nil, ifUnchangedSince: nil))
        let begun = bench.takeAppend()
        let first = try #require(begun)
        _ = bench.ask(.register(makeJob("b"), source: nil, ifUnchangedSince: nil))
        _ = bench.ask(.register(makeJob("c"), source: nil, ifUnchangedSince: nil))
        let early = bench.takeAppend()
        #expect(early?.group == nil, "one write at a time")
        bench.tell(.appended)
        let continued = bench.takeAppend()
        let second = try #require(continued)
        let places = (first.group + second.group).map(\.revision.number)
        #expect(places == Array(1...UInt64(places.count)), "every revision once, in order")
        #expect(second.head.jobs.count == 3)
    }

    @Test func placesWhatFits() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = bench.ask(.register(makeJob(count: 3), source: nil, ifUnchangedSince: nil))
        bench.write()
        let allocations = bench.core.head.allocations(of: JobID("web"))
        #expect(allocations.map(\.index).sorted() == [0, 1, 2])
        #expect(allocations.allSatisfy { $0.node == node && $0.desired == .run && $0.epoch == Epoch(1) })
    }

    @Test func waitingWorkIsPlacedWhenANodeComes() {
        var bench = CoreBench()
        let id = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        bench.write()
        let evaluation = bench.receipt(for: id)?.evaluation.flatMap { bench.core.head.evaluations[$0] }
        #expect(evaluation?.status == .complete)
        let blocked = evaluation?.blocked.flatMap { bench.core.head.evaluations[$0] }
        #expect(blocked?.status == .blocked)
        _ = bench.addNode(1)
        #expect(bench.core.head.allocations(of: JobID("web")).count == 1)
        #expect(blocked.flatMap { bench.core.head.evaluations[$0.id]?.status } == .complete)
    }

    @Test func higherPriorityWaitsLess() {
        var bench = CoreBench()
        for (name, priority) in [("low", 20), ("high", 80), ("middle", 50)] {
            var job = makeJob(name, cpuMHz: 4000)
            job.priority = priority
            _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        }
        bench.write()
        _ = bench.addNode(1)
        let head = bench.core.head
        #expect(head.allocations(of: JobID("high")).count == 1)
        #expect(head.allocations(of: JobID("middle")).isEmpty && head.allocations(of: JobID("low")).isEmpty)
    }

    @Test func silentNodesAreLostAfterTTLAndGrace() {
        let configuration = ServerConfiguration(heartbeatTTL: .seconds(5), heartbeatGrace: .seconds(3))
        var bench = CoreBench(configuration: configuration)
        let (first, second) = (bench.addNode(1), bench.addNode(2))
        _ = bench.ask(.register(makeJob(count: 1), source: nil, ifUnchangedSince: nil))
        bench.write()
        let placed = bench.core.head.allocations(of: JobID("web"))[0]
        let other = placed.node == first ? second : first
        bench.pass(.seconds(7))
        _ = bench.ask(.heartbeat(other))
        #expect(bench.core.head.nodes[placed.node]?.status == .ready)
        bench.pass(.seconds(2))
        bench.write()
        #expect(bench.core.head.nodes[placed.node]?.status == .down)
        #expect(bench.core.head.nodes[other]?.status == .ready)
        let allocations = bench.core.head.allocations(of: JobID("web"))
        #expect(allocations.first { $0.id == placed.id }?.client == .lost)
        #expect(allocations.filter(\.isLive).map(\.node) == [other])
        #expect(allocations.filter(\.isLive).map(\.index) == [placed.index])
    }

    @Test func nodesGetAWholeTermFromANewLeader() {
        var old = CoreBench()
        let node = old.addNode(1)
        var bench = CoreBench(head: old.core.head)
        bench.pass(.seconds(19))
        #expect(bench.core.head.nodes[node]?.status == .ready)
        bench.pass(.seconds(7))
        #expect(bench.core.head.nodes[node]?.status == .down, "the term and its jitter are over")
    }

    @Test func unknownNodesMustRegister() {
        var bench = CoreBench()
        let id = bench.ask(.heartbeat(NodeID(high: 9, low: 9)))
        guard case .failure(let error) = bench.reply(to: id) else {
            Issue.record("an unknown node was accepted")
            return
        }
        #expect(error.code == .notFound)
    }

    @Test func endedAllocationsStayAsTheyAre() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = bench.ask(.register(makeJob(kind: .batch), source: nil, ifUnchangedSince: nil))
        bench.write()
        let allocation = bench.core.head.allocations(of: JobID("web"))[0].id
        for status in [ClientStatus.running, .pending, .complete, .running] {
            _ = bench.ask(.report(node, [AllocationReport(id: allocation, client: status)]))
            bench.write()
        }
        #expect(bench.core.head.allocations[allocation]?.client == .complete)
        let changes = bench.log.flatMap(\.changes).filter {
            if case .putAllocation(let put) = $0 { put.id == allocation } else { false }
        }
        #expect(changes.count == 3, "placed, running, complete: the repeated and the late report changed nothing")
    }

    @Test func aNodeSpeaksOnlyOfItsOwn() {
        var bench = CoreBench()
        let (first, second) = (bench.addNode(1), bench.addNode(2))
        _ = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        bench.write()
        let allocation = bench.core.head.allocations(of: JobID("web"))[0]
        let stranger = allocation.node == first ? second : first
        _ = bench.ask(.report(stranger, [AllocationReport(id: allocation.id, client: .failed)]))
        bench.write()
        #expect(bench.core.head.allocations[allocation.id]?.client == .pending)
    }
}

@Suite struct ServerCoreStoreTests {
    @Test func aFullDiskRefusesAndPasses() {
        var bench = CoreBench(configuration: ServerConfiguration(storeRetry: .seconds(1)))
        _ = bench.addNode(1)
        let before = bench.core.head.revision
        let refused = bench.ask(.register(makeJob("lost"), source: nil, ifUnchangedSince: nil))
        let begun = bench.takeAppend()
        #expect(begun?.group.isEmpty == false)
        bench.tell(.appendFailed(.refused("no space left in /data")))
        guard case .failure(let error) = bench.reply(to: refused) else {
            Issue.record("a write that was not stored was acknowledged")
            return
        }
        #expect(error.code == .storeRefused && error.message.contains("no space left in /data"))
        #expect(bench.core.head.revision == before && bench.core.head.jobs.count == 0)
        let accepted = bench.ask(.register(makeJob("kept"), source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.pass(.seconds(2))
        bench.write()
        #expect(bench.receipt(for: accepted) != nil)
        #expect(bench.core.head.allocations(of: JobID("kept")).count == 1, "scheduling went on after the wait")
    }

    @Test(arguments: [AppendFailure.fenced, .unknown("the disk does not answer")])
    func stopsWhenItMayNotWriteAnyMore(failure: AppendFailure) {
        var bench = CoreBench()
        let id = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        let begun = bench.takeAppend()
        #expect(begun?.group.isEmpty == false)
        bench.tell(.appendFailed(failure))
        #expect(bench.receipt(for: id) == nil)
        #expect(bench.effects.contains { if case .halt = $0 { true } else { false } })
        bench.effects = []
        bench.pass(.seconds(100))
        #expect(bench.effects.isEmpty, "a server that halted does nothing")
    }
}

@Suite struct ServerCoreJobTests {
    private func register(_ job: Job, since: Revision? = nil, _ bench: inout CoreBench) -> UInt64 {
        let id = bench.ask(.register(job, source: nil, ifUnchangedSince: since))
        bench.write()
        return id
    }

    @Test func theSameJobMakesNoNewVersion() {
        var bench = CoreBench()
        _ = register(makeJob(), &bench)
        _ = register(makeJob(), &bench)
        #expect(bench.core.head.jobs[JobID("web")]?.version == 0)
        _ = register(makeJob(count: 2), &bench)
        #expect(bench.core.head.jobs[JobID("web")]?.version == 1)
    }

    @Test func checkAndSet() throws {
        var bench = CoreBench()
        let made = register(makeJob(), since: .zero, &bench)
        let first = try #require(bench.receipt(for: made))
        let again = register(makeJob(count: 2), since: .zero, &bench)
        guard case .failure(let error) = bench.reply(to: again) else {
            Issue.record("a job was overwritten that should not have been there")
            return
        }
        #expect(error.code == .conflict && error.message.hasPrefix("Enforcing job modify index 0: "))
        let second = register(makeJob(count: 2), since: first.jobModifyRevision, &bench)
        #expect(bench.receipt(for: second) != nil)
        let late = register(makeJob(count: 3), since: first.jobModifyRevision, &bench)
        #expect(bench.receipt(for: late) == nil)
    }

    @Test func stoppingEndsEverything() {
        var bench = CoreBench()
        _ = bench.addNode(1)
        _ = register(makeJob(count: 2), &bench)
        let stop = bench.ask(.stop(JobID("web"), purge: false))
        bench.write()
        #expect(bench.receipt(for: stop) != nil)
        #expect(bench.core.head.allocations(of: JobID("web")).allSatisfy { $0.desired == .stop })
        #expect(bench.core.head.jobs[JobID("web")]?.stopped == true)
    }

    @Test func purgingForgetsTheJobButEndsItsWork() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = register(makeJob(count: 2), &bench)
        _ = bench.ask(.stop(JobID("web"), purge: true))
        bench.write()
        #expect(bench.core.head.jobs[JobID("web")] == nil)
        let view = Assignments(for: node, in: bench.core.head)
        #expect(view.allocations.count == 2 && view.allocations.allSatisfy { $0.allocation.desired == .stop })
        _ = register(makeJob(kind: .batch), &bench)
        #expect(bench.core.head.jobs[JobID("web")]?.version == 1, "what is left of the old one is not taken for it")
    }

    @Test func aStoppedBatchJobRunsAgainWhenRegisteredAgain() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = register(makeJob(kind: .batch), &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0].id
        _ = bench.ask(.report(node, [AllocationReport(id: first, client: .complete)]))
        _ = bench.ask(.stop(JobID("web"), purge: false))
        bench.write()
        _ = register(makeJob(kind: .batch), &bench)
        #expect(bench.core.head.allocations(of: JobID("web")).filter(\.isLive).count == 1)
    }

    @Test func scalingUpTouchesNothingThatRuns() {
        var bench = CoreBench()
        _ = bench.addNode(1)
        _ = register(makeJob(count: 1), &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0]
        _ = bench.ask(.scale(JobID("web"), group: "all", count: 3))
        bench.write()
        let after = bench.core.head.allocations(of: JobID("web"))
        #expect(after.count == 3)
        #expect(after.first { $0.id == first.id }?.desired == .run)
    }

    @Test(arguments: ["none", "web"])
    func scalingWhatIsNotThereSaysSo(id: String) {
        var bench = CoreBench()
        _ = register(makeJob(), &bench)
        let scale = bench.ask(.scale(JobID(id), group: "nothing", count: 3))
        guard case .failure(let error) = bench.reply(to: scale) else {
            Issue.record("a group that is not there was scaled")
            return
        }
        #expect(id == "none" ? error.code == .notFound : error.message.contains("its groups are: all"))
    }

    @Test func aStoppedAllocationIsReplaced() {
        var bench = CoreBench()
        _ = bench.addNode(1)
        _ = register(makeJob(), &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0]
        _ = bench.ask(.stopAllocation(first.id))
        bench.write()
        let after = bench.core.head.allocations(of: JobID("web"))
        #expect(after.first { $0.id == first.id }?.desired == .stop)
        #expect(after.filter(\.isLive).map(\.index) == [first.index])
    }
}
