import Testing

@testable import ClusterKit

/// When checks are made, and what becomes of their results, under a clock that only the test moves.
@Suite struct CheckCoreTests {
    private var harness = CoreHarness()

    private static let check = CheckSpec(
        name: "alive", kind: "tcp", interval: .seconds(10), timeout: .seconds(3), initialStatus: "warning")

    private static func assignment(
        _ checks: [CheckSpec] = [check], tasks: [String] = ["main"], ofGroup: Bool = false,
        _ change: (inout Job) -> Void = { _ in }
    ) -> Assignment {
        let service = ServiceSpec(name: "web", portLabel: "http", checks: checks)
        var assignment = Assignment.sample(
            tasks: tasks.map { TaskSpec(name: $0, services: ofGroup || $0 != "main" ? [] : [service]) },
            restart: RestartPolicy(attempts: 3, interval: .seconds(600), delay: .seconds(1), mode: .fail))
        if ofGroup { assignment.job.groups[0].services = [service] }
        assignment.allocation.resources.ports = [PortMapping(label: "http", value: 20_001)]
        change(&assignment.job)
        return assignment
    }

    private mutating func answer(_ run: CheckRun, _ health: CheckHealth, _ output: String = "") {
        harness.send(.probed(run, ProbeOutcome(health, output)))
    }

    /// Lets time pass until a check is made.
    private mutating func nextRun(within limit: Duration = .seconds(30)) throws -> CheckRun {
        var passed = Duration.zero
        while passed < limit {
            harness.pass(.milliseconds(100))
            passed += .milliseconds(100)
            if let run = harness.take().probes.first { return run.0 }
        }
        throw ClusterError(.internal, "no check was made within \(limit)")
    }

    private func checks(_ assignment: Assignment) -> [CheckStatus] { harness.record(assignment)?.checks ?? [] }

    @Test mutating func aCheckIsMadeSoonAfterTheStartAndThenByItsInterval() throws {
        let assignment = Self.assignment()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        harness.pass(.seconds(5))
        #expect(harness.take().probes.isEmpty, "nothing runs yet")
        harness.start(assignment, "main")
        let started = harness.now.uptime
        let first = try nextRun()
        #expect(harness.now.uptime - started <= .seconds(1.1))
        let began = harness.now.uptime
        harness.pass(.seconds(2))
        answer(first, .passing)
        #expect(checks(assignment).map(\.health) == [.passing])
        let second = try nextRun()
        let pause = harness.now.uptime - began
        #expect(pause >= .seconds(9.8) && pause <= .seconds(10.2), "\(pause)")
        #expect(second.number > first.number)
    }

    @Test mutating func aScriptThatCannotRunIsCriticalAndTriedAgain() throws {
        var check = Self.check
        check.kind = "script"
        check.command = "/bin/true"
        let assignment = Self.assignment([check])
        harness.run(assignment)
        harness.core.allocations[assignment.allocation.id]?.record.tasks[0].handle = nil
        harness.pass(.seconds(2))
        #expect(checks(assignment).map(\.output) == ["the task has no handle"])
        #expect(checks(assignment).map(\.health) == [.critical])
        harness.core.allocations[assignment.allocation.id]?.record.tasks[0].handle = .of(
            TaskRun(assignment.allocation.id, "main", attempt: 0))
        _ = harness.take()
        harness.pass(.seconds(11))
        let asked = harness.take().filter { if case .execute = $0 { true } else { false } }
        #expect(asked.count == 1, "the check goes on")
    }

    @Test mutating func whatIsAskedIsWhereTheInstanceIs() throws {
        var check = Self.check
        check.kind = "http"
        check.path = "/health/${NOMAD_ALLOC_INDEX}"
        check.header = ["X-Node": ["${node.unique.name}"]]
        harness.run(Self.assignment([check]))
        harness.pass(.seconds(2))
        let request = try #require(harness.take().probes.first?.1)
        #expect(request.address == "10.0.0.7" && request.port == 20_001)
        #expect(request.check.path == "/health/1")
        #expect(request.check.header == ["X-Node": ["node-a"]])
    }

