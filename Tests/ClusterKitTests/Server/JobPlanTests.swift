import Testing

@testable import ClusterKit

/// What is told of a change before it is made.
@Suite struct JobPlanTests {
    private var bench = RolloutBench(nodes: 3)

    private mutating func plan(_ job: Job, keeping kept: KeptNodes? = nil) throws -> JobPlan {
        try JobPlan(
            for: job, on: bench.head, ifUnchangedSince: nil, scheduler: BinPackScheduler(),
            configuration: ServerConfiguration(), keeping: kept, at: bench.bench.now.wall,
            using: &bench.bench.entropy)
    }

    private mutating func group(_ job: Job) throws -> JobPlan.Group? { try plan(job).groups["all"] }

    @Test mutating func whatBecomesOfEachInstanceIsCountedOnce() throws {
        bench.begin(UpdateStrategy())
        #expect(try group(RolloutBench.job(UpdateStrategy())) == JobPlan.Group(ignore: 3))
        #expect(
            try group(RolloutBench.job(count: 5, UpdateStrategy())) == JobPlan.Group(place: 2, inPlaceUpdate: 3))
        #expect(try group(RolloutBench.job(count: 1, UpdateStrategy())) == JobPlan.Group(inPlaceUpdate: 1, stop: 2))
        let reasons = ["task \"main\" > config"]
        #expect(
            try group(RolloutBench.job("/bin/two", UpdateStrategy()))
                == JobPlan.Group(destructiveUpdate: 1, ignore: 2, restarts: 3, restartReasons: reasons))
        #expect(
            try group(RolloutBench.job("/bin/two", UpdateStrategy(canary: 2)))
                == JobPlan.Group(canary: 2, ignore: 3, restarts: 3, restartReasons: reasons))
    }

    @Test mutating func whoMakesRoomIsNamedAndCounted() throws {
        bench.ask(.setSchedulingRules(SchedulingRules(preempting: [.service]), ifUnchangedSince: nil))
        var low = makeJob("low", count: 3, cpuMHz: 90_000)
        low.priority = 20
        bench.register(low)
        let change = { (job: inout Job) in
            job.priority = 80
            job.groups[0].tasks[0].resources.cpuMHz = 50_000
        }
        let plan = try plan(RolloutBench.job(count: 2, nil, change))
        #expect(plan.groups["all"] == JobPlan.Group(place: 2, preemptions: 1), "both have the room of one")
        #expect(plan.preempted.map(\.job) == [low.id])
    }

    /// Six run, and three are wanted that say something else.
    @Test mutating func whatOnlyEndsDoesNotRestart() throws {
        bench.begin(count: 6, UpdateStrategy())
        let group = try plan(RolloutBench.job("/bin/two", count: 3, UpdateStrategy())).groups["all"]
        #expect(group?.stop == 3 && group?.destructiveUpdate == 1 && group?.restarts == 3)
        #expect(group?.restartReasons == ["task \"main\" > config"])
    }

    /// Its successor is placed once it has ended, for nothing of its name may run beside it.
    @Test(arguments: [1, 3]) mutating func whatEndsBeforeItsSuccessorRestarts(count: Int) throws {
        let alone = { (job: inout Job) in job.groups[0].atMostOne = true }
        bench.register(RolloutBench.job(count: count, UpdateStrategy(), alone))
        bench.settle()
        #expect(
            try group(RolloutBench.job(count: count, UpdateStrategy(), alone)) == JobPlan.Group(ignore: count))
        let plan = try plan(RolloutBench.job("/bin/two", count: count, UpdateStrategy(), alone))
        #expect(
            plan.groups["all"]
                == JobPlan.Group(
                    destructiveUpdate: 1, ignore: count - 1, restarts: count,
                    restartReasons: ["task \"main\" > config"]))
        #expect(!plan.changesNothing)
    }

    @Test mutating func whatEndsForNobodyDoesNotRestart() throws {
        let alone = { (job: inout Job) in job.groups[0].atMostOne = true }
        bench.register(RolloutBench.job(UpdateStrategy(), alone))
        bench.settle()
        let group = try group(RolloutBench.job("/bin/two", count: 2, UpdateStrategy(), alone))
        #expect(
            group
                == JobPlan.Group(
                    destructiveUpdate: 1, stop: 1, ignore: 1, restarts: 2,
                    restartReasons: ["task \"main\" > config"]))
    }

    /// What runs is wanted elsewhere, where there is nothing yet.
    @Test mutating func whatMayNotStayRestarts() throws {
        bench.begin(count: 2, UpdateStrategy())
        var job = RolloutBench.job("/bin/one", count: 2, UpdateStrategy())
        #expect(try plan(job).changesNothing)
        job.constraints = [Constraint("${node.unique.name}", .equal, "node-9")]
        let plan = try plan(job)
        #expect(plan.groups["all"]?.restarts == 2 && !plan.changesNothing)
        #expect(plan.groups["all"]?.restartReasons == ["${node.unique.name} = node-9"])
        #expect(plan.refusals["all"] != nil, "and finds no room")
    }

    /// One node is kept for who has waited for a minute, and who comes later does not get it.
    @Test mutating func whatIsKeptForOthersIsNotPromised() throws {
        bench = RolloutBench(nodes: 2)
        bench.register(makeJob("filler", count: 2, cpuMHz: 90_000, kind: .batch))
        bench.register(makeJob("large", cpuMHz: 50_000, kind: .batch))
        var late = makeJob("late", count: 2, cpuMHz: 10_000, kind: .batch)
        #expect(try plan(late).groups["all"] == JobPlan.Group(place: 2), "nobody has waited for long")
        bench.pass(.seconds(61))
        let kept = bench.bench.core.kept
        try #require(kept.all.count == 1)
        for known in [kept, nil] {
            let plan = try plan(late, keeping: known)
            #expect(plan.groups["all"] == JobPlan.Group(place: 1))
            #expect(plan.refusals["all"]?.filtered[Refusal.kept] == 1)
        }
        late.priority = 60
        #expect(try plan(late, keeping: kept).groups["all"] == JobPlan.Group(place: 2), "it comes before the other")
        late.priority = 50
        bench.register(late)
        #expect(bench.head.allocations(of: late.id).count == 1, "and so it is when it is registered")
    }
}
