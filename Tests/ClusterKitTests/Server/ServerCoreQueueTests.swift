import Testing

@testable import ClusterKit

/// A full cluster before which work waits.
private struct FullCluster {
    var bench: CoreBench
    /// What ends when a test wants room: one instance after the other.
    var fillers: [Allocation]

    /// `nodes` nodes of 4,000 MHz, each full with four instances of a batch job, and `waiting` jobs with one instance.
    init(
        nodes: Int, waiting: [Job], configuration: ServerConfiguration = .patient, waited: Duration = .zero
    ) {
        let time = WallTime(nanoseconds: 1_000_000_000_000)
        let filler = makeJob("filler", count: nodes * 4, cpuMHz: 1000, kind: .batch)
        var records: [Change] = [.putJob(JobRecord(job: filler, submitTime: time))]
        fillers = []
        for number in 0..<nodes {
            var node = Node(
                id: NodeID(high: 1, low: UInt64(number)), name: "node-\(100_000 + number)",
                capacity: Resources(cpuMHz: 4000, memoryMiB: 1 << 20, diskMiB: 1 << 30),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            node.status = .ready
            records.append(.putNode(node))
            for part in 0..<4 {
                let index = part * nodes + number
                fillers.append(
                    Allocation(
                        id: AllocationID(high: 2, low: UInt64(index)), job: filler.id, jobVersion: 0, group: "all",
                        index: index, node: node.id, evaluation: EvaluationID(high: 2, low: 0), epoch: Epoch(1),
                        resources: AllocatedResources(total: Resources(cpuMHz: 1000, memoryMiB: 300, diskMiB: 300)),
                        time: time))
            }
        }
        fillers.sort { $0.index < $1.index }
        records += fillers.map(Change.putAllocation)
        for (number, job) in waiting.enumerated() {
            var evaluation = Evaluation(
                id: EvaluationID(high: 3, low: UInt64(number)), job: job.id, kind: job.kind, priority: job.priority,
                trigger: .queuedAllocations, status: .blocked, time: time - waited)
            evaluation.createRevision = Revision(UInt64(number) + 1)
            evaluation.queued = ["all": 1]
            var refusal = Refusal()
            refusal.exhausted = ["cpu": nodes]
            evaluation.refusals = ["all": refusal]
            records += [.putJob(JobRecord(job: job, submitTime: time)), .putEvaluation(evaluation)]
        }
        let head = Snapshot(revision: Revision(UInt64(waiting.count) + 1), epoch: Epoch(1), records: records)
        bench = CoreBench(configuration: configuration, head: head)
    }

    /// Ends the next of those that fill the cluster and gives its node.
    mutating func endOne() -> NodeID {
        let filler = fillers.removeFirst()
        _ = bench.ask(.report(filler.node, [AllocationReport(id: filler.id, client: .complete)]))
        bench.write()
        return filler.node
    }

    mutating func register(_ job: Job) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    func node(of job: String) -> NodeID? { bench.core.head.allocations(of: JobID(job)).first(where: \.isLive)?.node }

    var list: WaitingList {
        WaitingList(of: bench.core.head, configuration: bench.core.configuration, at: bench.now.wall)
    }
}

extension ServerConfiguration {
    /// Loses no node, and keeps none.
    fileprivate static let patient = ServerConfiguration(heartbeatTTL: .seconds(1_000_000), reservations: 0)
    /// Loses no node.
    fileprivate static let reserving = ServerConfiguration(heartbeatTTL: .seconds(1_000_000))
}

extension WallTime {
    fileprivate static func - (time: Self, duration: Duration) -> Self {
        Self(nanoseconds: time.nanoseconds - duration.nanoseconds)
    }
}

private func job(_ id: String, cpu: Int, priority: Int = 50, kind: JobKind = .service) -> Job {
    var job = makeJob(id, cpuMHz: cpu, kind: kind)
    job.priority = priority
    return job
}

@Suite struct ServerCoreQueueTests {
    /// Ten thousand groups wait. Whenever something ends, exactly those are placed that fit by then, in their order,
    /// and the work for it depends on what came free.
    @Test func aLongQueueIsServedInOrder() {
        let jobs = (0..<10_000).map {
            job("j\($0)", cpu: [400, 700, 1000, 1700][$0 % 4], priority: [20, 50, 80][$0 % 7 % 3])
        }
        var cluster = FullCluster(nodes: 30, waiting: jobs)
        var order = jobs.indices.sorted { (-jobs[$0].priority, $0) < (-jobs[$1].priority, $1) }
        var free = [NodeID: Int]()
        let begun = (plans: cluster.bench.core.plans, looks: cluster.bench.core.queue.looks)
        #expect(begun.plans == 0 && begun.looks == 30, "a start on a full cluster asks each node once")
        for _ in 0..<100 {
            let before = cluster.bench.core.head.revision
            free[cluster.endOne(), default: 0] += 1000
            let placed = newAllocations(in: cluster.bench.core.head, after: before)
            var most = free.values.max() ?? 0
            order.removeAll { number in
                let (id, cpu) = (jobs[number].id, jobs[number].groups[0].tasks[0].resources.cpuMHz)
                guard let node = placed[id] else {
                    #expect(cpu > most, "\(id) was passed over")
                    return false
                }
                #expect(cpu <= free[node] ?? 0, "\(id) took what those before it could use")
                free[node, default: 0] -= cpu
                most = free.values.max() ?? 0
                return true
            }
        }
        #expect(order.count < 9950)
        // Each of the 4 demands is refused at most once for what came free.
        let placed = 10_000 - order.count
        #expect(cluster.bench.core.plans - begun.plans <= placed + 4 * 100)
        #expect(cluster.bench.core.queue.looks - begun.looks <= 100 * 80)
        let groups = cluster.list.groups
        #expect(groups.map(\.job) == order.map { jobs[$0].id })
        #expect(groups.map(\.position) == Array(1...order.count))
        #expect(groups.map(\.instancesAhead) == Array(0..<order.count))
    }

