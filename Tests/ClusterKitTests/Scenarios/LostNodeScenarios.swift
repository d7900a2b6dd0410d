import ClusterKit
import ClusterTesting
import Testing

/// When a node counts as lost, and what becomes of its work; and what an agent finds when it starts again.
@Suite struct LostNodeScenarios {
    /// A node that is silent for less than its term, ten seconds and ten more, is not lost. One that is silent for
    /// longer is, and its work is placed elsewhere: 20 seconds after its last heartbeat.
    @Test func silenceCountsFromTheLastHeartbeat() throws {
        let job = try Job.stated("web")
        try Scenario(
            "silent-node", for: .seconds(180),
            [
                .register(job, at: .seconds(5)), .cutOff([0], at: .seconds(30), for: .seconds(14)),
                .cutOff([0], at: .seconds(90), for: .seconds(60)),
            ]
        ).check()
    }

    /// A new leader gives every node a whole term, and up to a quarter more, for it cannot know when the last one heard
    /// of it.
    @Test func aNewLeaderGivesAWholeTerm() throws {
        let job = try Job.stated("web")
        try Scenario(
            "lost-while-nobody-leads", for: .seconds(180),
            [
                .register(job, at: .seconds(5)), .crashServer(at: .seconds(30), for: .seconds(60)),
                .loseMachine(0, at: .seconds(35), for: nil),
            ]
        ).check()
    }

    /// While the agent is away `server` runs on, and is not started again; `clock` ends meanwhile, which is known
    /// when the agent is back.
    @Test func tasksGoOnWithoutTheAgent() throws {
        let job = try Job.stated("web", tasks: ["server": "", "clock": ""])
        let report = try Scenario(
            "agent-restarts", for: .seconds(90),
            [.register(job, at: .seconds(5)), .crashAgent(of: 0, at: .seconds(30), for: .seconds(10))],
            course: { turn in
                turn.task.name == "clock" && turn.attempt == 0 ? .ends(after: .seconds(30), code: 1) : .runs
            }
        ).check()
        #expect(report.state.newest("web.main[0]")?.tasks["server"]?.restarts == 0)
    }

    /// A machine that starts again before it counts as lost has lost its processes: they have failed, and are started
    /// again by the job's policy.
    @Test func whatDidNotOutliveItsMachineHasFailed() throws {
        let job = try Job.stated("web")
        try Scenario(
            "machine-restarts", for: .seconds(90),
            [.register(job, at: .seconds(5)), .loseMachine(0, at: .seconds(30), for: .seconds(8))]
        ).check()
    }
}
