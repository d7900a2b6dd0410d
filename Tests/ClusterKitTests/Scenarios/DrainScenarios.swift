import ClusterKit
import ClusterTesting
import Testing

/// How a node is closed and emptied.
@Suite struct DrainScenarios {
    /// What runs on a closed node runs on; what is new goes elsewhere. Opened again, the node takes work.
    @Test func aClosedNodeKeepsWhatItHas() throws {
        let job = try Job.stated("web")
        try Scenario(
            "ineligible-node", for: .seconds(90), machines: 2,
            [
                .register(job, at: .seconds(5)),
                .node("node-1", at: .seconds(20)) { .setEligibility($0, .ineligible) },
                .scale(job.id, "main", to: 2, at: .seconds(30)),
                .node("node-1", at: .seconds(50)) { .setEligibility($0, .eligible) },
                .scale(job.id, "main", to: 3, at: .seconds(60)),
            ]
        ).check()
    }

    private static func jobs(group: String = "count = 3") throws -> (web: Job, build: Job, agent: Job) {
        (
            try .stated("web", group: group), try .stated("build", .batch, tasks: ["compile": ""]),
            try .stated("agent", .system, tasks: ["agent": ""])
        )
    }

    private static func ending(_ time: Duration) -> @Sendable (TaskTurn) -> TaskCourse {
        { turn in turn.task.name == "compile" ? .ends(after: time) : .runs }
    }

    /// By Nomad's defaults: the services go one after the other, each once the last has been well for ten seconds; the
    /// build is left to end; what runs everywhere goes last. The node stays closed.
    @Test func servicesGoOneByOneBuildsEndAndSystemJobsGoLast() throws {
        let (web, build, agent) = try Self.jobs()
        try Scenario(
            "drain", for: .seconds(150), machines: 2,
            [
                .register(web, at: .seconds(5)), .register(build, at: .seconds(6)),
                .register(agent, at: .seconds(7)),
                .drain("node-1", at: .seconds(30)),
            ], course: Self.ending(.seconds(90))
        ).check()
    }

    /// At its deadline what is left is stopped and placed anew; unless something is said that is an hour.
    @Test func atTheDeadlineWhatIsLeftIsStopped() throws {
        let (_, build, agent) = try Self.jobs()
        try Scenario(
            "drain-deadline", for: .seconds(3700), machines: 2,
            [
                .register(build, at: .seconds(6)), .register(agent, at: .seconds(7)),
                .drain("node-1", at: .seconds(30)),
            ], course: Self.ending(.seconds(7200))
        ).check()
    }

    /// A drain by force does that at once, and leaves what runs everywhere where that is wished.
    @Test func aDrainByForceStopsAllAtOnce() throws {
        let (web, build, agent) = try Self.jobs()
        try Scenario(
            "drain-by-force", for: .seconds(60), machines: 2,
            [
                .register(web, at: .seconds(5)), .register(build, at: .seconds(6)),
                .register(agent, at: .seconds(7)),
                .drain("node-1", .atOnce, ignoringSystemJobs: true, at: .seconds(30)),
            ], course: Self.ending(.seconds(300))
        ).check()
    }

    /// Without a deadline a build has all the time that it takes.
    @Test func withoutADeadlineABuildIsLeftToEnd() throws {
        let (_, build, _) = try Self.jobs()
        var scenario = Scenario(
            "drain-without-deadline", for: .seconds(8000), machines: 2,
            [.register(build, at: .seconds(5)), .drain("node-1", .unlimited, at: .seconds(30))],
            course: Self.ending(.seconds(7200)))
        scenario.heartbeatTTL = .seconds(300)
        try scenario.check()
    }

    /// A group says how many go at a time, and for how long each has to be well.
    @Test func aGroupSaysHowItMoves() throws {
        let words = """
            count = 4
            migrate {
              max_parallel = 2
              min_healthy_time = "5s"
            }
            """
        try Scenario(
            "migrate-block", for: .seconds(90), machines: 2,
            [
                .node("node-2", at: .seconds(4)) { .setEligibility($0, .ineligible) },
                .register(try Self.jobs(group: words).web, at: .seconds(5)),
                .node("node-2", at: .seconds(25)) { .setEligibility($0, .eligible) },
                .drain("node-1", at: .seconds(30)),
            ]
        ).check()
    }

    /// A replacement that is not well holds the next one back for five minutes.
    @Test func aReplacementThatIsNotWellHoldsTheNextBack() throws {
        let job = try Job.stated("web", group: "count = 3\n" + Job.checkedService)
        try Scenario(
            "migrate-deadline", for: .seconds(400), machines: 2,
            [.register(job, at: .seconds(5)), .drain("node-1", at: .seconds(30))],
            course: { turn in turn.time > .seconds(20) ? .sickens(after: .zero) : .runs }
        ).check()
    }
}
