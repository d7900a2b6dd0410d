import ClusterKit
import ClusterTesting
import Testing

/// How tasks are started again, and instances placed anew, second by second.
@Suite struct RestartScenarios {
    private func service(_ group: String, tasks: String = "") throws -> Job {
        try .file(
            """
            job "web" {
              group "main" {
                \(group)
                task "server" {
                  driver = "raw_exec"
                  config { command = "/bin/server" }
                  resources { memory = 100 }
                }
                \(tasks)
              }
            }
            """)
    }

    /// Two restarts within 30 minutes, 15 to 18.75 seconds after each end; then the instance has failed, and a new one
    /// is placed after 30 seconds, then 60, then 120.
    @Test func servicesAreRestartedTwiceThenPlacedAnew() throws {
        let job = try service("")
        try Scenario(
            "service-default-restarts", for: .seconds(420), [.register(job, at: .seconds(5))],
            course: { _ in .ends(after: .seconds(10), code: 1) }
        ).check()
    }

    @Test func batchIsRestartedThreeTimesThenPlacedAnewOnce() throws {
        let job = try Job.file(
            """
            job "build" {
              type = "batch"
              group "main" {
                task "compile" {
                  driver = "raw_exec"
                  config { command = "/bin/compile" }
                }
              }
            }
            """)
        try Scenario(
            "batch-default-restarts", for: .seconds(600), [.register(job, at: .seconds(5))],
            course: { _ in .ends(after: .seconds(10), code: 2) }
        ).check()
    }

    /// A window that is used up is waited out, and attempts count anew.
    @Test func delayModeWaitsForTheEndOfTheWindow() throws {
        let job = try service(
            """
            restart {
              attempts = 1
              interval = "2m"
              delay = "5s"
              mode = "delay"
            }
            """)
        try Scenario(
            "restart-mode-delay", for: .seconds(300), [.register(job, at: .seconds(5))],
            course: { _ in .ends(after: .seconds(10), code: 1) }
        ).check()
    }

    /// A start that can never succeed is not tried twice on the same node.
    @Test func unrecoverableStartsAreNotRepeated() throws {
        try Scenario(
            "unrecoverable-start", for: .seconds(120), [.register(try service(""), at: .seconds(5))],
            course: { turn in
                turn.node.name == "node-1" ? .startFails("no such program", isRecoverable: false) : .runs
            }
        ).check()
    }

    /// A machine is lost: its work is placed elsewhere once its heartbeats have been missed.
    @Test func whatRanOnALostMachineIsPlacedElsewhere() throws {
        try Scenario(
            "lost-machine", for: .seconds(180),
            [
                .register(try service(""), at: .seconds(5)),
                .loseMachine(0, at: .seconds(30), for: .seconds(90)),
            ]
        ).check()
    }

    /// What does not obey is killed when its time is over.
    @Test func stoppingTakesUntilTheKillTimeout() throws {
        let job = try service("")
        try Scenario(
            "stubborn-task", for: .seconds(60),
            [
                .register(job, at: .seconds(5)),
                .stop(job.id, at: .seconds(20)),
            ],
            course: { _ in .ignoresSignals }
        ).check()
    }
}
