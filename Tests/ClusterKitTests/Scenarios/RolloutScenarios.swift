import ClusterKit
import ClusterTesting
import Testing

/// How a version takes the place of another.
@Suite struct RolloutScenarios {
    private static func version(_ number: Int, group: String, _ service: String = "") throws -> Job {
        try Job.stated(
            "web", group: group + "\n" + service, tasks: ["server": #"env { VERSION = "\#(number)" }"#])
    }

    private static func isNew(_ turn: TaskTurn) -> Bool { turn.task.environment["VERSION"] == "2" }

    /// Without a word about it: one instance at a time, each well for ten seconds before the next.
    @Test func oneAfterTheOtherEachWellForTenSeconds() throws {
        let (old, new) = (
            try Self.version(1, group: "count = 3"), try Self.version(2, group: "count = 3")
        )
        try Scenario(
            "update-defaults", for: .seconds(120), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(30))]
        ).check()
    }

    /// An instance that is not well five minutes after it was placed is unwell: nothing further is replaced. Ten
    /// minutes after the last progress the roll-out has failed. Nothing returns by itself.
    @Test func aVersionThatIsNeverWellFailsAtTheProgressDeadline() throws {
        let old = try Self.version(1, group: "count = 2", Job.checkedService)
        let new = try Self.version(2, group: "count = 2", Job.checkedService)
        try Scenario(
            "update-fails", for: .seconds(720), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(30))],
            course: { Self.isNew($0) ? .sickens(after: .zero) : .runs }
        ).check()
    }

    /// The same with `auto_revert`: the job returns to the newest stable version, which is a new one.
    @Test func aVersionThatFailsIsTakenBack() throws {
        let words = """
            count = 2
            update {
              healthy_deadline = "30s"
              progress_deadline = "1m"
              auto_revert = true
            }
            """
        let old = try Self.version(1, group: words, Job.checkedService)
        let new = try Self.version(2, group: words, Job.checkedService)
        try Scenario(
            "update-reverts", for: .seconds(150), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(30))],
            course: { Self.isNew($0) ? .sickens(after: .zero) : .runs }
        ).check()
    }

    /// There is no stable version to return to.
    @Test func theFirstVersionCannotBeTakenBack() throws {
        let words = """
            update {
              healthy_deadline = "20s"
              progress_deadline = "30s"
              auto_revert = true
            }
            """
        try Scenario(
            "update-has-nothing-to-revert-to", for: .seconds(60), machines: 1,
            [.register(try Self.version(1, group: words, Job.checkedService), at: .seconds(5))],
            course: { _ in .sickens(after: .zero) }
        ).check()
    }

    /// Each instance that becomes well, after some 40 seconds, gives the next a whole minute: the roll-out takes longer
    /// than its deadline, and succeeds.
    @Test func progressMovesTheDeadline() throws {
        let words = """
            count = 3
            update {
              healthy_deadline = "50s"
              progress_deadline = "1m"
            }
            """
        let old = try Self.version(1, group: words, Job.checkedService)
        let new = try Self.version(2, group: words, Job.checkedService)
        try Scenario(
            "update-progress", for: .seconds(180), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(30))],
            course: { Self.isNew($0) ? .warmsUp(for: .seconds(25)) : .runs }
        ).check()
    }

    /// With a deadline of zero the first instance that is unwell ends the roll-out.
    @Test func withoutADeadlineTheFirstUnwellOneDecides() throws {
        let words = """
            count = 2
            update {
              progress_deadline = "0s"
              healthy_deadline = "20s"
            }
            """
        let old = try Self.version(1, group: words, Job.checkedService)
        let new = try Self.version(2, group: words, Job.checkedService)
        try Scenario(
            "update-without-deadline", for: .seconds(90), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(30))],
            course: { Self.isNew($0) ? .sickens(after: .zero) : .runs }
        ).check()
    }

    /// With `max_parallel = 0` all are replaced at once, and nobody watches.
    @Test func nothingIsWatchedWhereAllMayGoAtOnce() throws {
        let words = """
            count = 2
            update { max_parallel = 0 }
            """
        try Scenario(
            "update-at-once", for: .seconds(60), machines: 1,
            [
                .register(try Self.version(1, group: words), at: .seconds(5)),
                .register(try Self.version(2, group: words), at: .seconds(30)),
            ]
        ).check()
    }

    /// Jobs that run everywhere change one node every half minute.
    @Test func systemJobsChangeOneNodeEveryHalfMinute() throws {
        func job(_ number: Int) throws -> Job {
            try Job.stated(
                "agent", .system, group: "update { max_parallel = 1 }",
                tasks: ["agent": #"env { VERSION = "\#(number)" }"#])
        }
        try Scenario(
            "update-stagger", for: .seconds(120),
            [.register(try job(1), at: .seconds(5)), .register(try job(2), at: .seconds(30))]
        ).check()
    }

    // MARK: - What restarts

    /// A larger count, a longer time to stop, other tags, restarts and constraints touch nothing that runs; another
    /// environment replaces it.
    @Test func onlyWhatATaskIsMadeOfReplacesIt() throws {
        let old = try Self.version(1, group: "count = 1", Job.checkedService)
        var mild = old
        mild.groups[0].count = 2
        mild.groups[0].tasks[0].killTimeout = .seconds(9)
        mild.groups[0].services[0].tags = ["blue"]
        mild.groups[0].restart.attempts = 7
        mild.groups[0].constraints = [Constraint("${attr.kernel.name}", .equal, "linux")]
        mild.priority = 70
        var harsh = mild
        harsh.groups[0].tasks[0].environment["VERSION"] = "2"
        try Scenario(
            "in-place-and-destructive", for: .seconds(120), machines: 1,
            [
                .register(old, at: .seconds(5)), .register(mild, at: .seconds(30)),
                .register(harsh, at: .seconds(60)),
            ]
        ).check()
    }

    // MARK: - Orders

    /// `health_check = "manual"`: nobody is well before someone says so; whoever says the contrary ends the roll-out.
    @Test func peopleSayWhoIsWell() throws {
        let words = """
            count = 2
            update { health_check = "manual" }
            """
        let (old, new) = (try Self.version(1, group: words), try Self.version(2, group: words))
        func judge(_ name: String, _ isHealthy: Bool, at time: Duration) -> ScriptStep {
            ScriptStep(at: time) { known in
                guard let one = known.newest(name), let deployment = one.deployment else { return nil }
                return .orderDeployment(
                    deployment,
                    .judge(healthy: isHealthy ? [one.id] : [], unhealthy: isHealthy ? [] : [one.id]))
            }
        }
        try Scenario(
            "manual-health", for: .seconds(150), machines: 1,
            [
                .register(old, at: .seconds(5)), judge("web.main[0]", true, at: .seconds(30)),
                judge("web.main[1]", true, at: .seconds(40)), .register(new, at: .seconds(60)),
                judge("web.main[0]", true, at: .seconds(90)),
                judge("web.main[1]", false, at: .seconds(120)),
            ]
        ).check()
    }

    /// A paused roll-out replaces nothing further, and time does not run; one that is given up stays where it is.
    @Test func aRollOutIsPausedResumedAndGivenUp() throws {
        let words = "count = 4"
        let (old, new) = (try Self.version(1, group: words), try Self.version(2, group: words))
        try Scenario(
            "pause-resume-fail", for: .seconds(900), machines: 1,
            [
                .register(old, at: .seconds(5)), .register(new, at: .seconds(30)),
                .order(old.id, .pause, at: .seconds(35)), .order(old.id, .resume, at: .seconds(800)),
                .order(old.id, .fail, at: .seconds(805)), .order(old.id, .resume, at: .seconds(820)),
            ]
        ).check()
    }
}
