import Testing

@testable import ClusterKit

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
        #expect(places == Array(2..<UInt64(places.count) + 2), "every revision once, in order")
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
        for _ in 0..<7 { bench.pass(.seconds(1)) }
        _ = bench.ask(.heartbeat(other))
        #expect(bench.core.head.nodes[placed.node]?.status == .ready)
        for _ in 0..<2 { bench.pass(.seconds(1)) }
        bench.write()
        #expect(bench.core.head.nodes[placed.node]?.status == .down)
        #expect(bench.core.head.nodes[other]?.status == .ready)
        let allocations = bench.core.head.allocations(of: JobID("web"))
        #expect(allocations.first { $0.id == placed.id }?.client == .lost)
        #expect(allocations.filter(\.isLive).map(\.node) == [other])
        #expect(allocations.filter(\.isLive).map(\.index) == [placed.index])
    }

    @Test func aServerThatStoodStillBlamesNoNode() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        bench.now.uptime = bench.now.uptime + .seconds(100)
        bench.pass(.zero)
        #expect(bench.core.head.nodes[node]?.status == .ready)
        bench.pass(.seconds(1))
        _ = bench.ask(.heartbeat(node))
        for _ in 0..<15 { bench.pass(.seconds(1)) }
        #expect(bench.core.head.nodes[node]?.status == .ready)
        for _ in 0..<10 { bench.pass(.seconds(1)) }
        #expect(bench.core.head.nodes[node]?.status == .down, "a node that stays silent is lost all the same")
    }

    /// Another may lead by now, and waits for no term that is granted here.
    @Test func aServerThatStoodStillVouchesForNothingBeforeItWrote() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        bench.now.uptime = bench.now.uptime + .seconds(100)
        let first = bench.ask(.heartbeat(node))
        #expect(bench.reply(to: first) == nil)
        bench.write()
        guard case .success(.registration) = bench.reply(to: first) else {
            Issue.record("a server that leads still does not say so")
            return
        }
        let second = bench.ask(.heartbeat(node))
        #expect(bench.reply(to: second) != nil, "it has shown that it leads")
        bench.now.uptime = bench.now.uptime + .seconds(100)
        let last = bench.ask(.heartbeat(node))
        #expect(bench.takeAppend() != nil)
        bench.tell(.appendFailed(.fenced))
        guard case .failure = bench.reply(to: last) else {
            Issue.record("a server that leads no more keeps a lease alive")
            return
        }
    }

    @Test func aNewLeaderMakesItsEpochKnownAtOnce() throws {
        var old = CoreBench()
        let node = old.addNode(1)
        let seen = ViewStamp(epoch: old.core.head.epoch, revision: old.core.head.revision)
        let bench = CoreBench(head: old.core.head)
        let head = bench.core.head
        #expect(head.epoch > seen.epoch && head.revision == seen.revision.next)
        #expect(Assignments.isNewer(for: node, than: seen, in: head))
        let now = ViewStamp(epoch: head.epoch, revision: head.revision)
        #expect(!Assignments.isNewer(for: node, than: now, in: head))
        #expect(Assignments.isNewer(for: node, than: ViewStamp(epoch: head.epoch, revision: Revision(99)), in: head))
    }

    @Test func nodesGetAWholeTermFromANewLeader() {
        var old = CoreBench()
        let node = old.addNode(1)
        var bench = CoreBench(head: old.core.head)
        for _ in 0..<19 { bench.pass(.seconds(1)) }
        #expect(bench.core.head.nodes[node]?.status == .ready)
        for _ in 0..<7 { bench.pass(.seconds(1)) }
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

    /// Whoever asks meanwhile waits: a server that began anew with each request would do nothing else.
    @Test func aStoreThatRefusedIsAskedAgainOnceWhenItIsTimeWithAllThatGathered() throws {
        var bench = CoreBench(configuration: ServerConfiguration(storeRetry: .seconds(5)))
        _ = bench.ask(.register(makeJob("lost"), source: nil, ifUnchangedSince: nil))
        let refused = bench.takeAppend()
        #expect(refused?.head.jobs.count == 1)
        bench.tell(.appendFailed(.refused("disk full")))
        #expect(bench.core.nextWake.uptime == bench.now.uptime + .seconds(5))
        var waiting: [UInt64] = []
        for name in ["first", "second"] {
            bench.pass(.seconds(2))
            waiting.append(bench.ask(.register(makeJob(name), source: nil, ifUnchangedSince: nil)))
            let early = bench.takeAppend()
            #expect(early?.group == nil, "it is not time yet")
        }
        #expect(waiting.allSatisfy { bench.reply(to: $0) == nil })
        bench.pass(.seconds(1))
        let begun = bench.takeAppend()
        let write = try #require(begun)
        let jobs = write.group.flatMap(\.changes).compactMap { change in
            if case .putJob(let record) = change { record.job.id } else { nil }
        }
        #expect(jobs == [JobID("first"), JobID("second")] && write.head.jobs.count == 2)
        let further = bench.takeAppend()
        #expect(further?.group == nil, "one write at a time")
        bench.tell(.appended)
        #expect(waiting.allSatisfy { bench.receipt(for: $0) != nil })
    }

    /// A cluster asks for several writes a second: the log must not fill what is left of the disk.
    @Test func refusalsAreToldWhenTheyBeginNowAndThenAndWhenTheyEnd() {
        var bench = CoreBench()
        bench.effects = []
        var told: [Int] = []
        for second in 0..<150 {
            _ = bench.ask(.register(makeJob("job-\(second)"), source: nil, ifUnchangedSince: nil))
            #expect(bench.takeAppend() != nil)
            bench.tell(.appendFailed(.refused("disk full")))
            for case .warning(let text) in bench.effects {
                told.append(second)
                #expect(text.contains("cannot take writes: disk full"))
                #expect(second == 0 || text.contains("\(second + 1) writes in a row"), "\(text)")
            }
            bench.effects = []
            bench.pass(.seconds(1))
        }
        #expect(told == [0, 60, 120])
        _ = bench.ask(.register(makeJob("first"), source: nil, ifUnchangedSince: nil))
        bench.write()
        let notes = bench.effects.compactMap { if case .note(let text) = $0 { text } else { nil } }
        #expect(notes == ["the store takes writes again, after 150 that it refused"])
        bench.effects = []
        _ = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        bench.write()
        #expect(!bench.effects.contains { if case .note = $0 { true } else { false } }, "said once")
        _ = bench.ask(.register(makeJob("again"), source: nil, ifUnchangedSince: nil))
        let last = bench.takeAppend()
        #expect(last != nil)
        bench.tell(.appendFailed(.refused("disk full")))
        let warnings = bench.effects.compactMap { if case .warning(let text) = $0 { text } else { nil } }
        #expect(warnings.count == 1 && warnings.first?.contains("nothing was written") == true, "it has begun anew")
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

@Suite struct ServerCoreClockTests {
    /// A cluster of one node on which a service has just failed that is placed anew after 30 s.
    private func benchWithFailure() -> CoreBench {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = bench.ask(.register(makeJob(), source: nil, ifUnchangedSince: nil))
        bench.write()
        let failed = bench.core.head.allocations(of: JobID("web"))[0].id
        _ = bench.ask(.report(node, [AllocationReport(id: failed, client: .failed)]))
        bench.write()
        return bench
    }

    private func live(_ bench: CoreBench) -> Int {
        bench.core.head.allocations(of: JobID("web")).filter(\.isLive).count
    }

    @Test func aFailureIsPlacedAnewAfterItsWait() {
        var bench = benchWithFailure()
        for _ in 0..<29 {
            _ = bench.ask(.heartbeat(NodeID(high: 1, low: 1)))
            bench.pass(.seconds(1))
        }
        #expect(live(bench) == 0)
        bench.pass(.seconds(2))
        #expect(live(bench) == 1)
    }

    @Test func aClockThatIsSetBackProlongsNoWait() {
        var bench = benchWithFailure()
        bench.now.wall = bench.now.wall + .seconds(-3600)
        for _ in 0..<31 {
            _ = bench.ask(.heartbeat(NodeID(high: 1, low: 1)))
            bench.pass(.seconds(1))
        }
        #expect(live(bench) == 1)
    }

    @Test func aWaitThatIsOverStaysOver() {
        var bench = benchWithFailure()
        let node = NodeID(high: 1, low: 1)
        _ = bench.ask(.setEligibility(node, .ineligible))
        for _ in 0..<31 {
            _ = bench.ask(.heartbeat(node))
            bench.pass(.seconds(1))
        }
        bench.write()
        #expect(bench.core.head.evaluations.sorted.contains { $0.status == .blocked })
        bench.now.wall = bench.now.wall + .seconds(-3600)
        _ = bench.ask(.setEligibility(node, .eligible))
        #expect(live(bench) == 1, "it waited for room alone")
    }

    @Test func norDoesOneThatIsSetBackWhileNobodyLeads() {
        var bench = benchWithFailure()
        bench.now.wall = bench.now.wall + .seconds(-3600)
        bench.tell(.led(Epoch(9), bench.core.head))
        bench.write()
        for _ in 0..<31 {
            _ = bench.ask(.heartbeat(NodeID(high: 1, low: 1)))
            bench.pass(.seconds(1))
        }
        #expect(live(bench) == 1)
    }
}
