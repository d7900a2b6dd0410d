import ClusterKit
import ClusterTesting
import Testing

/// What people ask of instances that run, and what is known of their tasks.
@Suite struct TaskScenarios {
    /// An instance that is stopped by hand is replaced; that counts as no failure.
    @Test func whatIsStoppedByHandIsReplaced() throws {
        let job = try Job.stated("web")
        try Scenario(
            "stop-one-instance", for: .seconds(60),
            [
                .register(job, at: .seconds(5)),
                .about("web.main[0]", at: .seconds(30)) { .stopAllocation($0.id) },
            ]
        ).check()
    }

    /// A restart stays in place, comes at once and uses up no attempt; a signal reaches one task, or all that run.
    /// A task that has ended gets neither.
    @Test func restartsAndSignalsReachWhatRuns() throws {
        let job = try Job.stated(
            "web", group: "restart { attempts = 0 }",
            tasks: ["init": #"lifecycle { hook = "prestart" }"#, "server": ""])
        let report = try Scenario(
            "restart-and-signal", for: .seconds(60),
            [
                .register(job, at: .seconds(5)),
                .ask("web.main[0]", .signal(task: "server", name: "SIGHUP"), at: .seconds(20)),
                .ask("web.main[0]", .signal(task: "init", name: "SIGHUP"), at: .seconds(22)),
                .ask("web.main[0]", .restart(task: ""), at: .seconds(30)),
                .ask("web.main[0]", .restart(task: "init"), at: .seconds(40)),
                .ask("web.main[0]", .restart(task: "other"), at: .seconds(42)),
            ],
            course: { turn in turn.task.name == "init" ? .ends(after: .seconds(2)) : .runs }
        ).check()
        #expect(report.state.newest("web.main[0]")?.isLive == true)
    }

    /// Of all that happened to a task the last ten events are kept.
    @Test func theLastTenEventsAreKept() throws {
        let job = try Job.stated(
            "web",
            group: """
                restart {
                  attempts = 10
                  delay = "1s"
                  interval = "30m"
                }
                """)
        let report = try Scenario(
            "task-events", for: .seconds(60), machines: 1, [.register(job, at: .seconds(5))],
            course: { turn in turn.attempt < 4 ? .ends(after: .seconds(2), code: 1) : .runs }
        ).check()
        let events = report.state.newest("web.main[0]")?.tasks["server"]?.events.map(\.kind)
        let turn: [TaskEventKind] = [.started, .terminated, .restarting]
        #expect(events == turn + turn + turn + [.started])
    }

    /// A task that takes more memory than it may is killed, which its events say. It is started again like any that
    /// failed; once it has failed for good, that is the cause.
    @Test func theCauseIsMemory() throws {
        let job = try Job.stated(
            "web",
            group: """
                restart {
                  attempts = 1
                  delay = "5s"
                  interval = "1m"
                }
                """)
        let report = try Scenario(
            "out-of-memory", for: .seconds(70), [.register(job, at: .seconds(5))],
            course: { turn in turn.node.name == "node-1" ? .outgrowsItsMemory(after: .seconds(10)) : .runs
            }
        ).check()
        let failed = report.state.allocations.sorted.filter { $0.client == .failed }
        #expect(failed.map(\.cause) == [.memory])
    }
}
