import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct ReconcilerTests {
    let shop = JobID("shop")

    private func bench(nodes: Int = 3, _ job: Job) -> SchedulingBench {
        var bench = SchedulingBench(nodes: sampleNodes(nodes))
        bench.register(job)
        bench.look(at: job.id)
        for allocation in bench.live(job.id) { bench.report(allocation.id, .running) }
        return bench
    }

    private func wanted(_ bench: SchedulingBench, _ job: JobID) -> Reconciliation {
        Reconciler.standard.reconcile(job, in: bench.snapshot, at: bench.now)
    }

    @Test func countGivesDistinctNumbers() {
        let bench = bench(.sample(count: 3))
        #expect(bench.numbers(shop) == [0, 1, 2])
        #expect(wanted(bench, shop).isEmpty)
    }

    @Test func scaleDownStopsTheHighest() {
        var bench = bench(.sample(count: 4))
        bench.register(.sample(count: 2))
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [0, 1])
        #expect(bench.live(shop).map(\.jobVersion) == [1, 1])
        let stopped = bench.snapshot.allocations(of: shop).filter { $0.desired == .stop }
        #expect(stopped.map(\.desiredDescription) == ["count was lowered to 2", "count was lowered to 2"])
        bench.register(.sample(count: 3))
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [0, 1, 2])
    }

    /// One that failed goes first when fewer are wanted; when more are wanted again its number is as free as any.
    @Test func whatWasDroppedDoesNotComeBack() {
        var bench = bench(.sample(count: 4))
        bench.report(bench.live(shop)[3].id, .failed)
        for count in [3, 2] {
            bench.register(.sample(count: count))
            bench.look(at: shop)
        }
        #expect(bench.numbers(shop) == [0, 1])
        bench.register(.sample(count: 3))
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [0, 1, 2])
    }

    /// One that came back makes one too many: if the one that goes is what held the roll-out up, it goes on at once,
    /// for nothing would begin another look.
    @Test func whoeverGoesHoldsUpNoRollOut() throws {
        var bench = bench(.sample(count: 3))
        bench.register(
            .sample(count: 2) {
                $0.update = UpdateStrategy(maxParallel: 1)
                $0.groups[0].tasks[0].config = ["command": "/bin/two"]
            })
        bench.look(at: shop)
        let returned = try #require(bench.snapshot.allocations(of: shop).first { $0.index == 2 })
        #expect(bench.live(shop).map(\.jobVersion) == [1, 0])
        bench.report(bench.live(shop)[0].id, .running) {
            $0.health = AllocationHealth(isHealthy: false, time: $0.createTime)
        }
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.jobVersion) == [1, 0], "one that is unwell stops it")
        let busy = WorkStatus(isBusy: true, time: bench.now)
        bench.report(bench.live(shop)[1].id, .running) { $0.work = busy }
        bench.report(returned.id, .running) {
            $0.desired = .run
            $0.work = busy
        }
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.index) == [1, 2] && bench.live(shop).map(\.jobVersion) == [1, 0])
        #expect(wanted(bench, shop).stops.isEmpty)
    }

    /// What is lost at this look is placed anew; where it finds no room, another may change in its own.
    @Test func whoeverIsLostHoldsUpNoRollOut() throws {
        var bench = bench(nodes: 2, .sample(count: 2, cpu: 9000))
        #expect(bench.live(shop).count == 2)
        bench.register(
            .sample(count: 2, cpu: 9000) {
                $0.update = UpdateStrategy(maxParallel: 1)
                $0.groups[0].tasks[0].config = ["command": "/bin/two"]
            })
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.jobVersion) == [1, 0])
        let node = bench.live(shop)[0].nodeName
        bench.change(node) { $0.status = .down }
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.index) == [1] && bench.live(shop).map(\.jobVersion) == [1])
    }

    /// It took the place of one that was silent, and failed for good; that one came back.
    @Test func whatFailedBesideOneThatCameBackIsWantedNoMore() throws {
        func job(_ count: Int) -> Job {
            .sample(count: count) {
                $0.groups[0].reschedule = ReschedulePolicy(
                    RescheduleRule(attempts: 0, interval: .seconds(60), unlimited: false))
            }
        }
        var bench = bench(job(1))
        var double = try #require(bench.live(shop).first)
        double.id = bench.entropy.identifier()
        bench.commit([.putAllocation(double)])
        bench.report(double.id, .failed)
        bench.look(at: shop)
        let dropped = try #require(bench.snapshot.allocations[double.id])
        #expect(dropped.desired == .stop && wanted(bench, shop).isEmpty)
        for count in [0, 1] {
            bench.register(job(count))
            bench.look(at: shop)
        }
        #expect(bench.numbers(shop) == [0])
    }

    @Test func stoppedByHandIsReplacedWithTheLowestFreeNumber() throws {
        var bench = bench(.sample(count: 3))
        var first = bench.live(shop)[0]
        first.desired = .stop
        bench.commit([.putAllocation(first)])
        bench.look(at: shop, .allocationStop)
        #expect(bench.numbers(shop) == [0, 1, 2])
        let new = bench.live(shop)[0]
        #expect(new.previous == first.id && bench.snapshot.allocations[first.id]?.next == new.id)
    }

    @Test func stoppedAndPurgedJobsEnd() {
        var bench = bench(.sample(count: 2))
        var purged = bench
        var record = bench.snapshot.jobs[shop] ?? JobRecord(job: .sample(), submitTime: bench.now)
        record.stopped = true
        bench.commit([.putJob(record)])
        bench.look(at: shop, .jobDeregister)
        #expect(bench.live(shop) == [] && wanted(bench, shop).isEmpty)
        purged.commit([.removeJob(shop)])
        purged.look(at: shop, .jobDeregister)
        #expect(purged.live(shop) == [] && wanted(purged, shop).isEmpty)
    }

    @Test func removedGroupEnds() {
        var bench = bench(.sample { $0.groups.append(TaskGroup(name: "api", tasks: $0.groups[0].tasks)) })
        #expect(bench.live(shop).map(\.group) == ["api", "web"])
        bench.register(.sample())
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.group) == ["web"])
    }

    @Test(arguments: [false, true])
    func lostInstancesAreReplacedWithTheirNumber(gone: Bool) throws {
        var bench = bench(.sample(count: 2))
        let old = bench.live(shop)[1]
        if gone {
            bench.commit([.removeNode(old.node)])
        } else {
            bench.change(old.nodeName) { $0.status = .down }
        }
        bench.look(at: shop, .nodeUpdate)
        let lost = try #require(bench.snapshot.allocations[old.id])
        #expect(lost.client == .lost && lost.desired == .stop)
        #expect(lost.desiredDescription == "node \(old.nodeName) is \(gone ? "gone" : "down")")
        #expect(lost.tasks == old.tasks)
        let new = bench.live(shop)[1]
        #expect(new.index == 1 && new.previous == old.id && lost.next == new.id && new.node != old.node)
        #expect(wanted(bench, shop).isEmpty)
    }

    @Test func stoppingInstanceOnALostNodeIsLost() {
        var bench = bench(.sample(count: 1))
        let old = bench.live(shop)[0]
        var record = bench.snapshot.jobs[shop] ?? JobRecord(job: .sample(), submitTime: bench.now)
        record.stopped = true
        bench.commit([.putJob(record)])
        bench.look(at: shop)
        bench.change(old.nodeName) { $0.status = .down }
        bench.look(at: shop)
        #expect(bench.snapshot.allocations[old.id]?.client == .lost)
    }

    @Test func lowestNumberIsFreeAlthoughAHigherOneWasLostWhileItEnded() {
        var bench = bench(.sample(count: 3))
        let last = bench.live(shop)[2]
        bench.register(.sample(count: 1))
        bench.look(at: shop)
        bench.change(last.nodeName) { $0.status = .down }
        bench.register(.sample(count: 2))
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [0, 1])
    }

    @Test func doneBatchWorkIsDoneUntilRegisteredAgain() {
        var bench = bench(.sample(count: 2, kind: .batch))
        let first = bench.live(shop)[0]
        bench.report(first.id, .complete)
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [1])
        // Also when its node is lost afterwards.
        bench.change(first.nodeName) { $0.status = .down }
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [1])
        bench.register(.sample(count: 2, memory: 300, kind: .batch))
        bench.look(at: shop)
        #expect(bench.numbers(shop) == [0, 1] && wanted(bench, shop).isEmpty)
    }

    @Test func endedServiceIsReplaced() {
        var bench = bench(.sample(count: 1))
        let old = bench.live(shop)[0]
        bench.report(old.id, .complete)
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.previous) == [old.id] && wanted(bench, shop).isEmpty)
    }

    @Test func changedTasksAreReplacedOthersGoOn() {
        var bench = bench(.sample(count: 2))
        let before = bench.live(shop)
        bench.register(.sample(count: 2) { $0.groups[0].restart.attempts = 9 })
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.id) == before.map(\.id))
        #expect(bench.live(shop).map(\.jobVersion) == [1, 1])
        bench.register(.sample(count: 2, memory: 300))
        bench.look(at: shop)
        let after = bench.live(shop)
        #expect(after.map(\.index) == [0, 1] && after.map(\.jobVersion) == [2, 2])
        #expect(after.map(\.previous) == before.map(\.id))
        #expect(wanted(bench, shop).isEmpty)
    }

    @Test func narrowedRulesMoveInstances() {
        var bench = bench(nodes: 3, .sample(count: 1))
        #expect(bench.live(shop)[0].nodeName == "n1")
        bench.register(.sample { $0.constraints = [Constraint("${node.unique.name}", .notEqual, "n1")] })
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.nodeName) == ["n2"])
        // A rule that the node breaks anyway moves nothing: only the change of the job does.
        bench.change("n2") { $0.drivers["raw_exec"]?.healthy = false }
        bench.register(
            .sample { job in
                job.constraints = [Constraint("${node.unique.name}", .notEqual, "n1")]
                job.groups[0].restart.attempts = 7
            })
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.nodeName) == ["n2"])
    }

    @Test func doublesEnd() {
        var bench = bench(.sample(count: 1))
        var double = bench.live(shop)[0]
        double.id = AllocationID(high: .max, low: 1)
        double.client = .pending
        bench.commit([.putAllocation(double)])
        #expect(wanted(bench, shop).stops.map(\.allocation) == [double.id])
    }

    @Test func hugeAndNegativeCountsAreHeld() {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        bench.register(.sample(count: .max))
        let held = Reconciler(needsReplacement: Reconciler.changes, largestCount: 500).reconcile(
            shop, in: bench.snapshot, at: bench.now)
        #expect(held.wants.map(\.index) == Array(0..<500))
        bench.register(.sample(count: -5))
        #expect(wanted(bench, shop).isEmpty)
    }
}
