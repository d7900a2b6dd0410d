import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct RescheduleTests {
    let shop = JobID("shop")

    private func failed(after seconds: [(delay: Int, lived: Int)]) -> (Allocation, WallTime) {
        var time = WallTime(nanoseconds: 0)
        var allocation = Allocation(
            id: AllocationID(high: 1, low: 1), job: shop, jobVersion: 0, group: "web", index: 0,
            node: NodeID(high: 0, low: 1), evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: time)
        for (delay, lived) in seconds {
            allocation.reschedules.append(
                RescheduleEvent(
                    time: time, previous: allocation.id, node: allocation.node, delay: .seconds(delay)))
            time = time + .seconds(lived)
        }
        allocation.client = .failed
        var state = TaskState()
        state.finishedAt = time
        allocation.tasks = ["main": state]
        allocation.modifyTime = time
        return (allocation, time)
    }

    private func delay(_ function: DelayFunction, _ past: [(delay: Int, lived: Int)]) -> Duration? {
        let (allocation, now) = failed(after: past)
        let policy = ReschedulePolicy(
            RescheduleRule(delay: .seconds(30), delayFunction: function, maxDelay: .seconds(100)))
        return RescheduleTimer(after: allocation, policy, at: now)?.delay
    }

    @Test func delaysGrow() {
        #expect(delay(.constant, [(30, 1), (30, 1)]) == .seconds(30))
        #expect(delay(.exponential, []) == .seconds(30))
        #expect(delay(.exponential, [(30, 1)]) == .seconds(60))
        #expect(delay(.exponential, [(30, 1), (60, 1)]) == .seconds(100))
        #expect(delay(.fibonacci, [(30, 1)]) == .seconds(30))
        #expect(delay(.fibonacci, [(30, 1), (30, 1)]) == .seconds(60))
        #expect(delay(.fibonacci, [(30, 1), (60, 1)]) == .seconds(90))
        #expect(delay(.fibonacci, [(60, 1), (90, 1)]) == .seconds(100))
    }

    /// A machine's clock that is behind shortens no wait: nothing ended before it was placed.
    @Test func aClockThatIsBehindLeavesTheWait() {
        var (allocation, _) = failed(after: [])
        let placed = WallTime(nanoseconds: 0) + .seconds(7200)
        allocation.createTime = placed
        let policy = ReschedulePolicy(RescheduleRule(delay: .seconds(30)))
        let timer = RescheduleTimer(after: allocation, policy, at: placed + .seconds(1))
        #expect(timer?.time == placed + .seconds(30))
    }

    /// Nor does one that is ahead let time allow what was refused.
    @Test func aClockThatIsAheadAllowsNothingLater() {
        let policy = ReschedulePolicy(
            RescheduleRule(
                attempts: 1, interval: .seconds(1000), delay: .seconds(5), delayFunction: .constant, unlimited: false))
        var (allocation, now) = failed(after: [(5, 600)])
        allocation.tasks["main"]?.finishedAt = now + .seconds(600)
        for passed in [0, 300, 600, 10_000] {
            #expect(RescheduleTimer(after: allocation, policy, at: now + .seconds(passed)) == nil)
        }
        allocation.reschedules = []
        #expect(RescheduleTimer(after: allocation, policy, at: now)?.time == now + .seconds(5))
        let setBack = now + .seconds(-100)
        #expect(RescheduleTimer(after: allocation, policy, at: setBack)?.time == setBack + .seconds(5))
    }

    /// Only when the next wait would exceed the longest one and the instance lived longer than that.
    @Test func delaysBeginAnew() {
        #expect(delay(.exponential, [(100, 99)]) == .seconds(100))
        #expect(delay(.exponential, [(100, 101)]) == .seconds(30))
        #expect(delay(.exponential, [(30, 5000)]) == .seconds(60))
        #expect(delay(.fibonacci, [(100, 1), (30, 1)]) == .seconds(30))
    }

    @Test func attemptsCountWithinTheInterval() {
        let policy = ReschedulePolicy(
            RescheduleRule(
                attempts: 2, interval: .seconds(1000), delay: .seconds(5), delayFunction: .constant, unlimited: false))
        let timer = { (past: [(delay: Int, lived: Int)]) in
            let (allocation, now) = failed(after: past)
            return RescheduleTimer(after: allocation, policy, at: now)
        }
        #expect(timer([(5, 10)]) != nil)
        #expect(timer([(5, 10), (5, 10)]) == nil)
        #expect(timer([(5, 990), (5, 10)]) != nil)
        #expect(timer([(5, 990), (5, 10)])?.history.count == 1)
        let none = ReschedulePolicy(RescheduleRule(unlimited: false))
        #expect(RescheduleTimer(after: failed(after: []).0, none, at: WallTime(nanoseconds: 0)) == nil)
        let endless = ReschedulePolicy(RescheduleRule(delay: .nanoseconds(Int64.max / 2 + 10), maxDelay: .zero))
        let (old, now) = failed(after: [(Int(Int64.max / 1_000_000_000), 1)])
        #expect(RescheduleTimer(after: old, endless, at: now)?.delay == .nanoseconds(Int64.max))
    }

    /// With Nomad's default of one attempt a day for batch jobs.
    @Test func failuresThatAreNotTheWorksOwnUseUpNoAttempt() {
        let policy = ReschedulePolicy.standard(for: .batch)
        func isAllowed(_ past: [FailureCause], then cause: FailureCause?) -> Bool {
            var (allocation, now) = failed(after: past.map { _ in (5, 10) })
            for (index, cause) in past.enumerated() { allocation.reschedules[index].cause = cause }
            allocation.cause = cause
            return RescheduleTimer(after: allocation, policy, at: now) != nil
        }
        #expect(isAllowed([], then: .exit) && !isAllowed([.exit], then: .exit))
        #expect(!isAllowed([.memory], then: .exit), "too much memory is the work's own fault")
        for cause in [FailureCause.driver, .disk, .setup, .node] {
            #expect(isAllowed([cause, cause], then: .exit), "the one attempt is still there")
            #expect(isAllowed([.exit, cause, cause], then: cause))
            #expect(!isAllowed([cause, cause, cause], then: cause), "three, and no more")
        }
        var (unknown, now) = failed(after: [(5, 10)])
        unknown.cause = nil
        #expect(RescheduleTimer(after: unknown, policy, at: now) == nil, "older agents tell no cause")
        let none = ReschedulePolicy.standard(for: .sysbatch)
        unknown.cause = .driver
        unknown.reschedules = []
        now = now + .seconds(1)
        #expect(RescheduleTimer(after: unknown, none, at: now) == nil)
    }

    @Test func theCauseOfAFailureIsRememberedWithIt() throws {
        var bench = bench(ReschedulePolicy(RescheduleRule(delay: .zero)), count: 1)
        let first = bench.live(shop)[0]
        bench.report(first.id, .failed) { $0.cause = .driver }
        bench.look(at: shop)
        #expect(bench.live(shop)[0].reschedules.map(\.cause) == [.driver])
    }

    private func bench(_ policy: ReschedulePolicy, count: Int = 2) -> SchedulingBench {
        var bench = SchedulingBench(nodes: sampleNodes(2))
        bench.register(.sample(count: count) { $0.groups[0].reschedule = policy })
        bench.look(at: shop)
        for allocation in bench.live(shop) { bench.report(allocation.id, .running) }
        return bench
    }

    @Test func failedInstanceWaitsForItsEvaluation() throws {
        var bench = bench(ReschedulePolicy())
        let all = bench.live(shop)
        for allocation in all { bench.report(allocation.id, .failed) }
        bench.look(at: shop, .allocationFailure)
        let waiting = bench.evaluations(shop, .pending)
        // Both failed at one moment: one evaluation wakes both.
        #expect(waiting.count == 1 && waiting[0].trigger == .failedFollowUp)
        #expect(waiting[0].waitUntil == bench.now + .seconds(30))
        #expect(all.allSatisfy { bench.snapshot.allocations[$0.id]?.followUp == waiting[0].id })
        let last = bench.evaluations(shop, .complete).first { $0.trigger == .allocationFailure }
        #expect(last?.next == waiting[0].id)

        // Nothing more until then, however often it is looked at.
        #expect(bench.look(at: shop).changes.count == 1)
        #expect(bench.evaluations(shop, .pending).count == 1 && bench.live(shop) == [])

        bench.now = bench.now + .seconds(30)
        bench.look(at: waiting[0])
        let new = bench.live(shop)
        #expect(new.map(\.index) == [0, 1] && new.map(\.previous) == all.map(\.id))
        #expect(zip(new, all).allSatisfy { $0.node != $1.node })
        #expect(new[0].reschedules.map(\.delay) == [.seconds(30)] && new[0].reschedules[0].previous == all[0].id)
        let old = try #require(bench.snapshot.allocations[all[0].id])
        #expect(old.desired == .stop && old.client == .failed && old.next == new[0].id)
        #expect(bench.look(at: shop).changes.count == 1)
    }

    @Test func usedUpAttemptsLeaveItFailed() {
        let policy = ReschedulePolicy(
            RescheduleRule(
                attempts: 1, interval: .seconds(3600), delay: .zero, delayFunction: .constant, unlimited: false))
        var bench = bench(policy, count: 1)
        bench.report(bench.live(shop)[0].id, .failed)
        bench.look(at: shop)
        #expect(bench.live(shop).count == 1)
        let last = bench.live(shop)[0]
        bench.report(last.id, .failed)
        bench.look(at: shop)
        bench.now = bench.now + .seconds(9000)
        bench.look(at: shop)
        #expect(bench.live(shop) == [] && bench.snapshot.allocations[last.id]?.desired == .run)
        // A changed job is a new start.
        bench.register(.sample(memory: 300) { $0.groups[0].reschedule = policy })
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.reschedules) == [[]])
    }
}
