import Testing

@testable import ClusterKit

@Suite struct DrainTests {
    private let web = JobID("web")

    /// A service of three on the first node, which is then drained, with room on a second one.
    private func bench(
        count: Int = 3, kind: JobKind = .service, room: Int = 4000, _ change: (inout Job) -> Void = { _ in }
    ) -> (CoreBench, old: NodeID, new: NodeID) {
        var bench = CoreBench()
        let old = bench.addNode(1)
        var job = makeJob(count: count, kind: kind)
        change(&job)
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        let new = bench.addNode(2, cpuMHz: room)
        return (bench, old, new)
    }

    private func places(_ bench: CoreBench, _ node: NodeID) -> Int {
        bench.core.head.allocations(on: node).count { $0.isLive }
    }

    @Test func servicesMoveOneAfterTheOtherOnceTheLastIsWell() {
        var (bench, old, new) = bench()
        bench.drain(old)
        #expect(bench.core.head.nodes[old]?.eligibility == .ineligible)
        for moved in 1...3 {
            #expect(places(bench, old) == 3 - moved)
            #expect(places(bench, new) == moved)
            bench.settle()
            for _ in 0..<9 { bench.beat(old, new) }
            #expect(places(bench, new) == moved, "a replacement must be well for ten seconds")
            bench.beat(old, new)
        }
        bench.settle()
        let node = bench.core.head.nodes[old]
        #expect(node?.drain == nil && node?.eligibility == .ineligible)
        #expect(
            node?.events.filter { $0.subsystem == "Drain" }.map(\.message) == [
                "Node drain strategy set", "Node drain complete",
            ])
        let head = bench.core.head
        #expect(head.allocations(of: web).filter(\.isLive).map(\.index).sorted() == [0, 1, 2])
        let first = head.allocations(on: old).first { $0.index == 2 }
        #expect(first?.desiredDescription == "node node-1 is drained" && first?.client == .complete)
        #expect(head.evaluations(of: web).contains { $0.trigger == .nodeDrain && $0.node == old })
        #expect(bench.core.nextWake.uptime.map { $0 - bench.now.uptime } ?? .zero > .zero)
    }

    @Test func aGroupSaysHowManyMoveAtATime() {
        var (bench, old, new) = bench(count: 4) { job in
            job.groups[0].migrate = MigrateStrategy(maxParallel: 2, minHealthyTime: .seconds(1))
        }
        bench.drain(old)
        #expect(places(bench, new) == 2)
        bench.settle()
        bench.pass(.seconds(1))
        bench.write()
        #expect(places(bench, new) == 4)
    }

    @Test func aReplacementThatIsNotWellHoldsTheOthersUntilItsTimeIsOver() {
        var (bench, old, new) = bench()
        bench.drain(old)
        for _ in 0..<299 { bench.beat(new, old) }
        #expect(places(bench, new) == 1, "it has not started")
        bench.beat(new, old)
        #expect(places(bench, new) == 2)
    }

    /// Its successor stands for it.
    @Test func aSilentOneThatWasReplacedHoldsNobodyUp() {
        var bench = CoreBench()
        let silent = bench.addNode(1, cpuMHz: 600)
        var job = makeJob()
        job.groups[0].disconnect = DisconnectPolicy(lostAfter: .seconds(86_400))
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        let old = bench.addNode(2)
        _ = bench.ask(.scale(web, ScalingRequest(group: "all", count: 2)))
        bench.write()
        bench.settle()
        for _ in 0..<40 { bench.beat(old) }
        bench.settle()
        #expect(bench.core.head.allocations(on: silent).map(\.client) == [.unknown] && places(bench, old) == 2)
        let new = bench.addNode(3)
        bench.drain(old)
        #expect(places(bench, new) == 1)
    }

    @Test func nobodyMovesWhatNothingIsHeardOf() {
        var (bench, old, new) = bench(count: 1) { job in
            job.groups[0].disconnect = DisconnectPolicy(lostAfter: .seconds(86_400), replaces: false)
        }
        for _ in 0..<40 { bench.beat(new) }
        bench.drain(old)
        #expect(bench.core.head.allocations(on: old).map(\.client) == [.unknown])
        #expect(bench.core.head.allocations(on: old).map(\.wish) == [nil] && places(bench, new) == 0)
    }

    @Test func theOnesThatAreIdleGoFirst() throws {
        var (bench, old, new) = bench()
        var busy = try #require(bench.core.head.allocations(on: old).first { $0.index == 2 })
        busy.work = WorkStatus(isBusy: true, time: bench.now.wall)
        var cold = try #require(bench.core.head.allocations(on: old).first { $0.index == 0 })
        cold.work = WorkStatus(isBusy: false, keepCost: -1, time: bench.now.wall)
        bench.commit([.putAllocation(busy), .putAllocation(cold)])
        bench.drain(old)
        #expect(bench.core.head.allocations(on: new).map(\.index) == [0])
    }

    /// It serves nobody, whatever it works at.
    @Test func whatIsNotWellGoesBeforeWhatIsIdle() {
        let check = CheckSpec(kind: "tcp", interval: .seconds(5), timeout: .seconds(1))
        var (bench, old, new) = bench(count: 3) { job in
            job.groups[0].services = [ServiceSpec(name: "s", checks: [check])]
        }
        let now = bench.now.wall
        let changes = bench.core.head.allocations(on: old).map { allocation in
            var allocation = allocation
            let health: CheckHealth = allocation.index == 1 ? .critical : .passing
            allocation.checks = [
                CheckStatus(service: "group-s-", index: 0, name: "c", kind: "tcp", health: health, since: now)
            ]
            if allocation.index == 1 { allocation.work = WorkStatus(isBusy: true, time: now) }
            return Change.putAllocation(allocation)
        }
        bench.commit(changes)
        bench.drain(old)
        #expect(bench.core.head.allocations(on: new).map(\.index) == [1])
    }

    @Test func withoutRoomAnInstanceRunsOnUntilTheDeadline() {
        var (bench, old, new) = bench(room: 100)
        bench.drain(old, .after(.seconds(100)))
        #expect(bench.core.head.allocations(on: old).filter(\.isLive).map(\.client) == [.running, .running, .running])
        for _ in 0..<99 { bench.beat(old, new) }
        #expect(places(bench, old) == 3)
        bench.beat(old, new)
        let ended = bench.core.head.allocations(on: old)
        #expect(ended.allSatisfy { $0.desired == .stop && $0.wish == .forceMigrate })
        #expect(
            bench.core.head.nodes[old]?.events.last?.message
                == "Node drain deadline reached; 3 allocations are stopped")
        bench.settle()
        #expect(bench.core.head.nodes[old]?.drain == nil)
        #expect(bench.core.head.evaluations(of: web).contains { $0.status == .blocked && $0.queued["all"] == 3 })
        _ = bench.addNode(3)
        #expect(bench.core.head.allocations(of: web).filter(\.isLive).map(\.index).sorted() == [0, 1, 2])
    }

    @Test func roomThatComesLaterIsUsed() {
        var (bench, old, _) = bench(room: 100)
        bench.drain(old, .unlimited)
        let third = bench.addNode(3)
        #expect(places(bench, third) == 1 && places(bench, old) == 2)
    }

    @Test func batchWorkIsLeftToEnd() {
        var (bench, old, new) = bench(count: 2, kind: .batch)
        bench.drain(old, .after(.seconds(100)))
        for _ in 0..<50 { bench.beat(old, new) }
        #expect(places(bench, old) == 2 && bench.core.head.allocations(on: new).isEmpty)
        let done = bench.core.head.allocations(on: old).first { $0.index == 0 }
        _ = bench.ask(.report(old, done.map { [AllocationReport(id: $0.id, client: .complete)] } ?? []))
        for _ in 0..<50 { bench.beat(old, new) }
        #expect(bench.core.head.allocations(on: new).map(\.index) == [1], "what is done is not done again")
        bench.settle()
        #expect(bench.core.head.nodes[old]?.drain == nil)
    }

    /// Its work is that of its node, and is done nowhere else.
    @Test func sysbatchWorkIsLeftToEndUntilTheDeadline() throws {
        var (bench, old, new) = bench(count: 1, kind: .sysbatch)
        bench.settle()
        bench.drain(old, .after(.seconds(100)))
        for _ in 0..<99 { bench.beat(old, new) }
        let work = try #require(bench.core.head.allocations(on: old).first)
        #expect(work.isLive && work.wish == nil)
        bench.beat(old, new)
        #expect(bench.core.head.allocations(on: old).map(\.desired) == [.stop])
        bench.settle()
        #expect(bench.core.head.nodes[old]?.drain == nil)
        #expect(bench.core.head.allocations(of: web).count == 2 && places(bench, new) == 1)
    }

    @Test func sysbatchWorkIsWaitedForByWhatRunsEverywhere() throws {
        var (bench, old, new) = bench(count: 1, kind: .sysbatch)
        _ = bench.ask(.register(makeJob("logs", kind: .system), source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        bench.drain(old)
        for _ in 0..<60 { bench.beat(old, new) }
        #expect(bench.core.head.allocations(on: old).map(\.desired) == [.run, .run])
        let work = try #require(bench.core.head.allocations(on: old).first { $0.job == web })
        _ = bench.ask(.report(old, [AllocationReport(id: work.id, client: .complete)]))
        bench.write()
        let logs = bench.core.head.allocations(on: old).first { $0.job == JobID("logs") }
        #expect(logs?.desired == .stop)
    }

    @Test func sysbatchWorkStaysWhereWhatRunsEverywhereDoes() {
        var (bench, old, _) = bench(count: 1, kind: .sysbatch)
        _ = bench.ask(.drain(old, .atOnce, ignoringSystemJobs: true, reason: ""))
        bench.write()
        #expect(bench.core.head.nodes[old]?.drain == nil && bench.core.head.nodes[old]?.eligibility == .ineligible)
        #expect(places(bench, old) == 1)
    }

    @Test func whatRunsEverywhereGoesLast() {
        var (bench, old, _) = bench(count: 1)
        _ = bench.ask(.register(makeJob("logs", kind: .system), source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        let logs = { (bench: CoreBench) in
            bench.core.head.allocations(of: JobID("logs")).first { $0.node == old }?.desired
        }
        var ignoring = bench
        bench.drain(old)
        #expect(places(bench, old) == 1 && logs(bench) == .run, "the service has not ended yet")
        bench.settle()
        #expect(logs(bench) == .stop && bench.core.head.nodes[old]?.drain != nil)
        bench.settle()
        #expect(bench.core.head.nodes[old]?.drain == nil)
        _ = bench.ask(.setEligibility(old, .eligible))
        bench.write()
        #expect(places(bench, old) == 1, "it comes back with the node")

        _ = ignoring.ask(.drain(old, .standard, ignoringSystemJobs: true, reason: ""))
        ignoring.write()
        ignoring.settle()
        #expect(ignoring.core.head.nodes[old]?.drain == nil && logs(ignoring) == .run)
    }

    @Test func forceStopsAllAtOnce() {
        var (bench, old, new) = bench()
        bench.drain(old, .atOnce)
        #expect(places(bench, old) == 0 && places(bench, new) == 3)
        bench.settle()
        #expect(bench.core.head.nodes[old]?.drain == nil)
    }

    @Test func aDrainThatIsEndedMovesNothingMore() {
        var (bench, old, _) = bench(room: 100)
        bench.drain(old)
        #expect(bench.core.head.allocations(on: old).contains { $0.wish == .migrate })
        _ = bench.ask(.endDrain(old, makingEligible: false))
        bench.write()
        let head = bench.core.head
        #expect(head.nodes[old]?.drain == nil && head.nodes[old]?.eligibility == .ineligible)
        #expect(head.nodes[old]?.events.last?.message == "Node drain disabled")
        #expect(head.allocations(on: old).allSatisfy { $0.isLive && $0.wish == nil })
        #expect(!head.evaluations(of: web).contains { $0.status == .blocked })
        let third = bench.addNode(3)
        #expect(places(bench, third) == 0)
        _ = bench.ask(.endDrain(old, makingEligible: true))
        #expect(bench.core.head.nodes[old]?.eligibility == .eligible)
    }

    @Test func aNewLeaderGoesOn() {
        var (bench, old, new) = bench()
        bench.drain(old, .after(.seconds(100)))
        var next = CoreBench(head: bench.core.head)
        next.now = bench.now
        next.tell(.appended)
        for _ in 0..<100 { next.beat(old, new) }
        next.settle()
        next.pass(.zero)
        next.write()
        #expect(places(next, old) == 0 && next.core.head.nodes[old]?.drain == nil)
    }

    @Test func agentsThatRegisterAgainStayDrained() throws {
        var (bench, old, _) = bench(count: 1, kind: .batch)
        bench.drain(old)
        let drain = bench.core.head.nodes[old]?.drain
        var node = try #require(bench.core.head.nodes[old])
        node.drain = nil
        node.meta["a"] = "b"
        _ = bench.ask(.registerNode(node))
        #expect(drain != nil && bench.core.head.nodes[old]?.drain == drain)
        let refused = bench.ask(.setEligibility(old, .eligible))
        guard case .failure(let error)? = bench.reply(to: refused) else {
            Issue.record("a node that is drained takes work")
            return
        }
        #expect(error.code == .invalid && error.message.contains("being drained"))
    }

    @Test(arguments: [DrainLimit.after(.zero), .after(.seconds(-1)), .after(.seconds(400 * 24 * 3600))])
    func deadlinesThatAreNoneAreRefused(_ limit: DrainLimit) {
        var bench = CoreBench()
        let id = bench.ask(.drain(bench.addNode(1), limit, ignoringSystemJobs: false, reason: ""))
        guard case .failure(let error)? = bench.reply(to: id) else {
            Issue.record("the deadline was taken")
            return
        }
        #expect(error.code == .invalid)
    }
}

extension CoreBench {
    mutating func drain(_ node: NodeID, _ limit: DrainLimit = .standard) {
        _ = ask(.drain(node, limit, ignoringSystemJobs: false, reason: ""))
        write()
    }

    /// What agents do: what is to run runs, and what is to end has ended.
    mutating func settle() {
        for allocation in core.head.allocations.sorted where !allocation.isTerminal {
            let client: ClientStatus = allocation.desired == .run ? .running : .complete
            _ = ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: client)]))
        }
        write()
    }

    /// A second in which agents send their heartbeats.
    mutating func beat(_ nodes: NodeID...) {
        for node in nodes { _ = ask(.heartbeat(node)) }
        pass(.seconds(1))
        write()
    }

    mutating func commit(_ changes: [Change]) {
        core.commit(changes, at: now, into: &effects)
        pass(.zero)
        write()
    }
}
