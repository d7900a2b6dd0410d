import ClusterTesting
import Synchronization
import Testing

@testable import ClusterKit

/// What is explained is what was decided: with the same nodes kept, for the same node, beside the same others.
@Suite struct PlacementInquiryTests {
    private typealias Group = PlacementReport.Group

    /// What is said of the only group of a job.
    private func report(
        on job: String, in head: Snapshot, _ asked: Allocation? = nil, history: PlacementHistory = PlacementHistory(),
        scheduler: any Scheduler = BinPackScheduler(), at now: WallTime = WallTime(nanoseconds: 1_000_000_000_000)
    ) throws -> Group {
        let record = try #require(head.jobs[JobID(job)])
        var inquiry = PlacementInquiry(into: head, scheduler: scheduler, history: history, at: now)
        let group = try #require(inquiry.report(on: record.job.groups, of: record, asked).groups.first)
        #expect(group.explanation.lines.map(\.node).sorted() == head.nodes.sortedKeys, "each node is named once")
        return group
    }

    private func line(_ node: String, _ group: Group) throws -> Explanation.Line {
        try #require(group.explanation.lines.first { $0.name == node })
    }

    private func takers(_ group: Group) -> [String] {
        group.explanation.lines.filter { $0.score != nil }.map(\.name)
    }

    private func register(_ job: Job, _ bench: inout CoreBench) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    /// What a server that has written `log` after `start` would have kept.
    private func history(of log: [ChangeBatch], after start: Snapshot = Snapshot()) -> PlacementHistory {
        let history = PlacementHistory()
        var state = start
        for batch in log {
            history.note(batch, before: state)
            state.apply(batch)
        }
        return history
    }

    // MARK: At rest

