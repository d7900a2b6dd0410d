import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct NodewiseReconcilerTests {
    private let shop = JobID("shop")

    private func bench(nodes: Int = 3, _ job: Job) -> SchedulingBench {
        var bench = SchedulingBench(nodes: sampleNodes(nodes))
        bench.register(job)
        bench.look(at: job.id)
        for allocation in bench.live(job.id) { bench.report(allocation.id, .running) }
        return bench
    }

    /// The nodes of what is meant to run, and its numbers.
    private func standing(_ bench: SchedulingBench) -> [String: Int] {
        let pairs = bench.live(shop).map { (bench.snapshot.nodes[$0.node]?.name ?? "?", $0.index) }
        #expect(Set(pairs.map(\.0)).count == pairs.count, "a node has two instances")
        return Dictionary(pairs) { first, _ in first }
    }

    private func wanted(_ bench: SchedulingBench) -> Reconciliation {
        Reconciler.standard.reconcile(shop, in: bench.snapshot, at: bench.now)
    }

    @Test(arguments: [JobKind.system, .sysbatch])
    func eachNodeThatPassesHasOne(kind: JobKind) {
        var bench = SchedulingBench(nodes: sampleNodes(5))
        bench.change("n2") { $0.eligibility = .ineligible }
        bench.change("n3") { $0.pool = "gpu" }
        bench.change("n4") { $0.status = .down }
        bench.register(.sample(kind: kind))
        bench.look(at: shop)
        #expect(standing(bench) == ["n1": 0, "n5": 1])
        // Nodes that are not asked for fail nothing.
        #expect(bench.evaluations(shop, .blocked) == [] && wanted(bench).isEmpty)
        bench.register(.sample(kind: kind) { $0.nodePool = "all" })
        bench.look(at: shop)
        #expect(standing(bench) == ["n1": 0, "n5": 1, "n3": 2])
    }

    @Test func nodesThatComeLaterGetTheirs() {
        var bench = bench(nodes: 2, .sample(kind: .system))
        bench.commit([.putNode(sampleNodes(3)[2])])
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
    }

    @Test func noNodeIsLeftForLackOfWork() {
        var bench = bench(.sample(kind: .system))
        // Taking no new work ends nothing, and neither does an update there.
        bench.change("n2") { $0.eligibility = .ineligible }
        #expect(wanted(bench).isEmpty)
        bench.register(.sample(cpu: 600, kind: .system))
        bench.look(at: shop)
        let versions = bench.live(shop).map { bench.snapshot.nodes[$0.node]?.name == "n2" ? 100 : $0.jobVersion }
        #expect(versions.sorted() == [1, 1, 100] && standing(bench).count == 3)
        bench.change("n2") { $0.eligibility = .eligible }
        bench.look(at: shop, .nodeUpdate)
        #expect(bench.live(shop).map(\.jobVersion) == [1, 1, 1])
    }

    @Test func whereRulesHoldNoLongerItEnds() {
        let job = Job.sample(kind: .system) { $0.constraints = [Constraint("${meta.role}", .notEqual, "quiet")] }
        var bench = bench(job)
        bench.change("n2") { $0.meta["role"] = "quiet" }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n3": 2])
        let ended = bench.snapshot.allocations(of: shop).filter { $0.desired == .stop }
        #expect(ended.map(\.desiredDescription).allSatisfy { $0.contains("n2 does not meet the rules of the job") })
        bench.change("n2") { $0.meta["role"] = nil }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
    }

    /// A driver that is not well for a while takes nothing new.
    @Test func aDriverThatIsNotWellEndsNothing() {
        var bench = bench(.sample(kind: .system))
        for name in ["n1", "n2", "n3"] {
            bench.change(name) { node in
                for driver in node.drivers.keys { node.drivers[driver]?.healthy = false }
            }
        }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
        bench.change("n2") { $0.drivers = [:] }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n3": 2], "one that is gone does")
    }

    /// Its agent tells nothing of it then but that it is there.
    @Test func aConstraintOnADriverThatIsNotWellEndsNothing() {
        var bench = bench(
            .sample(kind: .system) { $0.constraints = [Constraint("${attr.driver.raw_exec}", .equal, "1")] })
        bench.change("n2") { $0.drivers["raw_exec"] = DriverStatus(healthy: false) }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
        bench.change("n2") { $0.drivers["raw_exec"] = DriverStatus(healthy: true) }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n3": 2], "one that is well and does not meet it does")
    }

    @Test func lostInstancesComeBackWithTheirNode() throws {
        var bench = bench(.sample(kind: .system))
        bench.change("n1") { $0.status = .down }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n2": 1, "n3": 2] && bench.evaluations(shop, .blocked) == [])
        let lost = try #require(bench.snapshot.allocations(of: shop).first { $0.client == .lost })
        bench.change("n1") { $0.status = .ready }
        bench.look(at: shop, .nodeUpdate)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
        #expect(bench.live(shop).first?.previous == lost.id)
    }

    @Test func fullNodesAreWaitedFor() throws {
        var bench = SchedulingBench(nodes: sampleNodes(2))
        bench.register(.sample("big", cpu: 10_000))
        bench.look(at: JobID("big"))
        bench.register(.sample(kind: .sysbatch))
        bench.look(at: shop)
        #expect(standing(bench) == ["n2": 1])
        let waiting = bench.evaluations(shop, .blocked)
        #expect(waiting.map(\.queued) == [["web": 1]] && waiting[0].refusals["web"]?.exhausted == ["cpu": 1])
        bench.report(bench.live(JobID("big"))[0].id, .complete)
        bench.look(at: try #require(bench.snapshot.evaluations[waiting[0].id]))
        #expect(standing(bench) == ["n1": 0, "n2": 1] && bench.evaluations(shop, .blocked) == [])
    }

    @Test func changedTasksAreReplacedOnTheirNodesAndOthersGoOn() {
        var bench = bench(.sample(kind: .system))
        let before = bench.live(shop).map(\.id)
        bench.register(.sample(kind: .system) { $0.priority = 70 })
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.id) == before && bench.live(shop).map(\.jobVersion) == [1, 1, 1])
        bench.register(.sample(cpu: 600, kind: .system))
        bench.look(at: shop)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
        #expect(bench.live(shop).map(\.previous) == before && bench.live(shop).map(\.jobVersion) == [2, 2, 2])
        bench.register(.sample(cpu: 600, kind: .system) { $0.groups[0].count = 0 })
        bench.look(at: shop)
        #expect(bench.live(shop) == [])
    }

    @Test func workThatIsDoneOnANodeIsDoneForItsVersion() {
        var bench = bench(.sample(kind: .sysbatch))
        bench.report(bench.live(shop)[1].id, .complete)
        #expect(wanted(bench).isEmpty)
        bench.register(.sample(kind: .sysbatch) { $0.meta = ["run": "2"] })
        bench.look(at: shop)
        #expect(standing(bench).keys.sorted() == ["n1", "n2", "n3"])
        // A service that ends by itself is wanted again.
        var service = self.bench(.sample(kind: .system))
        service.report(service.live(shop)[1].id, .complete)
        service.look(at: shop)
        #expect(standing(service) == ["n1": 0, "n2": 1, "n3": 2])
    }

    @Test(arguments: [JobKind.system, .sysbatch])
    func failedInstancesStayFailedUntilTheJobChanges(kind: JobKind) {
        var bench = bench(.sample(kind: kind))
        let failed = bench.live(shop)[0]
        bench.report(failed.id, .failed)
        #expect(wanted(bench).isEmpty)
        bench.register(.sample(cpu: 600, kind: kind))
        bench.look(at: shop)
        #expect(standing(bench) == ["n1": 0, "n2": 1, "n3": 2])
        #expect(bench.live(shop)[0].previous == failed.id)
    }

    @Test func whatMadeRoomComesBackWhenThereIsSome() {
        var bench = bench(nodes: 1, .sample(kind: .system))
        var victim = bench.live(shop)[0]
        victim.desired = .evict
        bench.commit([.putAllocation(victim)])
        bench.look(at: shop, .preemption)
        #expect(standing(bench) == ["n1": 0] && bench.live(shop)[0].previous == victim.id)
    }
}
