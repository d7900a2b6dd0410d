import ClusterKit
import ClusterTesting
import Testing

/// How a task is told to stop, and how much time it has.
@Suite struct StopScenarios {
    /// Without a word of its own a task gets `SIGINT` and five seconds: `RestartScenarios`. Here it has both.
    @Test func theTaskSaysWhichSignalAndHowLong() throws {
        let job = try Job.stated(
            "web",
            tasks: [
                "server": """
                kill_signal = "SIGTERM"
                kill_timeout = "20s"
                """
            ])
        try Scenario(
            "kill-signal", for: .seconds(60),
            [.register(job, at: .seconds(5)), .stop(job.id, at: .seconds(20))],
            course: { _ in .ignoresSignals }
        ).check()
    }

    /// The agent allows 30 seconds at most.
    @Test func theAgentAllowsHalfAMinute() throws {
        let job = try Job.stated("web", tasks: ["server": #"kill_timeout = "2m""#])
        try Scenario(
            "kill-timeout-is-capped", for: .seconds(60),
            [.register(job, at: .seconds(5)), .stop(job.id, at: .seconds(20))],
            course: { _ in .ignoresSignals }
        ).check()
    }

    /// Clients are led away at once; the group's ten seconds and the task's five later it is told to stop.
    @Test func clientsAreLedAwayBeforeATaskIsTold() throws {
        let job = try Job.stated(
            "web", group: #"shutdown_delay = "10s""# + "\n" + Job.checkedService,
            tasks: ["server": #"shutdown_delay = "5s""#])
        try Scenario(
            "shutdown-delay", for: .seconds(60),
            [.register(job, at: .seconds(5)), .stop(job.id, at: .seconds(30))]
        ).check()
    }
}
