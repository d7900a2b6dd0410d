import ClusterTesting
import Testing

@testable import ClusterKit

/// Groups that wait, made by hand: a state with their evaluations, and the queue of it.
private struct QueueBench {
    var snapshot = Snapshot()
    var queue = WaitingQueue(patience: .seconds(60))
    var now = Now(wall: WallTime(nanoseconds: 0), uptime: Uptime(nanoseconds: 0))
    let node = sampleNodes(1, cores: 64, memoryGiB: 64)[0]

    mutating func commit(_ changes: [Change]) {
        let batch = ChangeBatch(revision: snapshot.revision.next, epoch: Epoch(1), time: now.wall, changes: changes)
        snapshot.apply(batch)
        for change in changes { queue.note(change, in: snapshot, at: now) }
    }

    /// One group of a job waits.
    mutating func wait(_ job: Job, number: UInt64, short: [String: Int] = ["memory": 1]) {
        var evaluation = Evaluation(
            id: EvaluationID(high: 0, low: number), job: job.id, kind: job.kind, priority: job.priority,
            trigger: .queuedAllocations, status: .blocked, time: now.wall)
        evaluation.queued = ["web": 1]
        var refusal = Refusal()
        refusal.exhausted = short
        evaluation.refusals = ["web": refusal]
        commit([.putJob(JobRecord(job: job, submitTime: now.wall)), .putEvaluation(evaluation)])
    }

    mutating func end(_ number: UInt64) {
        guard var evaluation = snapshot.evaluations[EvaluationID(high: 0, low: number)] else { return }
        evaluation.status = .complete
        commit([.putEvaluation(evaluation)])
    }

    mutating func first(_ room: Vacancy, upTo bound: QueueRank? = nil) -> EvaluationID? {
        let opening = Opening(node, halls: queue.halls(admitting: node))
        let supply = Supply(room) { _ in Vacancy(cpuMHz: 0, memoryMiB: 0, diskMiB: 0, cores: 0) }
        return queue.first(on: opening, with: supply, upTo: bound) { [snapshot, node] in
            snapshot.ownInstances(of: $0, on: node.id)
        }?.evaluation
    }
}

private func room(cpu: Int, memory: Int, disk: Int = 10_000, cores: Int = 4) -> Vacancy {
    Vacancy(cpuMHz: cpu, memoryMiB: memory, diskMiB: disk, cores: cores)
}

@Suite struct WaitingQueueTests {
    /// Whoever comes, goes or changes: the queue names whom a plain look through all of them names.
    @Test(arguments: Array(1...6) as [UInt64])
    func findsTheFirstThatFits(seed: UInt64) {
        var chance = Entropy(seed: seed)
        var bench = QueueBench()
        for step in 0..<400 {
            let number = UInt64(chance.below(60))
            if chance.below(3) == 0 {
                bench.end(number)
            } else {
                let (cpu, memory) = (100 * (1 + chance.below(20)), 100 * (1 + chance.below(20)))
                let (priority, cores) = (10 * chance.below(5), chance.below(4) == 0 ? 1 + chance.below(4) : 0)
                let elsewhere = chance.below(5) == 0
                bench.wait(
                    .sample("j\(number)", cpu: cpu, memory: memory) { job in
                        job.priority = priority
                        job.groups[0].tasks[0].resources.cores = cores
                        if elsewhere { job.datacenters = ["dc9"] }
                    }, number: number)
            }
            let free = room(cpu: chance.below(12_000), memory: chance.below(2500), cores: chance.below(5))
            let fitting = bench.snapshot.evaluations.sorted.filter { evaluation in
                guard evaluation.status == .blocked, let job = bench.snapshot.jobs[evaluation.job]?.job else {
                    return false
                }
                let asked = job.groups[0].tasks[0].resources
                return job.datacenters != ["dc9"] && asked.memoryMiB <= free.memoryMiB && asked.cores <= free.cores
                    && asked.cpuMHz + asked.cores * 2500 <= free.cpuMHz
            }
            let expected = fitting.min { ($1.priority, $0.createRevision) < ($0.priority, $1.createRevision) }
            #expect(bench.first(free) == expected?.id, "seed \(seed), step \(step)")
        }
    }

    @Test func whatRefusedTheFirstOfALineRefusesTheOthers() {
        var bench = QueueBench()
        for number in 1...3 as ClosedRange<UInt64> { bench.wait(.sample("j\(number)"), number: number) }
        bench.wait(.sample("other", memory: 100), number: 4)
        bench.queue.setAside(JobID("j1"))
        let free = room(cpu: 5000, memory: 5000)
        #expect(bench.first(free) == EvaluationID(high: 0, low: 4))
        bench.queue.endRound()
        #expect(bench.first(free) == EvaluationID(high: 0, low: 1))
    }

