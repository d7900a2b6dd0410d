import Testing

@testable import ClusterKit

/// Failures whose cause has rules of its own.
@Suite struct CauseRuleTests {
    /// One attempt a day for batch jobs; for a full disk three an hour, first after 10 seconds; none for memory.
    private let policy: ReschedulePolicy = {
        var policy = ReschedulePolicy.standard(for: .batch)
        policy.causes[.disk] = RescheduleRule(
            attempts: 3, interval: .seconds(3600), delay: .seconds(10), delayFunction: .exponential,
            maxDelay: .seconds(60), unlimited: false)
        policy.causes[.memory] = RescheduleRule(
            attempts: 0, interval: .zero, delay: .seconds(5), delayFunction: .constant, maxDelay: .zero,
            unlimited: false)
        return policy
    }()

    private static let node = NodeID(high: 0, low: 1)

    /// The decision about a failure for `cause` after those of `past`, of which each came so many seconds before.
    private func timer(
        _ cause: FailureCause?, after past: [(cause: FailureCause?, seconds: Int, delay: Int)],
        _ policy: ReschedulePolicy? = nil
    ) -> RescheduleTimer? {
        let now = WallTime(nanoseconds: 0) + .seconds(1_000_000)
        var allocation = Allocation(
            id: AllocationID(high: 1, low: 1), job: JobID("build"), jobVersion: 0, group: "main", index: 0,
            node: Self.node, evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources()), time: now)
        allocation.reschedules = past.map {
            RescheduleEvent(
                time: now + .seconds(-$0.seconds), previous: allocation.id, node: Self.node,
                delay: .seconds($0.delay), cause: $0.cause)
        }
        allocation.client = .failed
        allocation.cause = cause
        return RescheduleTimer(after: allocation, policy ?? self.policy, at: now)
    }

    @Test func theyAreCountedForThemselves() {
        let full = (cause: FailureCause?.some(.disk), seconds: 60, delay: 10)
        #expect(timer(.disk, after: [full, full]) != nil && timer(.disk, after: [full, full, full]) == nil)
        let old = (cause: FailureCause?.some(.disk), seconds: 3600, delay: 10)
        #expect(timer(.disk, after: [old, full, full]) != nil, "within the interval of that cause")
        #expect(timer(.exit, after: [full, full, full]) != nil, "the one attempt is still there")
        let wrong = (cause: FailureCause?.some(.exit), seconds: 60, delay: 5)
        #expect(timer(.exit, after: [wrong]) == nil && timer(.disk, after: [wrong, full, full]) != nil)
        let unknown = (cause: FailureCause?.none, seconds: 60, delay: 5)
        #expect(timer(nil, after: [full]) != nil && timer(nil, after: [unknown]) == nil)
    }

    /// Those without a rule have three together, as before, and a full disk is none of them.
    @Test func theOthersAreForgivenAsBefore() {
        let lost = (cause: FailureCause?.some(.node), seconds: 60, delay: 5)
        let full = (cause: FailureCause?.some(.disk), seconds: 60, delay: 10)
        #expect(timer(.driver, after: [lost, lost, full, full, full]) != nil)
        #expect(timer(.driver, after: [lost, lost, lost]) == nil)
        #expect(timer(.exit, after: [lost, lost, lost]) != nil)
    }

    @Test func noAttemptsMeanNeverElsewhere() {
        #expect(timer(.memory, after: []) == nil)
        var service = ReschedulePolicy()
        service.causes = policy.causes
        #expect(timer(.memory, after: [], service) == nil && timer(.exit, after: [], service) != nil)
    }

    /// A cause may have attempts where nothing else has, and have no limit where others have one.
    @Test func aRuleGivesWhatTheOthersHaveNot() {
        var policy = ReschedulePolicy(RescheduleRule(unlimited: false))
        policy.causes[.node] = RescheduleRule()
        let lost = (cause: FailureCause?.some(.node), seconds: 60, delay: 30)
        #expect(timer(.node, after: Array(repeating: lost, count: 50), policy) != nil)
        #expect(timer(.exit, after: [], policy) == nil && timer(.driver, after: [], policy) == nil)
    }

    @Test func waitsGrowByFailuresOfTheirOwnCause() {
        #expect(timer(.disk, after: [])?.delay == .seconds(10))
        let full = (cause: FailureCause?.some(.disk), seconds: 30, delay: 10)
        let wrong = (cause: FailureCause?.some(.exit), seconds: 20, delay: 5)
        #expect(timer(.disk, after: [full, wrong])?.delay == .seconds(20))
        #expect(timer(.exit, after: [full])?.delay == .seconds(5))
    }

    /// What one rule has no use for any more, another may need.
    @Test func eachRuleRemembersWhatItMayNeed() {
        let past: [(cause: FailureCause?, seconds: Int, delay: Int)] = [
            (.exit, 90_000, 5), (.exit, 50_000, 5), (.disk, 4000, 10), (.node, 3900, 5), (.disk, 60, 10),
        ]
        #expect(timer(.disk, after: past)?.history.map(\.cause) == [.exit, .node, .disk])
        var service = ReschedulePolicy()
        service.causes = policy.causes
        let many = (0..<9).map { (cause: FailureCause?.some(.exit), seconds: 9000 - $0, delay: 30) } + past
        #expect(
            timer(.disk, after: many, service)?.history.map(\.cause) == [.exit, .exit, .exit, .exit, .node, .disk],
            "the last five of those that nobody counts")
    }

    /// A service with one instance and a rule for lost nodes, on the first of three nodes.
    private func bench(_ rule: RescheduleRule?) -> SchedulingBench {
        var bench = SchedulingBench(nodes: sampleNodes(3))
        bench.register(.sample(count: 1) { $0.groups[0].reschedule.causes[.node] = rule })
        bench.look(at: shop)
        for allocation in bench.live(shop) { bench.report(allocation.id, .running) }
        return bench
    }

    private let shop = JobID("shop")

    /// The node of the one instance is lost, and the job looked at.
    private func lose(_ bench: inout SchedulingBench) throws -> Allocation {
        let instance = try #require(bench.live(shop).first)
        bench.change(instance.nodeName) { $0.status = .down }
        let plan = bench.look(at: shop, .nodeUpdate)
        // Also where it is placed anew only later.
        let reasons = zip(plan.changes, plan.reasons).compactMap { change, reason in
            if case .putAllocation(let changed) = change, changed.id == instance.id { reason } else { nil }
        }
        #expect(reasons.count == 1 && reasons.first?.contains("is down") == true, "\(reasons)")
        return try #require(bench.snapshot.allocations[instance.id])
    }

    @Test func whatANodeRanIsPlacedAnewByItsRule() throws {
        var bench = bench(
            RescheduleRule(
                attempts: 1, interval: .seconds(3600), delay: .seconds(60), delayFunction: .constant, maxDelay: .zero,
                unlimited: false))
        let first = try lose(&bench)
        #expect(first.client == .lost && first.cause == .node && first.desired == .run && bench.live(shop).isEmpty)
        let wake = try #require(bench.evaluations(shop, .pending).first)
        #expect(wake.waitUntil == bench.now + .seconds(60) && first.followUp == wake.id)
        #expect(bench.look(at: shop).changes.count == 1, "nothing more until then")
        bench.now = bench.now + .seconds(60)
        bench.look(at: wake)
        let second = try #require(bench.live(shop).first)
        #expect(second.node != first.node && second.reschedules.map(\.cause) == [.node])
        let former = try #require(bench.snapshot.allocations[first.id])
        #expect(former.desired == .stop && former.next == second.id && former.desiredDescription.contains("is down"))
        // The one attempt is used up.
        let last = try lose(&bench)
        bench.now = bench.now + .seconds(3000)
        bench.look(at: shop)
        #expect(bench.live(shop).isEmpty && bench.evaluations(shop, .pending).isEmpty && last.desired == .run)
        // A job without the rule does not leave it at that.
        bench.register(.sample(count: 1, memory: 300))
        bench.look(at: shop)
        #expect(bench.live(shop).map(\.previous) == [last.id])
    }

    @Test func withoutOneItIsPlacedAnewAtOnce() throws {
        var bench = bench(nil)
        for _ in 0..<2 {
            #expect(try lose(&bench).desired == .stop)
            #expect(bench.live(shop).map(\.reschedules) == [[]])
        }
    }
}
