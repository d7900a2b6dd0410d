import ClusterKit
import HCL
import Testing

/// How long an allocation may run.
@Suite struct RunLimitTests {
    private func assignment(_ limit: RunLimit?, kind: JobKind = .batch) -> Assignment {
        var assignment = Assignment.sample(
            tasks: [
                TaskSpec(name: "main"),
                TaskSpec(name: "proxy", lifecycle: TaskLifecycle(.prestart, isSidecar: true)),
                TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop)),
            ], kind: kind, restart: RestartPolicy(attempts: 9, interval: .seconds(600), delay: .seconds(1)))
        assignment.job.groups[0].runLimit = limit
        return assignment
    }

    private func restart(_ harness: CoreHarness, after later: Duration) -> CoreHarness {
        var next = CoreHarness(booted: false)
        next.now = harness.now
        next.now.wall = next.now.wall + later
        next.boot(harness.core.records.compactMap { try? AllocationRecord(decoding: $0.encoded) })
        return next
    }

    @Test(arguments: [JobKind.batch, .service]) func itEndsCompleteAndRunsNothingAfterwards(kind: JobKind) {
        let assignment = assignment(RunLimit(.seconds(36_000)), kind: kind)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.pass(.seconds(35_999))
        #expect(harness.play() == [])
        harness.pass(.seconds(1))
        #expect(harness.play() == ["stop main", "stop proxy"], "in order, and nothing comes last")
        #expect(harness.end(of: assignment) == "complete: Stopped after its max_run_duration of 10h0m0s")
        #expect(harness.task(assignment)?.state.failed == false)
        let killing = harness.task(assignment)?.state.events.first { $0.kind == .killing }
        #expect(killing?.details["kill_reason"] == "max_run_duration of 10h0m0s is over")
    }

    @Test func aRestartGivesNoNewTime() {
        let assignment = assignment(RunLimit(.seconds(100)))
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.pass(.seconds(90))
        harness.exit(assignment, "main", code: 1)
        _ = harness.play()
        harness.pass(.seconds(5))
        #expect(harness.play() == ["start main"])
        harness.pass(.seconds(5))
        #expect(harness.play() == ["stop main", "stop proxy"])
    }

    @Test func timeGoesOnWithoutTheAgent() {
        let assignment = assignment(RunLimit(.seconds(100)))
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.pass(.seconds(10))
        var next = restart(harness, after: .seconds(60))
        _ = next.take()
        next.pass(.seconds(29))
        #expect(next.play() == [])
        next.pass(.seconds(1))
        #expect(next.play() == ["stop main", "stop proxy"])
        var late = restart(harness, after: .seconds(1000))
        late.pass(.seconds(0.1))
        #expect(late.play() == ["stop main", "stop proxy"])
    }

    @Test func aClockThatIsSetBackProlongsNothing() {
        let assignment = assignment(RunLimit(.seconds(100)))
        var harness = CoreHarness()
        harness.begin(assignment)
        var next = restart(harness, after: .seconds(-86_400))
        _ = next.take()
        next.pass(.seconds(100))
        #expect(next.play() == ["stop main", "stop proxy"])
        harness.pass(.seconds(50))
        harness.now.wall = harness.now.wall + .seconds(-3600)
        harness.pass(.seconds(50))
        #expect(harness.play() == ["stop main", "stop proxy"])
    }

    @Test func mainTasksAreWarnedOnce() {
        let limit = RunLimit(.seconds(100), warningSignal: "SIGUSR1", warningTime: .seconds(30))
        let assignment = assignment(limit)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.pass(.seconds(69))
        #expect(harness.take().sentSignals == [])
        harness.pass(.seconds(1))
        #expect(harness.take().sentSignals == ["main SIGUSR1"])
        #expect(harness.words(assignment, "main").last == "Signaling: max_run_duration is over in 30s")
        var next = restart(harness, after: .seconds(5))
        #expect(next.take().sentSignals == [], "the agent before has warned them")
        next.pass(.seconds(25))
        #expect(next.play() == ["stop main", "stop proxy"])
    }

    @Test func anotherLimitHoldsFromWhenItIsKnown() {
        let assignment = assignment(RunLimit(.seconds(100)))
        var harness = CoreHarness()
        harness.begin(assignment)
        var longer = assignment
        longer.allocation.jobVersion = 1
        longer.job.groups[0].runLimit = RunLimit(.seconds(200))
        harness.assign(longer, revision: 2)
        harness.pass(.seconds(199))
        #expect(harness.play() == [])
        var none = longer
        none.allocation.jobVersion = 2
        none.job.groups[0].runLimit = nil
        harness.assign(none, revision: 3)
        harness.pass(.seconds(1000))
        #expect(harness.play() == [])
    }

    // MARK: - In job files

    private func file(_ lines: String, type: String = "batch") -> JobFile {
        JobFile(
            text: """
                job "j" {
                  type = "\(type)"
                  group "g" {
                    \(lines)
                    task "t" { driver = "raw_exec" }
                  }
                }
                """, file: "j.hcl")
    }

    @Test func everyFieldIsReadAndWritten() throws {
        let lines = "max_run_duration = \"10h\"\nrun_warning {\n signal = \"SIGUSR1\"\n before = \"5m\"\n}"
        let job = try file(lines).job()
        #expect(
            job.groups[0].runLimit
                == RunLimit(.seconds(36_000), warningSignal: "SIGUSR1", warningTime: .seconds(300)))
        let json = JobDocument(job).json
        #expect(try JobDocument(json: json).job() == job)
        let text = String(decoding: json, as: UTF8.self)
        #expect(
            text.contains(
                #""MaxRunDuration":36000000000000,"RunWarning":{"Before":300000000000,"Signal":"SIGUSR1"}"#))
        #expect(try file("max_run_duration = \"1h\"").job().groups[0].runLimit == RunLimit(.seconds(3600)))
        #expect(try file("").job().groups[0].runLimit == nil)
    }

    @Test(arguments: [
        ("run_warning {\n signal = \"SIGUSR1\"\n}", "batch", "state max_run_duration too"),
        ("max_run_duration = \"10ms\"", "batch", "must be at least 1s"),
        ("max_run_duration = \"10h\"", "system", "system jobs run for as long as their node"),
        ("max_run_duration = \"1m\"\nrun_warning {\n signal = \"SIGUSR1\"\n}", "batch", "must be shorter than"),
        ("max_run_duration = \"2m\"\nrun_warning {\n signal = \"USR1\"\n}", "batch", "no signal is called"),
    ])
    func whatCannotBeIsRefused(lines: String, type: String, words: String) {
        let error = #expect(throws: ClusterError.self) { try file(lines, type: type).job() }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}

extension [AgentEffect] {
    var sentSignals: [String] {
        compactMap { if case .signal(let run, _, let name) = $0 { "\(run.task) \(name)" } else { nil } }
    }
}
