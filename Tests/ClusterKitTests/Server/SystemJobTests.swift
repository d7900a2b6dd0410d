import Testing

@testable import ClusterKit

@Suite struct SystemJobTests {
    private func register(_ job: Job, _ bench: inout CoreBench) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    private func nodes(_ job: String, _ bench: CoreBench) -> [NodeID] {
        bench.core.head.allocations(of: JobID(job)).filter(\.isLive).map(\.node).sorted()
    }

    @Test func nodesGetTheirInstanceWhenTheyJoinOrOpen() {
        var bench = CoreBench()
        let first = bench.addNode(1)
        register(makeJob("logs", kind: .system), &bench)
        register(makeJob("gone", kind: .system), &bench)
        _ = bench.ask(.stop(JobID("gone"), purge: false))
        bench.write()
        #expect(nodes("logs", bench) == [first])
        let second = bench.addNode(2)
        #expect(nodes("logs", bench) == [first, second] && nodes("gone", bench) == [])

        _ = bench.ask(.setEligibility(first, .ineligible))
        bench.write()
        #expect(nodes("logs", bench) == [first, second])
        register(makeJob("sweep", kind: .sysbatch), &bench)
        #expect(nodes("sweep", bench) == [second])
        _ = bench.ask(.setEligibility(first, .eligible))
        bench.write()
        #expect(nodes("sweep", bench) == [first, second])
        let triggers = bench.core.head.evaluations(of: JobID("sweep")).filter { $0.node == first }.map(\.trigger)
        #expect(triggers == [.nodeUpdate])
    }

    @Test func manyNodesThatJoinALargeClusterAreLookedAtTogether() {
        var bench = CoreBench(
            head: Snapshot(revision: Revision(1), epoch: Epoch(1), records: sampleNodes(1000).map(Change.putNode)))
        register(makeJob("logs", kind: .system), &bench)
        let before = bench.core.plans
        for number in 1001...1020 { _ = bench.addNode(UInt64(number)) }
        #expect(bench.core.plans == before && nodes("logs", bench).count == 1000)
        bench.pass(.milliseconds(20))
        bench.write()
        #expect(nodes("logs", bench).count == 1020)
        #expect(bench.core.plans <= before + 2)
    }

    @Test func aLeaderKnowsTheSystemJobsOfTheOneBefore() {
        var bench = CoreBench()
        register(makeJob("logs", kind: .system), &bench)
        var next = CoreBench(head: bench.core.head)
        let node = next.addNode(1)
        #expect(nodes("logs", next) == [node])
    }

    @Test func aChangedNodeIsLookedAtAgain() throws {
        var bench = CoreBench()
        let id = bench.addNode(1)
        var job = makeJob("logs", kind: .system)
        job.constraints = [Constraint("${meta.role}", .notEqual, "quiet")]
        register(job, &bench)
        var node = try #require(bench.core.head.nodes[id])
        node.meta["role"] = "quiet"
        _ = bench.ask(.registerNode(node))
        bench.write()
        #expect(nodes("logs", bench) == [])
    }

    @Test func importantSystemJobsTakeTheirRoom() throws {
        var bench = CoreBench()
        let node = bench.addNode(1)
        var low = makeJob("low", cpuMHz: 4000)
        low.priority = 20
        register(low, &bench)
        // By default system jobs may.
        register(makeJob("logs", kind: .system), &bench)
        #expect(nodes("logs", bench) == [node] && nodes("low", bench) == [])
    }
}