    @Test mutating func aPortMayBeANumber() throws {
        var check = Self.check
        check.portLabel = "9999"
        harness.run(Self.assignment([check]))
        harness.pass(.seconds(2))
        #expect(harness.take().probes.first?.1.port == 9999)
    }

    @Test mutating func aSteadyCheckIsReportedOnce() throws {
        let assignment = Self.assignment()
        harness.run(assignment)
        for _ in 0..<5 { answer(try nextRun(), .passing, "\(harness.now.uptime)") }
        // One report is under way at a time: what changed meanwhile goes with the next.
        harness.send(.reported)
        while harness.take().reportCalls > 0 { harness.send(.reported) }
        for _ in 0..<5 {
            answer(try nextRun(), .passing, "\(harness.now.uptime)")
            let effects = harness.take()
            #expect(effects.persisted.isEmpty && effects.reportCalls == 0)
        }
        answer(try nextRun(), .critical, "refused")
        #expect(harness.take().reports.map(\.checks) == [checks(assignment)])
        #expect(checks(assignment).map(\.output) == ["refused"])
    }

    @Test mutating func aCheckThatTakesTooLongHasFailedAndIsNotMadeTwiceAtOnce() throws {
        let assignment = Self.assignment()
        harness.run(assignment)
        let run = try nextRun()
        harness.pass(.seconds(4))
        #expect(checks(assignment).map(\.output) == ["timed out after 3s"])
        #expect(checks(assignment).map(\.health) == [.critical])
        harness.pass(.seconds(60))
        #expect(harness.take().probes.isEmpty, "the first is still under way")
        answer(run, .passing)
        #expect(checks(assignment).map(\.health) == [.critical], "a late answer says nothing")
        answer(try nextRun(), .passing)
        #expect(checks(assignment).map(\.health) == [.passing])
    }

    @Test mutating func answersOfAnEarlierStartSayNothing() throws {
        let assignment = Self.assignment()
        harness.run(assignment)
        let run = try nextRun()
        harness.end(assignment, "main", code: 1)
        answer(run, .passing)
        #expect(checks(assignment).isEmpty)
        harness.pass(.seconds(2))
        harness.start(assignment, "main", attempt: 1)
        answer(run, .passing)
        #expect(checks(assignment).isEmpty)
    }

    @Test mutating func aTaskThatDoesNotRunIsNotAskedAndItsPastIsForgotten() throws {
        let assignment = Self.assignment()
        harness.run(assignment)
        answer(try nextRun(), .passing)
        harness.exit(assignment, "main", code: 1)
        #expect(checks(assignment).isEmpty, "the next start begins with the initial status")
        harness.pass(.seconds(0.5))
        #expect(harness.take().probes.isEmpty)
    }

    @Test mutating func badResultsRestartTheTaskUnderItsPolicy() throws {
        var check = Self.check
        check.restartLimit = 2
        let assignment = Self.assignment([check], tasks: ["main", "side"])
        harness.run(assignment)
        answer(try nextRun(), .critical)
        #expect(harness.take().stops.isEmpty, "the first was within the grace")
        for _ in 0..<2 { answer(try nextRun(), .critical) }
        #expect(harness.take().stops.map(\.task) == ["main"])
        let events = harness.task(assignment)?.state.events ?? []
        #expect(events.contains { $0.kind == .restartSignal && $0.message.contains("check \"alive\" unhealthy") })
        harness.exit(assignment, "main", code: 0)
        #expect(harness.task(assignment)?.state.restarts == 1)
    }

    @Test mutating func aCheckOfTheGroupRestartsAllTasks() throws {
        var check = Self.check
        check.restartLimit = 1
        check.restartGrace = .zero
        harness.run(Self.assignment([check], tasks: ["main", "side"], ofGroup: true))
        answer(try nextRun(), .critical)
        #expect(harness.take().stops.map(\.task) == ["main", "side"])
    }

