import ClusterKit
import ClusterTesting
import Testing

/// When and where an instance that failed is placed anew, second by second.
@Suite struct RescheduleScenarios {
    /// A job whose tasks are never started again on their node.
    private func job(_ id: String, _ reschedule: String, _ type: JobKind = .service) throws -> Job {
        try .stated(id, type, group: "restart { attempts = 0 }\n reschedule {\n \(reschedule)\n}")
    }

    /// Each instance lives for as long as its place in `lives` says; those that follow, like the last.
    private func lives(_ lives: [Int]) -> @Sendable (TaskTurn) -> TaskCourse {
        { turn in
            let place = min(turn.allocation.reschedules.count, lives.count - 1)
            return .ends(after: .seconds(lives[place]), code: 1)
        }
    }

    /// 10, 20 and 30 seconds, where 40 would be too long. The fourth lives longer than 30 seconds: the series begins
    /// anew. The fifth lives as long, but the next wait of 20 seconds is not too long; the sixth begins it anew.
    @Test func doubledWaitsBeginAnewOnceTheyWouldBeTooLong() throws {
        try Scenario(
            "reschedule-exponential", for: .seconds(260),
            [
                .register(
                    try job("web", "delay = \"10s\"\n max_delay = \"30s\""), at: .seconds(5))
            ],
            course: lives([5, 5, 5, 40, 40, 40, 5])
        ).check()
    }

    /// 10, 10, 20, 30 and 45 seconds, where 50 would be too long. The sixth lives longer than that: 10, 10, 20 once
    /// more.
    @Test func addedWaitsBeginAnewWithTwoOfThem() throws {
        try Scenario(
            "reschedule-fibonacci", for: .seconds(300),
            [
                .register(
                    try job("web", "delay = \"10s\"\n delay_function = \"fibonacci\"\n max_delay = \"45s\""),
                    at: .seconds(5))
            ],
            course: lives([5, 5, 5, 5, 5, 50, 5])
        ).check()
    }

    /// Where something runs already would be the best place, as it is for the first one; who has failed there goes
    /// elsewhere. Where both open nodes have seen it fail it stays on them, for none is excluded; a third one, which is
    /// opened then, is better than either.
    @Test func nodesWhereItFailedCountLessAndAreNotExcluded() throws {
        try Scenario(
            "reschedule-penalty", for: .seconds(75),
            [
                .node("node-3", at: .seconds(5)) { .setEligibility($0, .ineligible) },
                .register(try .stated("quiet"), at: .seconds(6)),
                .register(try job("web", "delay = \"10s\"\n delay_function = \"constant\""), at: .seconds(10)),
                .node("node-3", at: .seconds(45)) { .setEligibility($0, .eligible) },
            ],
            course: { $0.job.id == JobID("web") ? .ends(after: .seconds(2), code: 1) : .runs }
        ).check()
    }

    /// A full disk has two attempts an hour of its own, after 20 seconds and then 40, and uses up no other: the one
    /// attempt of all else is there when the compiler fails. With the third full disk it is over. Where too much memory
    /// has no attempt, it is over at once. Without blocks, what is not the work's own fault has three beside the
    /// others.
    @Test func eachCauseHasRulesOfItsOwn() throws {
        let once = "attempts = 1\n interval = \"1h\"\n delay = \"5s\""
        let causes = """
            \(once)
            on "disk" {
              attempts       = 2
              delay          = "20s"
              delay_function = "exponential"
              max_delay      = "1m"
            }
            on "memory" { attempts = 0 }
            """
        let courses: [String: [TaskCourse]] = [
            "build": [
                .startFails("no space left on device", isRecoverable: false, cause: .disk),
                .startFails("no space left on device", isRecoverable: false, cause: .disk),
                .ends(after: .seconds(5), code: 2),
                .startFails("no space left on device", isRecoverable: false, cause: .disk),
            ],
            "link": [.outgrowsItsMemory(after: .seconds(5))],
            "plain": [.startFails("the driver does not answer", isRecoverable: false)],
        ]
        try Scenario(
            "reschedule-by-cause", for: .seconds(200),
            [
                .register(try job("build", causes, .batch), at: .seconds(5)),
                .register(try job("link", causes, .batch), at: .seconds(100)),
                .register(try job("plain", once, .batch), at: .seconds(120)),
            ],
            course: { turn in
                let courses = courses[turn.job.id.id] ?? [.runs]
                return courses[min(turn.allocation.reschedules.count, courses.count - 1)]
            }
        ).check()
    }

    /// Work that takes its machine down has one more attempt, half a minute after the loss; another, which says nothing
    /// of that, is placed anew at once.
    @Test func lostNodesHaveRulesOfTheirOwn() throws {
        let rule = "on \"node\" {\n attempts = 1\n interval = \"1h\"\n delay = \"30s\"\n}"
        try Scenario(
            "reschedule-lost-node", for: .seconds(300),
            [
                .register(try job("fatal", rule), at: .seconds(5)),
                .register(try job("calm", ""), at: .seconds(10)),
                .loseMachine(0, at: .seconds(40), for: nil),
                .loseMachine(1, at: .seconds(140), for: nil),
            ]
        ).check()
    }
}