    @Test func onlyThoseWhoComeFirstGetANodeThatIsKept() {
        var bench = QueueBench()
        bench.wait(.sample("big", memory: 4000), number: 1)
        bench.wait(.sample("small", memory: 100), number: 2)
        let bound = bench.queue.rank(of: "web", in: JobID("big"))
        #expect(bench.first(room(cpu: 5000, memory: 1000), upTo: bound) == nil)
        #expect(bench.first(room(cpu: 5000, memory: 4000), upTo: bound) == EvaluationID(high: 0, low: 1))
        bench.wait(.sample("urgent", memory: 200) { $0.priority = 90 }, number: 3)
        #expect(bench.first(room(cpu: 5000, memory: 1000), upTo: bound) == EvaluationID(high: 0, low: 3))
    }

    @Test func aGroupThatKeepsApartIsNotOfferedWhereItRuns() {
        var bench = QueueBench()
        bench.wait(.sample("apart") { $0.constraints = [Constraint("", .distinctHosts)] }, number: 1)
        let free = room(cpu: 5000, memory: 5000)
        #expect(bench.first(free) == EvaluationID(high: 0, low: 1))
        var running = Allocation(
            id: AllocationID(high: 0, low: 1), job: JobID("apart"), jobVersion: 0, group: "web", index: 0,
            node: bench.node.id, evaluation: EvaluationID(high: 0, low: 9), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: bench.now.wall)
        bench.commit([.putAllocation(running)])
        #expect(bench.first(free) == nil)
        running.client = .complete
        bench.commit([.putAllocation(running)])
        #expect(bench.first(free) == EvaluationID(high: 0, low: 1))
    }

    @Test func whoCountsItsInstancesIsStirredWhenOneEnds() {
        var bench = QueueBench()
        let rule = Constraint("${attr.rack}", .distinctProperty)
        bench.wait(.sample("racks") { $0.constraints = [rule] }, number: 1)
        #expect(bench.queue.firstToAskAnywhere == nil)
        var ended = Allocation(
            id: AllocationID(high: 0, low: 1), job: JobID("racks"), jobVersion: 0, group: "web", index: 0,
            node: NodeID(high: 5, low: 5), evaluation: EvaluationID(high: 0, low: 9), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: bench.now.wall)
        ended.client = .complete
        bench.commit([.putAllocation(ended)])
        #expect(bench.queue.firstToAskAnywhere?.evaluation == EvaluationID(high: 0, low: 1))
        bench.queue.setAside(JobID("racks"))
        #expect(bench.queue.firstToAskAnywhere != nil, "the look itself may have ended it")
        bench.queue.setAside(JobID("racks"))
        #expect(bench.queue.firstToAskAnywhere == nil)
        bench.commit([.putAllocation(ended)])
        bench.queue.endRound()
        bench.queue.setAside(JobID("racks"))
        #expect(bench.queue.firstToAskAnywhere == nil, "it ended in another round")
    }

    @Test func aStoppedJobWaitsNoMore() {
        var bench = QueueBench()
        bench.wait(.sample("web"), number: 1)
        guard var record = bench.snapshot.jobs[JobID("web")] else { return }
        record.stopped = true
        bench.commit([.putJob(record)])
        #expect(bench.queue.isEmpty)
        record.stopped = false
        bench.commit([.putJob(record)])
        #expect(bench.first(room(cpu: 5000, memory: 5000)) == EvaluationID(high: 0, low: 1))
    }

    @Test func manyEqualOnesCostNoMoreThanOne() {
        var bench = QueueBench()
        for number in 1...500 as ClosedRange<UInt64> {
            bench.wait(.sample("j\(number)", memory: number % 2 == 0 ? 100 : 3000), number: number)
        }
        let before = bench.queue.looks
        #expect(bench.first(room(cpu: 5000, memory: 200)) == EvaluationID(high: 0, low: 2))
        #expect(bench.first(room(cpu: 5000, memory: 50)) == nil)
        #expect(bench.queue.looks - before <= 6)
    }
}

@Suite struct KeptNodeTests {
    private func survey(_ bench: QueueBench, _ free: [Int]) -> (KeptNodes.Survey, [Node]) {
        let nodes = sampleNodes(free.count, cores: 4, memoryGiB: 4)
        let rooms = Dictionary(
            uniqueKeysWithValues: zip(nodes, free).map { ($0.id, room(cpu: 10_000, memory: $1, disk: 500_000)) })
        return (KeptNodes.Survey(head: bench.snapshot, touched: nil, vacancy: { rooms[$0] }), nodes)
    }