    @Test mutating func scriptsRunInTheTaskTheyBelongTo() throws {
        let script = CheckSpec(
            name: "s", kind: "script", command: "true", interval: .seconds(10), timeout: .seconds(3))
        var named = script
        named.task = "side"
        harness.run(Self.assignment([script], tasks: ["main", "side"]))
        harness.pass(.seconds(2))
        #expect(harness.take().executions.map(\.task) == ["main"])
        var other = CoreHarness()
        other.run(Self.assignment([named], tasks: ["main", "side"], ofGroup: true))
        other.pass(.seconds(2))
        #expect(other.take().executions.map(\.task) == ["side"])
        var third = CoreHarness()
        third.run(Self.assignment([script], tasks: ["main", "side"], ofGroup: true))
        third.pass(.seconds(2))
        let effects = third.take()
        #expect(effects.executions.isEmpty && effects.probes.count == 1, "it runs on the host")
    }

    @Test mutating func aRestartedAgentKeepsWhatWasFoundAndGoesOn() throws {
        let assignment = Self.assignment()
        harness.run(assignment)
        answer(try nextRun(), .passing, "fine")
        let record = try AllocationRecord(decoding: try #require(harness.record(assignment)).encoded)
        harness = CoreHarness(booted: false)
        harness.boot([record])
        #expect(checks(assignment).map(\.health) == [.passing])
        #expect(checks(assignment).map(\.output) == ["fine"])
        answer(try nextRun(), .critical, "gone")
        #expect(checks(assignment).map(\.health) == [.critical])
    }

    @Test mutating func aNewStatementOfTheJobBringsItsChecks() throws {
        let assignment = Self.assignment()
        harness.run(assignment)
        answer(try nextRun(), .passing)
        var newer = assignment
        newer.allocation.jobVersion = 1
        newer.job.groups[0].tasks[0].services[0].checks.append(
            CheckSpec(name: "other", kind: "tcp", interval: .seconds(10), timeout: .seconds(3)))
        harness.assign(newer, revision: 2)
        let run = try nextRun()
        #expect(run.check.index == 1)
        answer(run, .critical)
        #expect(checks(assignment).map(\.health) == [.passing, .critical])
        newer.allocation.jobVersion = 2
        newer.job.groups[0].tasks[0].services[0].checks.removeLast()
        harness.assign(newer, revision: 3)
        #expect(checks(assignment).map(\.health) == [.passing])
    }

    @Test mutating func anOrderToStopWaitsForTheShutdownDelay() throws {
        let assignment = Self.assignment {
            $0.groups[0].shutdownDelay = .seconds(5)
            $0.groups[0].tasks[0].shutdownDelay = .seconds(2)
        }
        harness.run(assignment)
        harness.assign(assignment.desiring(.stop, because: "replaced"), revision: 2)
        harness.pass(.seconds(6.9))
        let before = harness.take()
        #expect(before.stops.isEmpty && before.probes.isEmpty)
        harness.pass(.seconds(0.2))
        #expect(harness.take().stops.map(\.task) == ["main"])
        let kinds = harness.task(assignment)?.state.events.map(\.kind) ?? []
        #expect(kinds.suffix(2) == [.waitingToStop, .killing])
    }

    @Test mutating func whatEndsBecauseAnotherTaskFailedWaitsAsLong() throws {
        let assignment = Self.assignment(tasks: ["main", "side"]) {
            $0.groups[0].shutdownDelay = .seconds(5)
            $0.groups[0].restart = RestartPolicy(attempts: 0, interval: .seconds(600), delay: .seconds(1), mode: .fail)
        }
        harness.run(assignment)
        harness.exit(assignment, "side", code: 1)
        harness.pass(.seconds(4.9))
        #expect(harness.take().stops.isEmpty)
        harness.pass(.seconds(0.2))
        #expect(harness.take().stops.map(\.task) == ["main"])
    }
}

extension [AgentEffect] {
    fileprivate var probes: [(CheckRun, ProbeRequest)] {
        compactMap { if case .probe(let run, let request) = $0 { (run, request) } else { nil } }
    }
    fileprivate var executions: [TaskRun] {
        compactMap { if case .execute(_, _, let task, _, _) = $0 { task } else { nil } }
    }
}
