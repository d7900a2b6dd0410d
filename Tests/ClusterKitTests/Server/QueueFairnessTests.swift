import Testing

@testable import ClusterKit

/// Who waits since when, and who is asked when room comes free.
@Suite struct QueueFairnessTests {
    private var bench = CoreBench(configuration: ServerConfiguration(heartbeatTTL: .seconds(10_000_000)))

    private func job(_ id: String, _ groups: [(name: String, count: Int, cpuMHz: Int)], priority: Int = 50) -> Job {
        var job = makeJob(id, kind: .batch)
        job.priority = priority
        job.groups = groups.map {
            var group = makeJob(id, count: $0.count, cpuMHz: $0.cpuMHz, kind: .batch).groups[0]
            group.name = $0.name
            return group
        }
        return job
    }

    private mutating func register(_ job: Job) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    private func live(_ job: String) -> [Allocation] {
        bench.core.head.allocations(of: JobID(job)).filter(\.isLive)
    }

    private mutating func endOne(of job: String) {
        guard let allocation = live(job).first else { return }
        _ = bench.ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: .complete)]))
        bench.write()
    }

    private var list: [WaitingGroup] {
        WaitingList(
            QueueView(
                of: bench.core.head, configuration: bench.core.configuration, keeping: bench.core.kept,
                at: bench.now.wall, session: { BinPackScheduler().session(on: bench.core.head) })
        ).groups
    }

    /// A full cluster of two nodes.
    private mutating func fill() {
        for number in 1...2 as ClosedRange<UInt64> { _ = bench.addNode(number) }
        register(job("filler", [("all", 8, 1000)], priority: 90))
    }

    // MARK: Age

    @Test mutating func aGroupIsNotAsOldAsAnotherOfItsJob() {
        fill()
        register(job("mixed", [("never", 1, 9000), ("work", 0, 1000)]))
        bench.pass(.seconds(7 * 86_400))
        register(job("other", [("all", 1, 1000)]))
        bench.pass(.seconds(30))
        register(job("mixed", [("never", 1, 9000), ("work", 6, 1000)]))
        #expect(list.map { "\($0.job) \($0.group)" } == ["mixed never", "other all", "mixed work"])
        #expect(list.last?.since == bench.now.wall)
        bench.pass(.seconds(40))
        let ripe = bench.core.queue.entries.values.filter(\.isRipe).map(\.waiter.group)
        #expect(ripe.sorted() == ["all", "never"], "the group has not waited for a minute")
        #expect(bench.core.kept.all.map(\.waiter.group) == ["all"])
        endOne(of: "filler")
        #expect(live("other").count == 1 && live("mixed").isEmpty)
        endOne(of: "filler")
        #expect(live("mixed").map(\.group) == ["work"])
    }

    @Test mutating func oneDoesNotKeepAPlaceForMany() throws {
        fill()
        register(job("grows", [("all", 1, 1000)]))
        let begun = bench.now.wall
        bench.pass(.seconds(1000))
        register(job("other", [("all", 1, 1000)]))
        bench.pass(.seconds(1000))
        #expect(list.map(\.job) == [JobID("grows"), JobID("other")])
        register(job("grows", [("all", 20, 1000)]))
        #expect(list.map(\.job) == [JobID("other"), JobID("grows")])
        #expect(list.last?.since == begun + .seconds(1900), "the mean of once 2,000 s and nineteen times none")
        // What is placed is taken from those who wait, and the others are no younger for it.
        endOne(of: "filler")
        endOne(of: "filler")
        #expect(live("other").count == 1 && live("grows").count == 1)
        #expect(list.map(\.count) == [19] && list.last?.since == begun + .seconds(1900))
        register(job("grows", [("all", 10, 1000)]))
        #expect(list.map(\.count) == [9] && list.last?.since == begun + .seconds(1900))
    }

    @Test mutating func waitingForOtherWorkIsNoWaitForRoom() {
        fill()
        var gated = job("gated", [("all", 1, 1000)])
        gated.after = [JobDependency(JobID("filler"), .running)]
        register(gated)
        bench.pass(.seconds(100))
        register(job("other", [("all", 1, 1000)]))
        #expect(list.map(\.job) == [JobID("other")])
        bench.pass(.seconds(10))
        for allocation in live("filler") {
            _ = bench.ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: .running)]))
        }
        bench.write()
        #expect(list.map(\.job) == [JobID("other"), JobID("gated")])
        #expect(list.last?.since == bench.now.wall)
    }

    @Test mutating func whoBecomesMoreImportantThanAKeptNodesWorkMayUseIt() throws {
        fill()
        register(job("large", [("all", 1, 4000)]))
        bench.pass(.seconds(61))
        let kept = try #require(bench.core.kept.all.first)
        register(job("small", [("all", 1, 1000)], priority: 40))
        let gone = try #require(live("filler").first { $0.node == kept.node })
        _ = bench.ask(.report(kept.node, [AllocationReport(id: gone.id, client: .complete)]))
        bench.write()
        #expect(live("small").isEmpty)
        register(job("small", [("all", 1, 1000)], priority: 60))
        #expect(live("small").map(\.node) == [kept.node])
    }

    @Test func theMeanAgeNeverOverflows() {
        let old = WaitStart(revision: Revision(0), time: WallTime(nanoseconds: .min))
        let now = WaitStart(revision: Revision(.max), time: WallTime(nanoseconds: .max))
        for added in [1, 5, Int.max - 1, .max] {
            let mean = old.averaged(with: added, from: now, of: .max)
            #expect(mean.revision <= now.revision && mean.time <= now.time)
        }
        #expect(now.averaged(with: 1, from: old, of: 2) == now, "a clock that was set back makes nobody older")
        #expect(old.averaged(with: 0, from: now, of: 0) == old)
    }

    // MARK: Who is asked

    /// As many wait as may preempt, but nobody there is less important.
    @Test mutating func whoMayPreemptIsNotAskedWhereNobodyYields() {
        _ = bench.ask(.setSchedulingRules(SchedulingRules(preempting: [.batch]), ifUnchangedSince: nil))
        fill()
        for number in 0..<50 { register(job("j\(number)", [("all", 1, 3000)], priority: 90)) }
        let before = bench.core.plans
        endOne(of: "filler")
        #expect(bench.core.plans - before <= 1, "only the job whose instance ended was looked at")
    }

    @Test mutating func whoMayPreemptIsAskedWhereEnoughYields() {
        _ = bench.ask(.setSchedulingRules(SchedulingRules(preempting: [.batch]), ifUnchangedSince: nil))
        _ = bench.addNode(1)
        register(job("equal", [("all", 2, 1000)], priority: 60))
        register(job("less", [("all", 2, 1000)], priority: 50))
        register(job("waits", [("all", 1, 3000)], priority: 60))
        #expect(live("waits").isEmpty)
        endOne(of: "equal")
        #expect(live("waits").count == 1 && live("less").isEmpty)
    }

    /// Whoever waits when that is allowed may take the room of others at once.
    @Test mutating func whoWaitsMayPreemptAsSoonAsThatIsAllowed() {
        _ = bench.addNode(1)
        register(job("less", [("all", 4, 1000)], priority: 20))
        register(job("waits", [("all", 1, 3000)], priority: 70))
        #expect(live("waits").isEmpty)
        _ = bench.ask(.setSchedulingRules(SchedulingRules(preempting: [.batch]), ifUnchangedSince: nil))
        bench.write()
        #expect(live("waits").count == 1 && live("less").count == 1)
    }

    /// The value that it leaves may be used again, on other nodes than its own.
    @Test mutating func aNodeThatComesToHaveAnotherValueOpensItsOldOne() throws {
        func rack(_ name: String) -> (inout Node) -> Void { { $0.meta["rack"] = name } }
        let first = bench.addNode(1, rack("a"))
        _ = bench.addNode(2, rack("a"))
        var apart = job("apart", [("all", 2, 3000)])
        apart.constraints = [Constraint("${meta.rack}", .distinctProperty, "1")]
        register(apart)
        #expect(live("apart").count == 1)
        let own = try #require(live("apart").first)
        #expect(own.node == first)
        _ = bench.addNode(1, rack("b"))
        bench.pass(.seconds(1))
        #expect(live("apart").count == 2)
    }

    /// What ends in the batch by which its successor begins to wait held its value still when room was sought.
    @Test mutating func aLostNodeLeavesItsValueToOthers() throws {
        func rack(_ name: String) -> (inout Node) -> Void { { $0.meta["rack"] = name } }
        bench = CoreBench()
        let first = bench.addNode(1, rack("a"))
        let second = bench.addNode(2, rack("a"))
        var apart = job("apart", [("all", 1, 3000)])
        apart.constraints = [Constraint("${meta.rack}", .distinctProperty, "1")]
        register(apart)
        #expect(live("apart").map(\.node) == [first])
        for _ in 0..<60 {
            _ = bench.ask(.heartbeat(second))
            bench.write()
            bench.pass(.seconds(1))
            bench.write()
        }
        #expect(bench.core.head.nodes[first]?.status == .down)
        #expect(live("apart").map(\.node) == [second])
    }

    /// A node described anew as smaller than what it runs may still change one instance for another of its job.
    @Test mutating func aNodeThatShrankIsOfferedToWhoReplaces() {
        _ = bench.addNode(1)
        register(job("big", [("all", 1, 2000)]))
        register(job("beside", [("all", 1, 1500)]))
        register(job("stays", [("all", 1, 400)]))
        _ = bench.addNode(1, cpuMHz: 2000)
        register(job("big", [("all", 1, 1500)]))
        #expect(live("big").map(\.jobVersion) == [0], "100 would be free in its place")
        endOne(of: "beside")
        #expect(live("big").map(\.jobVersion) == [1], "1600 are, though more is taken than there is")
    }

    /// Hundreds that could only have nodes which are kept already hold up nobody who could have another.
    @Test mutating func whoCouldHaveOnlyKeptNodesHoldsUpNobody() throws {
        func inPool(_ pool: String, _ job: Job) -> Job {
            var job = job
            job.nodePool = pool
            return job
        }
        for number in 1...40 as ClosedRange<UInt64> {
            _ = bench.addNode(number) { $0.pool = number <= 2 ? "few" : "default" }
        }
        for pool in ["few", "default"] {
            register(inPool(pool, job("fill-\(pool)", [("all", pool == "few" ? 8 : 152, 1000)], priority: 90)))
        }
        for number in 0..<300 { register(inPool("few", job("w\(number)", [("all", 1, 1001 + number)]))) }
        register(job("late", [("all", 1, 3000)], priority: 40))
        bench.pass(.seconds(120))
        let owners = bench.core.kept.all.map { bench.core.head.evaluations[$0.waiter.evaluation]?.job.id }
        #expect(owners == ["w0", "w1", "late"])
    }

    /// A scheduler that sees room with each batch, and refuses for other reasons each time, has nobody asked for ever.
    @Test func roomThatNothingMadeIsNotOffered() {
        var bench = CoreBench(scheduler: Restless())
        _ = bench.addNode(1)
        _ = bench.ask(.register(makeJob("web"), source: nil, ifUnchangedSince: nil))
        bench.write()
        #expect(bench.core.head.evaluations(of: JobID("web")).contains { $0.status == .blocked })
        #expect(bench.core.plans < 5)
    }
}

/// A scheduler whose answers never settle; after a thousand of them it does, so that a test of it ends.
private struct Restless: Scheduler {
    struct Session: SchedulingSession {
        var nodes: Set<NodeID> = []
        var answers = 0

        mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
            for case .putNode(let node) in batch.changes { nodes.insert(node.id) }
            return FreedRoom(nodes: nodes)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            answers = min(1000, answers + 1)
            var refusal = Refusal()
            refusal.nodesEvaluated = 1
            refusal.exhausted = [answers % 2 == 0 ? "cpu" : "memory": 1]
            return requests.map { _ in .refused(refusal) }
        }

        mutating func release(_ reserved: [AllocationID]) {}

        func vacancy(on node: NodeID) -> Vacancy? {
            Vacancy(cpuMHz: 10_000, memoryMiB: 10_000, diskMiB: 10_000, cores: 1)
        }
    }

    func session(on snapshot: Snapshot) -> any SchedulingSession { Session() }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        BinPackScheduler().explain(request, on: snapshot)
    }
}
