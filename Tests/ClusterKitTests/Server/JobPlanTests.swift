import Testing

@testable import ClusterKit

/// What is told of a change before it is made.
@Suite struct JobPlanTests {
    private var bench = RolloutBench(nodes: 3)

    private mutating func plan(_ job: Job) throws -> JobPlan {
        try JobPlan(
            for: job, on: bench.head, ifUnchangedSince: nil, scheduler: BinPackScheduler(),
            configuration: ServerConfiguration(), at: bench.bench.now.wall, using: &bench.bench.entropy)
    }

    /// Six run, and three are wanted that say something else.
    @Test mutating func whatOnlyEndsDoesNotRestart() throws {
        bench.begin(count: 6, UpdateStrategy())
        let group = try plan(RolloutBench.job("/bin/two", count: 3, UpdateStrategy())).groups["all"]
        #expect(group?.stop == 3 && group?.destructiveUpdate == 1 && group?.restarts == 3)
        #expect(group?.restartReasons == ["task \"main\" > config"])
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
}