    @Test func whatIsNotToBePlacedIsSaid() throws {
        var bench = CoreBench()
        let node = bench.addNode(1)
        var broken = makeJob("broken", kind: .batch)
        broken.groups[0].reschedule = ReschedulePolicy(RescheduleRule(unlimited: false))
        var times = makeJob("times", kind: .batch)
        times.periodic = PeriodicSpec(["@daily"])
        for job in [makeJob("done", kind: .batch), broken, times, makeJob("none", count: 0), makeJob("runs")] {
            register(job, &bench)
        }
        for (job, client) in [("done", ClientStatus.complete), ("broken", .failed), ("runs", .running)] {
            let reports = bench.core.head.allocations(of: JobID(job)).map {
                AllocationReport(id: $0.id, client: client)
            }
            _ = bench.ask(.report(node, reports))
            bench.write()
        }
        let rests = try ["done", "broken", "times", "none", "runs"].map { try report(on: $0, in: bench.core.head).rest }
        #expect(
            rests == [
                "its work is done (1 complete)", "it has failed, and no further attempt is due",
                "the job runs nothing itself: it begins others at its times", "no instance is wanted", nil,
            ])
    }

    /// Whoever waits for room is given up with the roll-out: the same version does not place it any more.
    @Test func whatAFailedRollOutLeavesOutIsSaid() throws {
        var bench = RolloutBench(nodes: 2)
        bench.register(
            RolloutBench.job(UpdateStrategy()) { $0.constraints = [Constraint("", .distinctHosts, "true")] })
        bench.settle()
        let waiting = try report(on: "web", in: bench.head)
        #expect(waiting.placed == 2 && waiting.waiting?.count == 1 && waiting.rest == nil)
        bench.pass(.seconds(700))
        #expect(bench.deployment?.status == .failed)
        let failed = try report(on: "web", in: bench.head)
        #expect(failed.placed == 2 && failed.waiting == nil && failed.allocation != nil)
        let words = "the roll-out of version 0 failed (Failed due to progress deadline): the rest is placed by another "
        #expect(failed.rest == words + "version only; change the job, or its count")
        _ = bench.bench.addNode(3, cpuMHz: 100_000)
        #expect(bench.live.count == 2, "there is room for it")
        bench.register(
            RolloutBench.job("/bin/two", UpdateStrategy()) {
                $0.constraints = [Constraint("", .distinctHosts, "true")]
            })
        #expect(bench.live.count == 3)
        #expect(try report(on: "web", in: bench.head).rest == nil)
    }

    // MARK: Replaced instances

    /// There is room for it only as the old one ends: then, and also when the next one waits for that.
    @Test func whatHasTheRoomOfTheOldOneIsExplainedWithIt() throws {
        var bench = CoreBench()
        let node = bench.addNode(1)
        register(makeJob("web", cpuMHz: 3000), &bench)
        let old = try #require(bench.core.head.allocations(of: JobID("web")).first)
        _ = bench.ask(.report(node, [AllocationReport(id: old.id, client: .running)]))
        bench.write()
        register(makeJob("web", cpuMHz: 3500), &bench)
        let new = try #require(bench.core.head.allocations(of: JobID("web")).first { $0.id != old.id })
        let group = try report(on: "web", in: bench.core.head, new, history: history(of: bench.log))
        let taker = try #require(group.explanation.lines.first)
        #expect(taker.node == node && taker.evicting == [old.id] && taker.score == new.score)
        #expect(group.explanation.remedies.isEmpty)
    }

    // MARK: Kept nodes

    private static let begin = WallTime(nanoseconds: 1_000_000_000_000)
    /// When those who wait have waited long enough for a node to be kept.
    private static let later = begin + .seconds(120)

    /// Twenty nodes of which an eighth is free; two jobs wait, and for each a node is kept.
    private func full() -> Snapshot {
        var records: [Change] = []
        let filler = makeJob("filler", count: 20, cpuMHz: 3500)
        for number in 10..<30 {
            var node = Node(
                id: NodeID(high: 1, low: UInt64(number)), name: "n\(number)",
                capacity: Resources(cpuMHz: 4000, memoryMiB: 8192, diskMiB: 100_000),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            node.status = .ready
            let allocation = Allocation(
                id: AllocationID(high: 2, low: UInt64(number)), job: filler.id, jobVersion: 0, group: "all",
                index: number - 10, node: node.id, evaluation: EvaluationID(high: 2, low: 0), epoch: Epoch(1),
                resources: AllocatedResources(total: Resources(cpuMHz: 3500, memoryMiB: 300, diskMiB: 300)),
                time: Self.begin)
            records += [.putNode(node), .putAllocation(allocation)]
        }
        records.append(.putJob(JobRecord(job: filler, submitTime: Self.begin)))
        for (number, (name, priority, cpu)) in [("high", 80, 3000), ("low", 20, 4000)].enumerated() {
            var job = makeJob(name, cpuMHz: cpu)
            job.priority = priority
            var evaluation = Evaluation(
                id: EvaluationID(high: 3, low: UInt64(number)), job: job.id, kind: job.kind, priority: priority,
                trigger: .queuedAllocations, status: .blocked, time: Self.begin)
            evaluation.createRevision = Revision(1)
            evaluation.queued = ["all": 1]
            records += [.putJob(JobRecord(job: job, submitTime: Self.begin)), .putEvaluation(evaluation)]
        }
        return Snapshot(revision: Revision(2), epoch: Epoch(1), records: records)
    }

    @Test func onlyWhatIsKeptForThoseBeforeItIsWithheld() throws {
        let head = full()
        let (high, low) = (
            try report(on: "high", in: head, at: Self.later), try report(on: "low", in: head, at: Self.later)
        )
        #expect(high.waiting?.keptNodeNames == ["n10"] && low.waiting?.keptNodeNames == ["n11"])
        #expect(high.explanation.refusals.map(\.refusal) == ["cpu: needs 3000 MHz, 500 MHz free"])
        #expect(try line("n10", low).refusal == "kept for other work")
        #expect(try line("n11", low).refusal == "cpu: needs 4000 MHz, 500 MHz free")
    }

    @Test func whatDoesNotWaitComesBehindItsPriority() throws {
        var head = full()
        var middle = makeJob("middle", cpuMHz: 400)
        middle.priority = 50
        let batch = ChangeBatch(
            revision: head.revision.next, epoch: Epoch(1), time: Self.later,
            changes: [.putJob(JobRecord(job: middle, submitTime: Self.later))])
        let follows = head.apply(batch)
        #expect(follows)
        let next = try report(on: "middle", in: head, at: Self.later)
        #expect(next.waiting == nil && next.allocation == nil)
        #expect(try line("n10", next).refusal == "kept for other work")
        #expect(takers(next).count == 19)
    }

    @Test func whatWasKeptWhenAnInstanceWasPlacedIsNoTaker() throws {
        let head = full()
        var bench = CoreBench(
            configuration: ServerConfiguration(heartbeatTTL: .seconds(1_000_000)), head: head,
            at: Now(wall: Self.later, uptime: Uptime(nanoseconds: 0)))
        #expect(bench.core.kept.all.map(\.name) == ["n10", "n11"])
        var middle = makeJob("middle", cpuMHz: 400)
        middle.priority = 50
        register(middle, &bench)
        let placed = try #require(bench.core.head.allocations(of: JobID("middle")).first)
        for history in [history(of: bench.log, after: head), PlacementHistory()] {
            let report = try report(on: "middle", in: bench.core.head, history: history, at: Self.later)
            #expect(report.allocation?.id == placed.id && placed.nodeName == "n11")
            #expect(try line("n10", report).refusal == "kept for other work")
            #expect(takers(report).count == 19 && takers(report).first == "n11")
            #expect(try line("n11", report).score == placed.score)
        }
    }

    // MARK: Work for every node

    @Test func aFullNodeOfWorkForEveryNodeIsExplained() throws {
        var bench = CoreBench()
        for number in 1...5 { _ = bench.addNode(UInt64(number), cpuMHz: number == 3 ? 400 : 4000) }
        let elsewhere = NodeID(high: 1, low: 5)
        var node = try #require(bench.core.head.nodes[elsewhere])
        node.datacenter = "dc2"
        _ = bench.ask(.registerNode(node))
        bench.write()
        var job = makeJob("agent", cpuMHz: 500, kind: .system)
        job.datacenters = ["dc1"]
        register(job, &bench)
        let next = try report(on: "agent", in: bench.core.head)
        #expect(next.waiting?.count == 1 && takers(next) == [])
        #expect(next.count == 4 && next.placed == 3, "one for each node that may have one")
        let groups = next.explanation.refusals.map { "\($0.refusal): \($0.nodes.joined(separator: " "))" }
        #expect(
            groups == [
                "has its instance already: node-1 node-2 node-4", "cpu: needs 500 MHz, 400 MHz free: node-3",
                "datacenter: node-5",
            ])
        #expect(next.explanation.remedies.map(\.description).contains("with 100 MHz less cpu it fits on node-3"))

        let placed = try #require(bench.core.head.allocations(of: job.id).first { $0.nodeName == "node-2" })
        let report = try report(on: "agent", in: bench.core.head, placed, history: history(of: bench.log))
        #expect(takers(report) == ["node-2"])
        #expect(try line("node-2", report).score == placed.score)
        #expect(try line("node-4", report).refusal == "the instance is for another node")
    }

    // MARK: Gangs

    private func gang(_ count: Int, _ bench: inout CoreBench, _ change: (inout Job) -> Void = { _ in }) {
        var job = makeJob("gang", count: count, cpuMHz: 500)
        job.groups[0].gang = Gang(window: .seconds(600))
        change(&job)
        register(job, &bench)
    }

    @Test func theInstanceThatAGangLacksIsExplained() throws {
        var bench = CoreBench()
        _ = bench.addNode(1, cpuMHz: 1000)
        _ = bench.addNode(2, cpuMHz: 400)
        gang(3, &bench)
        let waiting = try report(on: "gang", in: bench.core.head)
        #expect(waiting.waiting?.count == 3 && waiting.placed == 0 && takers(waiting) == [])
        #expect(try line("node-1", waiting).refusal == "cpu: needs 500 MHz, 0 MHz free")
        #expect(waiting.explanation.remedies.map(\.description) == ["with 100 MHz less cpu it fits on node-2"])
        // Nobody has what the first two are given while a node is looked for.
        let shortage = "cpu: needs 500 MHz, most free is 400 MHz on node-2 (2 nodes looked at)"
        let told = "beside the other 2 of its gang, where those find room: \(shortage)"
        #expect(waiting.besides == 2 && waiting.waiting?.refusal.shortages == [told])
        let evaluation = try #require(bench.core.head.evaluations.sorted.first { $0.status == .blocked })
        #expect(evaluation.refusals["all"]?.shortages == [shortage])
        #expect(evaluation.shown(in: bench.core.head).refusals["all"]?.shortages == [told])
        #expect(Unplaced.all(in: bench.core.head).map(\.refusal.shortages) == [[told]])
        gang(3, &bench) { $0.groups[0].tasks[0].resources.cpuMHz = 400 }
        #expect(bench.core.head.allocations(of: JobID("gang")).filter(\.isLive).count == 3)
    }

    @Test func whatHelpsOneOfSeveralThatAGangLacksIsNotProposed() throws {
        func remedies(_ count: Int, cpuMHz: Int, _ constraints: [Constraint] = []) throws -> [String] {
            var bench = CoreBench()
            for number in 1...2 { _ = bench.addNode(UInt64(number), cpuMHz: cpuMHz) }
            gang(count, &bench) { $0.constraints = constraints }
            let report = try report(on: "gang", in: bench.core.head)
            #expect(report.waiting?.count == count)
            return report.explanation.remedies.map(\.description)
        }
        let gpu = Constraint("${node.class}", .equal, "gpu")
        #expect(try remedies(2, cpuMHz: 400) == [])
        #expect(try remedies(1, cpuMHz: 400) == ["with 100 MHz less cpu it fits on node-1"])
        #expect(try remedies(3, cpuMHz: 4000, [gpu]) == [])
        #expect(
            try remedies(2, cpuMHz: 4000, [gpu]) == ["without \"${node.class} = gpu\" it fits on node-1 and 1 more"])
        let perNode = Constraint("${node.datacenter}", .distinctProperty)
        #expect(try remedies(2, cpuMHz: 4000, [gpu, perNode]) == [])
    }

    // MARK: Making room

    @Test func aPlacementThatMadeRoomIsExplainedAsItWasDecided() throws {
        var bench = CoreBench()
        _ = bench.ask(.setSchedulingRules(SchedulingRules(preempting: [.service]), ifUnchangedSince: nil))
        for number in 1...2 { _ = bench.addNode(UInt64(number)) }
        var (low, high) = (makeJob("low", count: 2, cpuMHz: 3000), makeJob("high", count: 2, cpuMHz: 4000))
        (low.priority, high.priority) = (20, 70)
        register(low, &bench)
        register(high, &bench)
        let placed = bench.core.head.allocations(of: high.id).sorted { $0.index < $1.index }
        #expect(placed.count == 2 && placed.allSatisfy { $0.preempted.count == 1 })
        let history = history(of: bench.log)
        for allocation in placed {
            let report = try report(on: "high", in: bench.core.head, allocation, history: history)
            let line = try line(allocation.nodeName, report)
            #expect(line.score == allocation.score && line.evicting == allocation.preempted)
            #expect(line.parts["preemption"].map { $0 < 1 && $0 > 0.9999 } == true, "\(line.parts)")
            // For the first, both nodes offered that; the second found the first and its victim there.
            #expect(takers(report).count == 2 - allocation.index)
        }
    }

    // MARK: Sessions

    /// Counts what is asked of another scheduler.
    private final class CountingScheduler: Scheduler {
        let counts = Mutex((sessions: 0, explanations: 0))

        func session(on snapshot: Snapshot) -> any SchedulingSession {
            counts.withLock { $0.sessions += 1 }
            return BinPackScheduler().session(on: snapshot)
        }

        func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
            counts.withLock { $0.explanations += 1 }
            return BinPackScheduler().explain(request, on: snapshot)
        }
    }

    @Test func oneSessionAnswersForAllGroups() throws {
        var head = full()
        var record = try #require(head.jobs[JobID("low")])
        for name in ["b", "c"] {
            record.job.groups.append(record.job.groups[0])
            record.job.groups[record.job.groups.count - 1].name = name
        }
        let batch = ChangeBatch(
            revision: head.revision.next, epoch: Epoch(1), time: Self.later, changes: [.putJob(record)])
        let follows = head.apply(batch)
        #expect(follows)
        let scheduler = CountingScheduler()
        var inquiry = PlacementInquiry(into: head, scheduler: scheduler, at: Self.later)
        let groups = inquiry.report(on: record.job.groups, of: record).groups
        #expect(groups.map(\.name) == ["all", "b", "c"] && groups[0].waiting?.keptNodeNames == ["n11"])
        #expect(groups.allSatisfy { $0.explanation.lines.count == 20 })
        #expect(scheduler.counts.withLock { $0 } == (1, 0))
    }

    @Test func schedulersWhoseSessionsDoNotExplainAreAskedThemselves() throws {
        let report = try report(on: "high", in: full(), scheduler: ReferenceScheduler(), at: Self.later)
        #expect(report.explanation.lines.count == 20 && report.explanation.refusals.map(\.refusal) == ["cpu"])
    }
}
