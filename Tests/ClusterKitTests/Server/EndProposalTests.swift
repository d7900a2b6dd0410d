import ClusterTesting
import Testing

@testable import ClusterKit

/// An end is proposed only to whoever gets the room.
@Suite struct EndProposalTests {
    private var bench = CoreBench(configuration: ServerConfiguration(heartbeatTTL: .seconds(10_000_000)))

    private mutating func register(
        _ id: String, count: Int = 1, cpuMHz: Int, priority: Int = 50, _ change: (inout Job) -> Void = { _ in }
    ) {
        var job = makeJob(id, count: count, cpuMHz: cpuMHz)
        job.priority = priority
        change(&job)
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        confirm()
    }

    /// What was placed runs.
    private mutating func confirm() {
        for allocation in bench.core.head.allocations.sorted where allocation.client == .pending {
            _ = bench.ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: .running)]))
        }
        bench.write()
    }

    /// Whose ends are proposed for the next instance of a job.
    private func proposed(_ job: String) throws -> [AllocationID] {
        let record = try #require(bench.core.head.jobs[JobID(job)])
        var inquiry = PlacementInquiry(
            into: bench.core.head, scheduler: BinPackScheduler(), configuration: bench.core.configuration,
            keeping: bench.core.kept, at: bench.now.wall)
        let group = try #require(inquiry.report(on: record.job.groups, of: record).groups.first)
        return group.explanation.remedies.flatMap { remedy -> [AllocationID] in
            if case .end(let ended, _, _) = remedy { ended } else { [] }
        }
    }

    /// Does what is proposed: an operator stops them, and they end.
    private mutating func end(_ ended: [AllocationID]) {
        for id in ended { _ = bench.ask(.stopAllocation(id)) }
        bench.write()
        // At one time: after each other, those who wait would take what is there by then.
        guard let node = ended.first.flatMap({ bench.core.head.allocations[$0]?.node }) else { return }
        _ = bench.ask(.report(node, ended.map { AllocationReport(id: $0, client: .complete) }))
        bench.write()
    }

    private func live(_ job: String) -> Int { bench.core.head.allocations(of: JobID(job)).count(where: \.isLive) }

    @Test mutating func onlyTheFirstOfManyIsToldOfAnEnd() throws {
        _ = bench.addNode(1)
        register("filler", count: 4, cpuMHz: 1000, priority: 40)
        for number in 0..<10 { register("job-\(number)", cpuMHz: 1000) }
        for number in 1..<10 { #expect(try proposed("job-\(number)") == []) }
        let ended = try proposed("job-0")
        #expect(ended.count == 1)
        end(ended)
        #expect(live("job-0") == 1)
        #expect(try proposed("job-1").count == 1 && live("job-1") == 0)
    }

    @Test mutating func whatTheReplacedOneHasNeedNotEnd() throws {
        _ = bench.addNode(1)
        register("web", cpuMHz: 1000)
        register("other", cpuMHz: 1500, priority: 40)
        register("important", cpuMHz: 1250, priority: 90)
        let old = try #require(bench.core.head.allocations(of: JobID("web")).first)
        register("web", cpuMHz: 2000)
        #expect(bench.core.head.allocations(of: JobID("web")).filter(\.isLive).map(\.id) == [old.id])
        // 250 MHz are free: with those of both there is enough, with those of the other alone there is not.
        let ended = try proposed("web")
        #expect(ended == bench.core.head.allocations(of: JobID("other")).map(\.id))
        end(ended)
        #expect(bench.core.head.allocations(of: JobID("web")).filter(\.isLive).map(\.preempted) == [[old.id]])
    }

    @Test mutating func whoseJobWaitsLongerGetsItsRoomBack() throws {
        _ = bench.addNode(1)
        register("older", count: 5, cpuMHz: 1000)
        register("younger", cpuMHz: 1000)
        #expect(live("older") == 4)
        #expect(try proposed("younger") == [])
        register("older", count: 4, cpuMHz: 1000)
        #expect(try proposed("younger").count == 1)
    }

    @Test mutating func whatIsTooLittleForThoseBeforeItIsProposed() throws {
        _ = bench.addNode(1)
        register("small", count: 2, cpuMHz: 500, priority: 40)
        register("large", cpuMHz: 3000, priority: 90)
        register("first", cpuMHz: 2000)
        // What ends for 500 MHz is not enough for the first; what the large one holds would be.
        register("second", cpuMHz: 500)
        let ended = try proposed("second")
        #expect(ended.count == 1)
        end(ended)
        #expect(live("second") == 1 && live("first") == 0)
    }

    @Test mutating func whatThoseBeforeItLeaveOverIsProposed() throws {
        _ = bench.addNode(1)
        register("large", cpuMHz: 4000, priority: 40)
        for number in 0..<3 { register("job-\(number)", cpuMHz: 1500) }
        // Two of three have room in place of the large one.
        #expect(try proposed("job-1").count == 1 && proposed("job-2") == [])
        end(try proposed("job-1"))
        #expect((0..<3).map { live("job-\($0)") } == [1, 1, 0])
    }

    @Test mutating func whoIsKeptOffByAnotherRuleTakesNoRoom() throws {
        _ = bench.addNode(1)
        register("filler", count: 3, cpuMHz: 1000, priority: 40)
        register("apart", count: 2, cpuMHz: 900) { $0.groups[0].constraints = [Constraint("", .distinctHosts)] }
        register("rack", count: 2, cpuMHz: 50) {
            $0.groups[0].constraints = [Constraint("${node.datacenter}", .distinctProperty)]
        }
        register("next", cpuMHz: 1000)
        #expect(live("apart") == 1 && live("rack") == 1)
        #expect(try proposed("next").count == 1)
        end(try proposed("next"))
        #expect(live("next") == 1)
    }

    @Test mutating func whatASuccessorTakesAtOnceIsNotCounted() throws {
        _ = bench.addNode(1)
        register("large", cpuMHz: 3000, priority: 90)
        register("small", cpuMHz: 500, priority: 40)
        register("next", cpuMHz: 1000)
        // Its successor would have the 500 MHz that are free before it has ended.
        #expect(try proposed("next") == [])
        _ = bench.addNode(2, cpuMHz: 500)
        // Where it fits better elsewhere, it goes there.
        let ended = try proposed("next")
        #expect(ended.count == 1)
        end(ended)
        #expect(live("next") == 1 && live("small") == 1)
    }

    /// When an instance of a job was placed last.
    private func newest(_ job: String) -> Revision? {
        bench.core.head.allocations(of: JobID(job)).map(\.createRevision).max()
    }

    /// In hundreds of queues: an instance is placed of whoever is told of an end, when that is done.
    @Test func whoeverIsToldOfAnEndGetsTheRoom() throws {
        var (told, untold, besideKept) = (0, 0, 0)
        for seed in 1...100 as ClosedRange<UInt64> {
            var trial = Self()
            trial.draw(seed)
            for record in trial.bench.core.head.jobs.sorted {
                let name = record.job.id.id
                guard trial.live(name) < record.job.groups[0].count else { continue }
                let ended = try trial.proposed(name)
                if ended.isEmpty {
                    untold += 1
                    continue
                }
                told += 1
                if !trial.bench.core.kept.isEmpty { besideKept += 1 }
                var after = trial
                after.end(ended)
                #expect(after.newest(name) != trial.newest(name), "seed \(seed), \(name) without \(ended.map(\.short))")
            }
        }
        #expect(told > 150 && untold > 300 && besideKept > 80, "\(told) \(untold) \(besideKept)")
    }

    /// A full cluster of three nodes, and a queue. Some wait long enough for a node to be kept, and some want to become
    /// larger or smaller than they are.
    private mutating func draw(_ seed: UInt64) {
        var entropy = Entropy(seed: seed)
        for number in 1...3 as ClosedRange<UInt64> { _ = bench.addNode(number) }
        for number in 0..<14 {
            let rule: Constraint? =
                switch entropy.below(8) {
                case 0: Constraint("", .distinctHosts)
                case 1: Constraint("${node.datacenter}", .distinctProperty, "2")
                default: nil
                }
            let hasPort = entropy.below(6) == 0
            let memory = [100, 100, 2000, 4000][entropy.below(4)]
            let name = number > 6 && entropy.below(5) == 0 ? "job-\(entropy.below(number))" : "job-\(number)"
            register(
                name, count: 1 + entropy.below(4), cpuMHz: (1 + entropy.below(6)) * 500,
                priority: [40, 50, 50, 60][entropy.below(4)]
            ) { job in
                job.groups[0].constraints = rule.map { [$0] } ?? []
                job.groups[0].tasks[0].resources.memoryMiB = memory
                if hasPort { job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 8080)]) }
            }
            bench.pass(.seconds([1, 1, 1, 40][entropy.below(4)]))
        }
    }
}
