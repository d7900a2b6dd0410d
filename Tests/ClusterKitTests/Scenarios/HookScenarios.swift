import ClusterKit
import ClusterTesting
import Testing

/// In which order the tasks of an instance begin and end.
@Suite struct HookScenarios {
    private static let first = #"lifecycle { hook = "prestart" }"#
    private static let last = #"lifecycle { hook = "poststop" }"#

    private static func sidecar(_ hook: String) -> String {
        """
        lifecycle {
          hook = "\(hook)"
          sidecar = true
        }
        """
    }

    /// `init` ends before `server` begins, beside which `proxy` runs from before; `greet` comes after it. At the end
    /// `server` goes first, then `proxy`, and `sweep` runs last.
    @Test func tasksBeginAndEndInTheirOrder() throws {
        let job = try Job.stated(
            "web",
            tasks: [
                "server": "", "sweep": Self.last, "greet": #"lifecycle { hook = "poststart" }"#,
                "proxy": Self.sidecar("prestart"), "init": Self.first,
            ])
        try Scenario(
            "hooks-in-order", for: .seconds(60),
            [.register(job, at: .seconds(5)), .stop(job.id, at: .seconds(40))],
            course: { turn in
                switch turn.task.name {
                case "init": .ends(after: .seconds(5))
                case "greet", "sweep": .ends(after: .seconds(3))
                default: .runs
                }
            }
        ).check()
    }

    /// `init` fails as often as it may: `server` never begins, and `sweep` cleans up.
    @Test func aPrestartThatFailsKeepsTheMainTasksFromStarting() throws {
        let job = try Job.stated(
            "web",
            group: """
                restart {
                  attempts = 1
                  delay = "5s"
                  interval = "1m"
                }
                reschedule {
                  attempts = 0
                  unlimited = false
                }
                """, tasks: ["init": Self.first, "server": "", "sweep": Self.last])
        try Scenario(
            "prestart-fails", for: .seconds(60), [.register(job, at: .seconds(5))],
            course: { turn in
                switch turn.task.name {
                case "init": .ends(after: .seconds(5), code: 1)
                case "sweep": .ends(after: .seconds(2))
                default: .runs
                }
            }
        ).check()
    }

    /// Sidecars are started again whatever their exit code, also beside work that ends by itself, and end with it.
    @Test func sidecarsLiveAsLongAsTheMainTasks() throws {
        let job = try Job.stated(
            "build", .batch,
            tasks: [
                "proxy": Self.sidecar("prestart"), "compile": "", "logs": Self.sidecar("poststart"),
                "sweep": Self.last,
            ])
        try Scenario(
            "sidecars", for: .seconds(90), [.register(job, at: .seconds(5))],
            course: { turn in
                switch turn.task.name {
                case "compile": .ends(after: .seconds(60))
                case "logs" where turn.attempt == 0: .ends(after: .seconds(20))
                case "sweep": .ends(after: .seconds(2))
                default: .runs
                }
            }
        ).check()
    }

    /// `sweep` runs also after a main task has used up its restarts.
    @Test func poststopRunsAfterAFailure() throws {
        let job = try Job.stated(
            "web",
            group: """
                restart {
                  attempts = 1
                  delay = "5s"
                  interval = "1m"
                }
                """, tasks: ["server": "", "sweep": Self.last])
        try Scenario(
            "poststop-after-failure", for: .seconds(70), [.register(job, at: .seconds(5))],
            course: { turn in
                switch (turn.task.name, turn.node.name) {
                case ("server", "node-1"): .ends(after: .seconds(10), code: 1)
                case ("sweep", _): .ends(after: .seconds(2))
                default: .runs
                }
            }
        ).check()
    }

    private static let led: KeyValuePairs<String, String> = [
        "compile": "leader = true", "database": "", "proxy": sidecar("prestart"), "sweep": last,
    ]

    /// With the end of `compile` the time begins that the group gives its clients; then `database` ends, then `proxy`,
    /// and `sweep` runs.
    @Test func theOthersEndWithTheLeader() throws {
        let job = try Job.stated("build", .batch, group: #"shutdown_delay = "10s""#, tasks: Self.led)
        try Scenario(
            "leader-ends", for: .seconds(60), [.register(job, at: .seconds(5))],
            course: { turn in
                switch turn.task.name {
                case "compile": .ends(after: .seconds(20))
                case "sweep": .ends(after: .seconds(2))
                default: .runs
                }
            }
        ).check()
    }

    /// Told to stop, the leader ends first; what it leaves behind follows.
    @Test func theLeaderIsStoppedFirst() throws {
        let job = try Job.stated("web", group: #"shutdown_delay = "10s""#, tasks: Self.led)
        try Scenario(
            "leader-is-stopped", for: .seconds(60),
            [.register(job, at: .seconds(5)), .stop(job.id, at: .seconds(30))],
            course: { turn in
                switch turn.task.name {
                case "compile": .ignoresSignals
                case "sweep": .ends(after: .seconds(2))
                default: .runs
                }
            }
        ).check()
    }
}
