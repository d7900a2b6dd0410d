import Testing

@testable import ClusterKit

@Suite struct PreemptionServingTests {
    private func register(_ job: Job, _ bench: inout CoreBench) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    private func job(_ id: String, _ priority: Int, count: Int = 1, cpuMHz: Int, kind: JobKind = .service) -> Job {
        var job = makeJob(id, count: count, cpuMHz: cpuMHz, kind: kind)
        job.priority = priority
        return job
    }

    /// A node that a job of low priority fills, and one of high priority that takes it over.
    private func takeover(nodes: UInt64 = 1, low kind: JobKind = .service) throws -> (
        bench: CoreBench, victim: Allocation, successor: Allocation
    ) {
        var bench = CoreBench()
        let rules = SchedulingRules(preempting: [.service])
        _ = bench.ask(.setSchedulingRules(rules, ifUnchangedSince: nil))
        _ = bench.addNode(1)
        register(job("low", 20, cpuMHz: 3000, kind: kind), &bench)
        let victim = try #require(bench.core.head.allocations(of: JobID("low")).first)
        _ = bench.ask(.report(victim.node, [AllocationReport(id: victim.id, client: .running)]))
        for number in 1..<nodes { _ = bench.addNode(number + 1, cpuMHz: 3000) }
        register(job("high", 70, cpuMHz: 4000), &bench)
        let successor = try #require(bench.core.head.allocations(of: JobID("high")).first)
        return (bench, try #require(bench.core.head.allocations[victim.id]), successor)
    }

    private func view(_ bench: CoreBench, _ node: NodeID) -> [AllocationID] {
        Assignments(for: node, in: bench.core.head).allocations.map(\.allocation.id)
    }

    @Test func theSuccessorStartsWhenItsVictimHasEnded() throws {
        let (start, victim, successor) = try takeover()
        var bench = start
        #expect(victim.desired == .evict && victim.preemptedBy == successor.id)
        #expect(victim.desiredDescription == "made room for high.all[0]")
        #expect(successor.preempted == [victim.id] && successor.node == victim.node)
        #expect(view(bench, victim.node) == [victim.id])
        let stamp = Assignments(for: victim.node, in: bench.core.head).stamp
        #expect(!Assignments.isNewer(for: victim.node, than: stamp, in: bench.core.head))

        _ = bench.ask(.report(victim.node, [AllocationReport(id: victim.id, client: .complete)]))
        bench.write()
        #expect(Assignments.isNewer(for: victim.node, than: stamp, in: bench.core.head))
        #expect(view(bench, victim.node) == [successor.id])
    }

    @Test(arguments: [JobKind.service, .batch])
    func victimsWaitForRoom(kind: JobKind) throws {
        let (start, victim, successor) = try takeover(low: kind)
        var bench = start
        let evaluations = bench.core.head.evaluations(of: JobID("low"))
        #expect(evaluations.contains { $0.trigger == .preemption && $0.status == .complete })
        #expect(evaluations.contains { $0.status == .blocked && $0.queued == ["all": 1] })
        _ = bench.ask(.report(victim.node, [AllocationReport(id: victim.id, client: .complete)]))
        bench.write()
        #expect(bench.core.head.allocations(of: JobID("low")).filter(\.isLive) == [])
        _ = bench.ask(.stop(JobID("high"), purge: false))
        _ = bench.ask(.report(victim.node, [AllocationReport(id: successor.id, client: .complete)]))
        bench.write()
        let again = bench.core.head.allocations(of: JobID("low")).filter(\.isLive)
        #expect(again.map(\.index) == [0] && again.map(\.previous) == [victim.id])
    }

    @Test func severalWaitForOneVictim() throws {
        var bench = CoreBench()
        _ = bench.ask(.setSchedulingRules(SchedulingRules(preempting: [.service]), ifUnchangedSince: nil))
        _ = bench.addNode(1)
        register(job("low", 20, cpuMHz: 3000), &bench)
        register(job("high", 70, count: 2, cpuMHz: 2000), &bench)
        let victim = try #require(bench.core.head.allocations(of: JobID("low")).first { $0.desired == .evict })
        let successors = bench.core.head.allocations(of: JobID("high"))
        #expect(successors.map(\.preempted) == [[victim.id], [victim.id]])
        #expect(victim.desiredDescription == "made room for high.all[0]")
        #expect(victim.preemptedBy == successors.first { $0.index == 0 }?.id)
        #expect(view(bench, victim.node) == [victim.id])
        _ = bench.ask(.report(victim.node, [AllocationReport(id: victim.id, client: .complete)]))
        bench.write()
        #expect(Set(view(bench, victim.node)) == Set(successors.map(\.id)))
    }

    @Test func victimsGoElsewhere() throws {
        let (bench, victim, _) = try takeover(nodes: 2)
        let again = bench.core.head.allocations(of: JobID("low")).filter(\.isLive)
        #expect(again.count == 1 && again[0].node != victim.node && again[0].previous == victim.id)
    }
}