    private func newAllocations(in head: Snapshot, after revision: Revision) -> [JobID: NodeID] {
        var placed: [JobID: NodeID] = [:]
        for allocation in head.allocations.unordered where allocation.createRevision > revision {
            placed[allocation.job] = allocation.node
        }
        return placed
    }

    @Test func newWorkDoesNotOvertakeThoseWhoCouldUseTheRoom() {
        var cluster = FullCluster(nodes: 2, waiting: [job("old", cpu: 1000)])
        // Room comes free, and new work comes, while the store refuses to write.
        cluster.register(job("none", cpu: 9000))
        _ = cluster.bench.ask(.evaluate(JobID("none")))
        let begun = cluster.bench.takeAppend()
        #expect(begun != nil)
        cluster.bench.tell(.appendFailed(.refused("full")))
        _ = cluster.endOne()
        cluster.register(job("new", cpu: 1000))
        #expect(cluster.node(of: "old") == nil && cluster.node(of: "new") == nil)
        cluster.bench.pass(.seconds(2))
        #expect(cluster.node(of: "old") != nil && cluster.node(of: "new") == nil)
    }

    @Test func newWorkTakesWhatNobodyBeforeItCanUse() {
        var cluster = FullCluster(nodes: 2, waiting: [job("old", cpu: 2000)])
        let node = cluster.endOne()
        #expect(cluster.node(of: "old") == nil)
        cluster.register(job("new", cpu: 1000))
        #expect(cluster.node(of: "new") == node)
    }

    @Test func aJobThatBecomesMoreImportantMovesUp() {
        var cluster = FullCluster(nodes: 2, waiting: [job("first", cpu: 1000), job("second", cpu: 1000)])
        cluster.register(job("second", cpu: 1000, priority: 90))
        #expect(cluster.list.groups.map(\.job) == [JobID("second"), JobID("first")])
        _ = cluster.endOne()
        #expect(cluster.node(of: "second") != nil && cluster.node(of: "first") == nil)
    }

    @Test func aNewLeaderGoesOnInTheSameOrder() {
        var cluster = FullCluster(nodes: 2, waiting: (0..<6).map { job("j\($0)", cpu: 1000, priority: 10 * ($0 % 2)) })
        let order = cluster.list.groups.map(\.job)
        cluster.bench = CoreBench(configuration: .patient, head: cluster.bench.core.head)
        for job in order {
            #expect(cluster.list.groups.first?.job == job)
            _ = cluster.endOne()
            #expect(cluster.node(of: job.id) != nil)
        }
    }
}

@Suite struct ServerCoreReservationTests {
    /// Small jobs come as fast as others end, and fill each gap. Gives when the big one ran, in steps of ten seconds.
    private func stream(_ configuration: ServerConfiguration) -> (bigRanAfter: Int?, leastRunning: Int) {
        var cluster = FullCluster(nodes: 20, waiting: [job("big", cpu: 4000)], configuration: configuration)
        var running = cluster.fillers.map { ($0.node, $0.id) }
        var waiting: [JobID] = []
        var least = running.count
        for step in 0..<120 {
            let (node, id) = running.removeFirst()
            _ = cluster.bench.ask(.report(node, [AllocationReport(id: id, client: .complete)]))
            let small = job("small\(step)", cpu: 1000, kind: .batch)
            cluster.register(small)
            waiting.append(small.id)
            for allocation in waiting.flatMap({ cluster.bench.core.head.allocations(of: $0) }) {
                running.append((allocation.node, allocation.id))
                waiting.removeAll { $0 == allocation.job }
            }
            if cluster.node(of: "big") != nil { return (step, least) }
            least = min(least, running.count)
            cluster.bench.pass(.seconds(10))
            cluster.bench.write()
        }
        return (nil, least)
    }

