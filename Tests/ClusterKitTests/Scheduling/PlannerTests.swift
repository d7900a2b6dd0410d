import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct PlannerTests {
    let shop = JobID("shop")

    @Test func placesAndSaysWhere() throws {
        var bench = SchedulingBench(nodes: SampleCluster.alice())
        bench.register(.sample(count: 2))
        let evaluation = bench.evaluation(of: shop)
        let plan = bench.look(at: evaluation)
        #expect(plan.revision == Revision(3) && plan.evaluation == evaluation.id)
        let all = bench.live(shop)
        #expect(all.map(\.name) == ["shop.web[0]", "shop.web[1]"])
        #expect(all.allSatisfy { $0.evaluation == evaluation.id && $0.epoch == Epoch(1) && $0.createTime == bench.now })
        #expect(all.map(\.nodeName) == ["lxsmall01", "lxsmall02"])
        let done = try #require(bench.snapshot.evaluations[evaluation.id])
        #expect(done.status == .complete && done.blocked == nil && done.snapshotRevision == plan.revision)
    }

    /// Who waits is looked at alone, but not before a new version was looked at as a whole: its roll-out is one of all
    /// groups.
    @Test func aRollOutBeginsWithAllGroups() throws {
        func job(_ program: String, _ cpu: Int = 2000) -> Job {
            .sample(count: 2, cpu: cpu) { job in
                job.groups[0].update = UpdateStrategy()
                job.groups[0].tasks[0].config = ["command": .string(program)]
                var other = job.groups[0]
                (other.name, other.count) = ("other", 3)
                other.tasks[0].resources = TaskResources(cpuMHz: 100, memoryMiB: 16)
                job.groups.append(other)
            }
        }
        var bench = SchedulingBench(nodes: sampleNodes(1, cores: 4))
        bench.register(job("/bin/one", 100_000))
        bench.look(at: shop)
        let waits = try #require(bench.evaluations(shop, .blocked).first)
        for var deployment in bench.snapshot.deployments(of: shop) {
            deployment.status = .successful
            bench.commit([.putDeployment(deployment)])
        }
        bench.register(job("/bin/two"))
        let due = bench.evaluation(of: shop)
        let plan = bench.planner.plan(
            waits, group: "web", on: bench.snapshot, session: &bench.session, epoch: Epoch(1), at: bench.now,
            using: &bench.entropy)
        bench.commit(plan.changes)
        #expect(bench.snapshot.deployments(of: shop).last?.groups.keys.sorted() == ["other", "web"])
        bench.look(at: due)
        #expect(bench.live(shop).filter { $0.group == "other" }.map(\.jobVersion).sorted() == [0, 0, 1])
    }

    @Test func oneEvaluationWaitsWithoutChurn() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1, memoryGiB: 1))
        bench.register(.sample(count: 5, memory: 400))
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [0, 1])
        let waiting = bench.evaluations(shop, .blocked)
        #expect(waiting.count == 1 && waiting[0].queued == ["web": 3] && waiting[0].trigger == .queuedAllocations)
        #expect(waiting[0].refusals["web"]?.coalesced == 2)
        #expect(bench.evaluations(shop, .complete)[0].blocked == waiting[0].id)
        #expect(waiting[0].previous == bench.evaluations(shop, .complete)[0].id)

        // Looked at in vain, it writes nothing; another look at the job writes that look only.
        #expect(bench.look(at: waiting[0]).changes == [])
        #expect(bench.look(at: shop).changes.count == 1)
        #expect(bench.evaluations(shop, .blocked).map(\.id) == [waiting[0].id])

        bench.commit([.putNode(sampleNodes(2, memoryGiB: 1)[1])])
        bench.look(at: try #require(bench.snapshot.evaluations[waiting[0].id]))
        #expect(bench.numbers(shop) == [0, 1, 2, 3])
        #expect(bench.evaluations(shop, .blocked).map(\.queued) == [["web": 1]])

        bench.commit([.putNode(sampleNodes(3, memoryGiB: 1)[2])])
        bench.look(at: try #require(bench.snapshot.evaluations[waiting[0].id]))
        #expect(bench.numbers(shop) == [0, 1, 2, 3, 4] && bench.evaluations(shop, .blocked) == [])
        #expect(bench.snapshot.evaluations[waiting[0].id]?.status == .complete)
        #expect(bench.snapshot.evaluations[waiting[0].id]?.queued == [:])
    }

    @Test func lessWorkEndsTheWaiting() {
        var bench = SchedulingBench(nodes: sampleNodes(1, memoryGiB: 1))
        bench.register(.sample(count: 5, memory: 400))
        bench.look(at: shop)
        bench.register(.sample(count: 2, memory: 400))
        bench.look(at: shop)
        #expect(bench.evaluations(shop, .blocked) == [])
    }

    @Test func changeEndsTheOldInstanceToMakeRoom() throws {
        var bench = SchedulingBench(nodes: sampleNodes(1, memoryGiB: 1))
        bench.register(.sample(memory: 600))
        bench.look(at: shop)
        let old = bench.live(shop)[0]
        bench.report(old.id, .running)
        bench.register(.sample(memory: 700))
        bench.look(at: shop)
        #expect(bench.snapshot.allocations[old.id]?.desired == .stop && bench.evaluations(shop, .blocked) == [])
        #expect(bench.live(shop).map(\.previous) == [old.id] && bench.live(shop).map(\.preempted) == [[old.id]])
    }

    @Test func changeThatFitsNowhereLeavesTheOldInstanceRunning() {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        bench.register(.sample())
        bench.look(at: shop)
        let old = bench.live(shop)
        bench.register(.sample(memory: 100_000))
        bench.look(at: shop)
        #expect(bench.live(shop) == old)
        #expect(bench.evaluations(shop, .blocked).map(\.queued) == [["web": 1]])
        bench.register(.sample())
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.id) == old.map(\.id) && bench.evaluations(shop, .blocked) == [])
    }

    @Test func lostInstanceThatFoundNoRoomKeepsItsPast() {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        bench.register(.sample())
        bench.look(at: shop)
        let old = bench.live(shop)[0]
        bench.change("n1") { $0.status = .down }
        bench.look(at: shop)
        #expect(bench.evaluations(shop, .blocked).count == 1)
        bench.change("n1") { $0.status = .ready }
        bench.look(at: bench.evaluations(shop, .blocked)[0])
        #expect(bench.live(shop).map(\.previous) == [old.id] && bench.live(shop).map(\.index) == [0])
    }

    @Test func oldVersionsAreForgotten() {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        bench.register(.sample())
        bench.look(at: shop)
        bench.report(bench.live(shop)[0].id, .running)
        for memory in 300..<312 {
            bench.register(.sample(memory: memory * 1000))
            bench.look(at: shop)
        }
        // The running instance still names the first one, which no later one could replace.
        #expect(bench.snapshot.versionsByJob.members(of: shop).map(\.version) == [0, 7, 8, 9, 10, 11, 12])
    }

    @Test func tenThousandAreOnePlan() {
        var bench = SchedulingBench(nodes: SampleCluster.alice(size: 8))
        bench.register(.sample(count: 10_000, cpu: 10, memory: 100))
        let plan = bench.planner.plan(
            bench.evaluation(of: shop), on: bench.snapshot, session: &bench.session, epoch: Epoch(1),
            at: bench.now, using: &bench.entropy)
        bench.commit(plan.changes)
        #expect(bench.numbers(shop) == Array(0..<10_000))
        #expect(bench.look(at: shop).changes.count == 1)
    }
}
