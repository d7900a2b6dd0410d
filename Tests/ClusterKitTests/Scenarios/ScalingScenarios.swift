import ClusterKit
import ClusterTesting
import Testing

/// Who goes when fewer are wanted, and how a job is restarted instance by instance.
@Suite struct ScalingScenarios {
    /// Of five instances the one that failed goes first, then the one that is idle and has nothing to lose, then the
    /// one that is idle and warm, then the busy one that would lose less. The numbers of those who stay do not change.
    @Test func theBusyAndTheWarmStay() throws {
        let job = try Job.stated(
            "web",
            group: """
                count = 5
                restart { attempts = 0 }
                """)
        try Scenario(
            "scale-down", for: .seconds(90), machines: 1,
            [
                .register(job, at: .seconds(5)),
                .tell("web.main[0]", busy: true, keepCost: 1, at: .seconds(20)),
                .tell("web.main[1]", busy: true, keepCost: 9, at: .seconds(20)),
                .tell("web.main[2]", busy: false, keepCost: 9, at: .seconds(20)),
                .tell("web.main[3]", busy: false, at: .seconds(20)),
                .scale(job.id, "main", to: 4, at: .seconds(40)),
                .scale(job.id, "main", to: 3, at: .seconds(50)),
                .scale(job.id, "main", to: 2, at: .seconds(60)),
                .scale(job.id, "main", to: 1, at: .seconds(70)),
                .scale(job.id, "main", to: 3, at: .seconds(80)),
            ],
            course: { turn in turn.allocation.index == 4 ? .ends(after: .seconds(30), code: 1) : .runs }
        ).check()
    }

    /// Where nothing is known of their work, the highest number goes.
    @Test func theHighestNumberGoes() throws {
        let job = try Job.stated("web", group: "count = 3")
        try Scenario(
            "scale-down-by-number", for: .seconds(60), machines: 1,
            [.register(job, at: .seconds(5)), .scale(job.id, "main", to: 1, at: .seconds(30))]
        ).check()
    }

    /// `cluster job restart` stops one instance after the other, each when the last one has been replaced.
    @Test func aJobIsRestartedInstanceByInstance() throws {
        let job = try Job.stated("web", group: "count = 3")
        let steps = (0..<3).map { number in
            ScriptStep.about("web.main[\(number)]", at: .seconds(30 + number * 10)) {
                .stopAllocation($0.id)
            }
        }
        let report = try Scenario(
            "rolling-restart", for: .seconds(70), machines: 1, [.register(job, at: .seconds(5))] + steps
        ).check()
        #expect(report.state.allocations(of: job.id).filter(\.isLive).count == 3)
    }
}