    private func bench(_ jobs: [Job], after wait: Duration = .seconds(60)) -> QueueBench {
        var bench = QueueBench()
        bench.commit(sampleNodes(4, cores: 4, memoryGiB: 4).map(Change.putNode))
        for (place, job) in jobs.enumerated() { bench.wait(job, number: UInt64(place + 1)) }
        bench.queue.ripen(at: bench.now.uptime + wait)
        return bench
    }

    @Test func theNodeThatLacksLeastIsKept() {
        var bench = bench([.sample("big", memory: 3000), .sample("small", memory: 2000)])
        let (survey, nodes) = survey(bench, [500, 1500, 1500, 100])
        var kept = KeptNodes()
        kept.update(from: &bench.queue, limit: 2, survey)
        #expect(kept.all.map(\.node) == [nodes[1].id, nodes[2].id])
        #expect(kept.withheld(from: kept.all[0].rank).isEmpty)
        #expect(kept.withheld(from: kept.all[1].rank) == [nodes[1].id])
    }

    @Test func noneIsKeptWhereItsOwnInstancesKeepItOff() {
        let apart = Job.sample("apart", memory: 3000) { $0.constraints = [Constraint("", .distinctHosts)] }
        var bench = bench([apart])
        let (_, nodes) = survey(bench, [0, 0, 0, 0])
        bench.commit([.putAllocation(running(on: nodes[1].id))])
        var kept = KeptNodes()
        kept.update(from: &bench.queue, limit: 1, survey(bench, [500, 1500, 1000, 100]).0)
        #expect(kept.all.map(\.node) == [nodes[2].id])
        // It is there now, so another node is kept.
        bench.commit([.putAllocation(running(on: nodes[2].id, number: 2))])
        let now = survey(bench, [500, 1500, 1000, 100]).0
        kept.update(
            from: &bench.queue, limit: 1,
            KeptNodes.Survey(head: now.head, touched: [nodes[2].id], vacancy: now.vacancy))
        #expect(kept.all.map(\.node) == [nodes[0].id])
    }

    private func running(on node: NodeID, number: UInt64 = 1) -> Allocation {
        Allocation(
            id: AllocationID(high: 0, low: number), job: JobID("apart"), jobVersion: 0, group: "web", index: 0,
            node: node, evaluation: EvaluationID(high: 0, low: 9), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: WallTime(nanoseconds: 0))
    }

    @Test func noneIsKeptForThoseWhoJustCame() {
        var bench = bench([.sample("big", memory: 3000)], after: .seconds(59))
        var kept = KeptNodes()
        kept.update(from: &bench.queue, limit: 2, survey(bench, [0, 0, 0, 0]).0)
        #expect(kept.isEmpty)
    }

    @Test func noneIsKeptForWhatNoNodeCouldTakeNorForThoseWhoWaitForAPort() {
        var bench = bench([.sample("giant", memory: 5000), .sample("big", memory: 3000)])
        bench.wait(.sample("port"), number: 9, short: ["network: reserved port collision http=80": 4])
        bench.queue.ripen(at: bench.now.uptime + .seconds(60))
        var kept = KeptNodes()
        kept.update(from: &bench.queue, limit: 3, survey(bench, [0, 0, 0, 0]).0)
        #expect(kept.all.map(\.waiter.evaluation) == [EvaluationID(high: 0, low: 2)])
    }

    /// What is known of unchanged nodes spares looking at them and changes nothing.
    @Test(arguments: Array(1...8) as [UInt64])
    func keepingUpEqualsChoosingAnew(seed: UInt64) {
        var chance = Entropy(seed: seed)
        var bench = bench([
            .sample("a", memory: 3900), .sample("b", memory: 3000), .sample("c", memory: 2000),
        ])
        let nodes = sampleNodes(4, cores: 4, memoryGiB: 4)
        var free = [0, 0, 0, 0]
        var kept = KeptNodes()
        kept.update(from: &bench.queue, limit: 3, survey(bench, free).0)
        for _ in 0..<40 {
            let place = chance.below(4)
            free[place] = chance.below(20) * 100
            let now = survey(bench, free).0
            let touched = KeptNodes.Survey(head: now.head, touched: [nodes[place].id], vacancy: now.vacancy)
            kept.update(from: &bench.queue, limit: 3, touched)
            var anew = KeptNodes()
            anew.update(from: &bench.queue, limit: 3, now)
            #expect(kept.all.map(\.node) == anew.all.map(\.node), "seed \(seed): \(free)")
        }
    }
}