    @Test func nothingStarvesBySize() {
        let (ran, least) = stream(.reserving)
        #expect(ran != nil)
        #expect(least >= 80 - 4, "only one node was kept")
        #expect(stream(.patient).bigRanAfter == nil, "without a node that is kept it would wait for ever")
    }

    @Test func noNodeIsKeptBeforeTheDelay() {
        var cluster = FullCluster(nodes: 2, waiting: [job("big", cpu: 4000)], configuration: .reserving)
        #expect(cluster.list.groups[0].keptNodes == [])
        let node = cluster.endOne()
        cluster.register(job("small", cpu: 1000))
        #expect(cluster.node(of: "small") == node)
        cluster.bench.pass(.seconds(59))
        #expect(cluster.bench.core.kept.isEmpty)
        #expect(cluster.bench.core.nextWake.uptime == cluster.bench.now.uptime + .seconds(1))
        cluster.bench.pass(.seconds(1))
        #expect(cluster.bench.core.kept.all.map(\.node) == [NodeID(high: 1, low: 0)])
        #expect(cluster.list.groups[0].keptNodeNames == ["node-100000"])
    }

    @Test func whatIsKeptIsForThoseWhoComeFirst() {
        var cluster = FullCluster(
            nodes: 2, waiting: [job("big", cpu: 4000)], configuration: .reserving, waited: .seconds(60))
        let kept = cluster.endOne()
        #expect(cluster.list.groups[0].keptNodes == [kept])
        cluster.register(job("small", cpu: 1000))
        #expect(cluster.node(of: "small") == nil, "it is newer")
        let small = cluster.list.groups(of: JobID("small"))
        #expect(small.map(\.position) == [2] && small.map(\.instancesAhead) == [1])
        #expect(small.first?.refusal.filtered == [Refusal.kept: 1])
        cluster.register(job("urgent", cpu: 500, priority: 90))
        #expect(cluster.node(of: "urgent") == kept)
    }

    @Test func aNodeIsKeptAfterARestartToo() {
        var cluster = FullCluster(
            nodes: 2, waiting: [job("big", cpu: 4000)], configuration: .reserving, waited: .seconds(60))
        let kept = cluster.endOne()
        cluster.bench = CoreBench(configuration: .reserving, head: cluster.bench.core.head)
        #expect(cluster.bench.core.kept.all.map(\.node) == [kept])
        cluster.register(job("small", cpu: 1000))
        #expect(cluster.node(of: "small") == nil)
    }

    @Test func aNodeIsReleasedWhenItsWorkIsStopped() {
        var cluster = FullCluster(
            nodes: 2, waiting: [job("big", cpu: 4000)], configuration: .reserving, waited: .seconds(60))
        let kept = cluster.endOne()
        cluster.register(job("small", cpu: 1000))
        _ = cluster.bench.ask(.stop(JobID("big"), purge: false))
        cluster.bench.write()
        #expect(cluster.node(of: "small") == kept && cluster.bench.core.kept.isEmpty)
    }

    @Test func aNodeIsReleasedWhenItIsLostAndAnotherIsKept() {
        var cluster = FullCluster(
            nodes: 3, waiting: [job("big", cpu: 4000)], configuration: .reserving, waited: .seconds(60))
        let kept = cluster.endOne()
        #expect(cluster.bench.core.kept.all.map(\.node) == [kept])
        _ = cluster.bench.ask(.setEligibility(kept, .ineligible))
        cluster.bench.write()
        #expect(cluster.bench.core.kept.all.map(\.node) == [NodeID(high: 1, low: 1)])
    }

    @Test func workThatNoNodeCouldTakeKeepsNoneUntilOneGrows() throws {
        var cluster = FullCluster(
            nodes: 2, waiting: [job("giant", cpu: 5000)], configuration: .reserving, waited: .seconds(60))
        #expect(cluster.bench.core.kept.isEmpty && cluster.list.groups[0].keptNodes == [])
        var grown = try #require(cluster.bench.core.head.nodes[NodeID(high: 1, low: 1)])
        grown.capacity.cpuMHz = 6000
        _ = cluster.bench.ask(.registerNode(grown))
        cluster.bench.write()
        #expect(cluster.bench.core.kept.all.map(\.node) == [grown.id])
    }

    @Test(arguments: [(1, 0), (2, 1), (9, 1), (20, 2), (29, 2), (1000, 3)])
    func atMostATenthOfTheNodesIsKept(nodes: Int, kept: Int) {
        #expect(ServerConfiguration().reservationLimit(nodes: nodes) == kept)
    }
}
