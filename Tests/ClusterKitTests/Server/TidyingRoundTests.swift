import Testing

@testable import ClusterKit

@Suite("Tidying by the servers")
struct TidyingRoundTests {
    private var bench = RolloutBench(nodes: 1)
    private let movable = JobID("small")

    /// One node with room for one more, and another that runs only what would fit there.
    private mutating func scatter() throws {
        var configuration = ServerConfiguration()
        configuration.heartbeatTTL = .seconds(100_000)
        bench.bench = CoreBench(configuration: configuration)
        for number in 1...3 { _ = bench.bench.addNode(UInt64(number)) }
        for name in ["one", "two", "three", "four", "small"] {
            bench.register(makeJob(name, cpuMHz: 1000))
            for allocation in bench.head.allocations(of: JobID(name)) { bench.report(allocation, .running) }
            bench.pass(.seconds(11))
        }
        let left = try #require(bench.head.allocations(of: JobID("one")).first)
        stop("one")
        try #require(small()?.node != left.node)
        try #require(bench.head.allocations(on: left.node).count { !$0.isTerminal } == 3)
    }

    private mutating func stop(_ job: String) {
        let live = bench.head.allocations(of: JobID(job)).filter(\.isLive)
        bench.ask(.stop(JobID(job), purge: false))
        for allocation in live { bench.report(allocation, .complete) }
    }

    private mutating func runSmall() {
        for allocation in bench.head.allocations(of: movable) where allocation.isLive {
            bench.report(allocation, .running)
        }
        bench.pass(.seconds(11))
    }

    private mutating func allow(_ moves: Int) -> ClusterError? {
        let rules = SchedulingRules(movesPerHour: moves)
        if case .failure(let error) = bench.ask(.setSchedulingRules(rules, ifUnchangedSince: nil)) { return error }
        return nil
    }

    private func small(_ isLive: Bool = true) -> Allocation? {
        bench.head.allocations(of: movable).last { $0.isLive == isLive }
    }

    @Test mutating func nothingMovesUnlessItIsAllowed() throws {
        try scatter()
        let before = try #require(small())
        bench.pass(.seconds(4000))
        #expect(small()?.id == before.id && bench.head.nodes.sorted.allSatisfy { $0.takesWork })
    }

    @Test mutating func aNodeIsEmptiedAndTakesWorkAgain() throws {
        try scatter()
        let before = try #require(small())
        #expect(allow(10) == nil)
        bench.pass(.seconds(59))
        #expect(small()?.id == before.id)
        bench.pass(.seconds(1))
        let after = try #require(small())
        #expect(after.node != before.node && after.node == bench.head.allocations(of: JobID("two")).first?.node)
        let node = try #require(bench.head.nodes[before.node])
        #expect(node.drain?.isTidying == true && !node.takesWork)
        #expect(node.drain?.reason == "tidying: all that it runs fits elsewhere (1 move)")
        bench.report(before, .complete)
        let freed = try #require(bench.head.nodes[before.node])
        #expect(freed.drain == nil && freed.takesWork && bench.head.allocations(on: freed.id).allSatisfy(\.isTerminal))
        let revision = bench.head.revision
        bench.report(after, .running)
        bench.pass(.seconds(4000))
        #expect(small()?.id == after.id, "there is nothing left to gain")
        #expect(bench.head.revision.number <= revision.number + 3, "one shows, after the standstill, who leads")
    }

    @Test mutating func whoDoesNotLeaveInTimeStays() throws {
        try scatter()
        let before = try #require(small())
        #expect(allow(10) == nil)
        bench.pass(.seconds(60))
        #expect(bench.head.nodes[before.node]?.drain != nil)
        bench.pass(.seconds(899))
        #expect(bench.head.nodes[before.node]?.drain != nil)
        bench.pass(.seconds(1))
        let node = try #require(bench.head.nodes[before.node])
        #expect(node.drain == nil && node.takesWork)
        #expect(bench.head.allocations(on: node.id).allSatisfy { !$0.isLive || $0.wish == nil })
    }

    @Test mutating func aNodeThatDidNotComeFreeIsLeftAloneForAnHour() throws {
        try scatter()
        let node = try #require(small()).node
        let empty = try #require(bench.head.nodes.sortedKeys.last)
        var round = TidyingRound()
        let now = Uptime(nanoseconds: 0)
        #expect(round.spared(in: bench.head, at: now) == [])
        round.begin(node)
        #expect(round.spared(in: bench.head, at: now) == [node])
        #expect(round.spared(in: bench.head, at: now + .seconds(3599)) == [node])
        #expect(round.spared(in: bench.head, at: now + .seconds(3600)) == [])
        round.begin(empty)
        #expect(round.spared(in: bench.head, at: now) == [], "it came free")
        var entropy = Entropy(seed: 1)
        let session = BinPackScheduler().session(on: bench.head)
        let plan = TidyingPlan(for: bench.head, session: session, budget: 9, sparing: [node], using: &entropy)
        #expect(!plan.emptied.contains { $0.node == node })
    }

    /// It is not moved, so its node cannot come free.
    @Test(arguments: [AllocationWish?.none, .retire]) mutating func aRetiringInstanceKeepsItsNode(
        _ wish: AllocationWish?
    ) throws {
        try scatter()
        var instance = try #require(small())
        instance.wish = wish
        bench.bench.commit([.putAllocation(instance)])
        let plan = TidyingPlan(for: bench.head, budget: 1)
        #expect(plan.emptied.map(\.node) == (wish == nil ? [instance.node] : []))
    }

    @Test mutating func whoeverTakesTheNodeOutOfUseMeanwhileIsObeyed() throws {
        try scatter()
        let before = try #require(small())
        #expect(allow(10) == nil)
        bench.pass(.seconds(60))
        bench.ask(.setEligibility(before.node, .ineligible))
        bench.report(before, .complete)
        let node = try #require(bench.head.nodes[before.node])
        #expect(node.drain == nil && !node.takesWork)
    }

    /// One instance was moved of two an hour, and another could be.
    private mutating func moveOne() throws {
        try scatter()
        #expect(allow(2) == nil)
        bench.pass(.seconds(60))
        let first = try #require(bench.head.allocations(of: movable).first { !$0.isLive })
        bench.report(first, .complete)
        runSmall()
        stop("two")
        stop("three")
        bench.register(makeJob("wide", cpuMHz: 2500))
        for allocation in bench.head.allocations(of: JobID("wide")) { bench.report(allocation, .running) }
        stop("small")
    }

    private var isTidying: Bool { bench.head.nodes.sorted.contains { $0.drain?.isTidying == true } }

    @Test mutating func movesAreSpreadOverTheHour() throws {
        try moveOne()
        bench.pass(.seconds(1700))
        #expect(!isTidying, "half an hour is not over")
        bench.pass(.seconds(100))
        #expect(isTidying)
    }

    @Test mutating func aNewLeaderWaitsAnHour() throws {
        try moveOne()
        bench.bench.failOver()
        bench.pass(.seconds(3599))
        #expect(!isTidying, "it does not know what was moved before")
        bench.pass(.seconds(1))
        #expect(isTidying)
    }

    @Test mutating func aFullDiskAndNewRulesShortenNoPause() throws {
        try moveOne()
        _ = bench.bench.ask(.register(makeJob("refused"), source: nil, ifUnchangedSince: nil))
        let append = bench.bench.takeAppend()
        #expect(append != nil)
        bench.bench.tell(.appendFailed(.refused("disk full")))
        bench.pass(.seconds(600))
        #expect(!isTidying)
        #expect(allow(3) == nil)
        bench.pass(.seconds(600))
        #expect(!isTidying)
        bench.pass(.seconds(600))
        #expect(isTidying)
    }

    @Test mutating func nothingMovesToANodeThatIsKeptForOthers() throws {
        try scatter()
        let place = try #require(bench.head.allocations(of: JobID("two")).first)
        let name = try #require(bench.head.nodes[place.node]?.name)
        var large = makeJob("large", cpuMHz: 4000)
        large.constraints = [Constraint("${node.unique.name}", .equal, name)]
        bench.register(large)
        bench.pass(.seconds(61))
        try #require(bench.bench.core.kept.all.map(\.node) == [place.node])
        // Too few for the kept node to be emptied, which would help.
        #expect(allow(2) == nil)
        bench.pass(.seconds(60))
        #expect(!isTidying, "it would find no room there")
        stop("large")
        bench.pass(.seconds(60))
        #expect(isTidying)
    }

    @Test mutating func absurdNumbersAreRefused() {
        #expect(allow(-1)?.code == .invalid)
        #expect(allow(.max)?.code == .invalid)
    }
}
