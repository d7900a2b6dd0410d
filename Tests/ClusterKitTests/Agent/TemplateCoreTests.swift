import Testing

@testable import ClusterKit

/// What an agent's core does about the files of its tasks.
@Suite struct TemplateCoreTests {
    private var agent = CoreHarness()
    private let spec = TaskSpec(
        name: "main",
        templates: [TemplateSpec(data: "{{ key \"k\" }}", destination: "local/x", splay: .zero)])

    private func assignment(attempts: Int = 2) -> Assignment {
        let policy = RestartPolicy(attempts: attempts, interval: .seconds(600), delay: .seconds(5), mode: .fail)
        return .sample(tasks: [spec], restart: policy)
    }

    private mutating func bringUp(_ assignment: Assignment) -> TaskRun {
        let run = TaskRun(assignment.allocation.id, "main")
        agent.assign(assignment, revision: 1)
        agent.send(.prepared(assignment.allocation.id))
        agent.send(.rendered(run))
        agent.start(assignment, "main")
        return run
    }

    @Test mutating func aTaskStartsOnceItsFilesAreThere() {
        let assignment = assignment()
        let run = TaskRun(assignment.allocation.id, "main")
        agent.assign(assignment, revision: 1)
        agent.send(.prepared(assignment.allocation.id))
        var effects = agent.take()
        #expect(effects.renders == [run] && effects.starts == [])
        agent.send(.templatesNoted(run, "Missing: k"))
        agent.send(.templatesNoted(run, "Missing: k"))
        let events = agent.task(assignment)?.state.events.filter { $0.kind == .template }
        #expect(events?.map(\.message) == ["Missing: k"] && agent.task(assignment)?.stage == .starting)
        agent.send(.rendered(run))
        agent.send(.rendered(run))
        #expect(agent.take().starts == [run])
        agent.start(assignment, "main")
        effects = agent.take()
        #expect(effects.followed == [run] && effects.watches == [run])
    }

    @Test mutating func aTaskThatWaitsForItsFilesCanBeStopped() {
        let assignment = assignment()
        let run = TaskRun(assignment.allocation.id, "main")
        agent.assign(assignment, revision: 1)
        agent.send(.prepared(assignment.allocation.id))
        agent.assign(assignment.desiring(.stop, because: "test"), revision: 2)
        #expect(agent.record(assignment)?.hasEnded == true)
        let effects = agent.take()
        #expect(effects.templateEnds == [run] && effects.stops == [])
        agent.send(.rendered(run))
        #expect(agent.take().starts == [])
    }

    @Test mutating func anAgentThatEndsDoesNotWaitForFiles() {
        let assignment = assignment()
        agent.assign(assignment, revision: 1)
        agent.send(.prepared(assignment.allocation.id))
        agent.send(.shutdown)
        #expect(agent.take().ends == 1)
    }

    @Test mutating func filesThatCannotBeMadeAreLeftToTheRestartPolicy() {
        let assignment = assignment(attempts: 1)
        let run = TaskRun(assignment.allocation.id, "main")
        agent.assign(assignment, revision: 1)
        agent.send(.prepared(assignment.allocation.id))
        agent.send(.templatesFailed(run, "line 1"))
        #expect(agent.task(assignment)?.stage == .delayed)
        agent.pass(.seconds(10))
        #expect(agent.take().renders == [run, TaskRun(assignment.allocation.id, "main", attempt: 1)])
        agent.send(.templatesFailed(TaskRun(assignment.allocation.id, "main", attempt: 1), "line 1"))
        #expect(agent.task(assignment)?.state.failed == true)
    }

    @Test mutating func aChangedFileRestartsTheTaskWithoutCounting() {
        let assignment = assignment(attempts: 0)
        let run = bringUp(assignment)
        _ = agent.take()
        agent.send(.templatesChanged(run, .restart))
        agent.send(.templatesChanged(run, .restart))
        #expect(agent.take().stops == [run])
        let event = agent.task(assignment)?.state.events.last
        #expect(event?.kind == .restartSignal)
        #expect(event?.message == "Template with change_mode restart re-rendered")
        agent.end(assignment, "main", code: 1)
        #expect(agent.take().templateEnds == [run])
        agent.pass(.milliseconds(10))
        #expect(agent.take().renders == [TaskRun(assignment.allocation.id, "main", attempt: 1)])
        let task = agent.task(assignment)
        #expect(task?.state.restarts == 1 && task?.state.failed == false && task?.restarts.count == 0)
    }

    @Test func aRestartThatCountsIsLeftToThePolicy() {
        let assignment = assignment(attempts: 0)
        var record = AllocationRecord(assignment, seen: .at(1))
        record.isPrepared = true
        record.tasks[0].stage = .running
        record.tasks[0].handle = .of(TaskRun(assignment.allocation.id, "main"))
        var core = AllocationCore(record, policy: AgentPolicy())
        var turn = AgentTurn(now: agent.now, entropy: Entropy(seed: 1))
        core.restartTask("main", reason: "unhealthy", countsAsFailure: true, &turn)
        #expect(turn.effects.stops.count == 1)
        let run = TaskRun(assignment.allocation.id, "main")
        core.exited(run, TaskExit(code: 0, time: agent.now.wall), &turn)
        #expect(core.record.tasks[0].state.failed)
    }

    @Test mutating func aChangedFileSendsSignals() {
        let assignment = assignment()
        let run = bringUp(assignment)
        _ = agent.take()
        agent.send(.templatesChanged(run, .signals(["SIGHUP", "SIGUSR1"])))
        let effects = agent.take()
        #expect(effects.signals == ["SIGHUP", "SIGUSR1"] && effects.stops == [])
        #expect(agent.task(assignment)?.stage == .running)
    }

    /// Of a service with three instances, which take turns.
    private func sharedAssignment() -> Assignment {
        var assignment = assignment()
        assignment.job.groups[0].count = 3
        assignment.job.groups[0].update = UpdateStrategy(maxParallel: 1)
        return assignment
    }

    private mutating func grant(_ assignment: Assignment, since: WallTime?, revision: UInt64) {
        var granted = assignment
        granted.allocation.reload = since.map { ReloadTurn(since: $0, phase: .granted) }
        agent.assign(granted, revision: revision)
    }

    /// What is reported once the last report has arrived.
    private mutating func newestReport() -> AllocationReport? {
        agent.send(.reported)
        agent.pass(.seconds(1))
        return agent.take().reports.last
    }

    @Test mutating func theOnlyInstanceActsOnChangedFilesAtOnce() {
        let assignment = assignment()
        let run = bringUp(assignment)
        _ = agent.take()
        agent.send(.templatesDue(run))
        #expect(agent.take().applied == [run])
    }

    @Test mutating func oneOfSeveralWaitsForItsTurnToActOnChangedFiles() throws {
        let assignment = sharedAssignment()
        let run = bringUp(assignment)
        _ = newestReport()
        agent.send(.templatesDue(run))
        agent.send(.templatesDue(run))
        var effects = agent.take()
        #expect(effects.applied == [])
        let since = agent.now.wall
        #expect((effects.reports.last ?? newestReport())?.reloadSince == since)
        grant(assignment, since: WallTime(nanoseconds: 9), revision: 2)
        #expect(agent.take().applied == [], "the turn of an earlier change is not this one's")
        grant(assignment, since: since, revision: 3)
        #expect(agent.take().applied == [run])
        agent.send(.templatesDue(run))
        #expect(agent.take().applied == [run], "another change meanwhile belongs to the same turn")
        agent.send(.templatesChanged(run, .restart))
        #expect(agent.take().stops == [run])
        #expect(newestReport()?.reloadSince == since, "it acts until the task has ended")
        agent.end(assignment, "main", code: 0)
        let report = try #require(newestReport())
        #expect(report.reloadSince == nil && report.tasks["main"]?.restarts == 1)
        agent.pass(.milliseconds(10))
        effects = agent.take()
        grant(assignment, since: since, revision: 4)
        #expect(agent.take().applied == [], "the next run has the newest files from the start")
    }

    /// A report of the agent before may come late: it must not bring back a wait that nobody knows of any more.
    @Test mutating func theNextAgentsReportIsNewer() throws {
        let assignment = sharedAssignment()
        let run = bringUp(assignment)
        _ = newestReport()
        agent.send(.templatesDue(run))
        let old = try #require(agent.take().reports.last ?? newestReport())
        #expect(old.reloadSince != nil)
        var next = CoreHarness(booted: false)
        next.boot([try #require(agent.record(assignment))])
        let new = try #require(next.take().reports.last)
        #expect(new.reloadSince == nil && new.serial > old.serial)
    }

    @Test(arguments: [TemplateReaction?.none, .signals(["SIGHUP"])])
    mutating func aTurnEndsWithTheSignalOrWhenNothingChangedAfterAll(_ reaction: TemplateReaction?) {
        let assignment = sharedAssignment()
        let run = bringUp(assignment)
        _ = newestReport()
        agent.send(.templatesDue(run))
        let since = agent.now.wall
        _ = newestReport()
        grant(assignment, since: since, revision: 2)
        agent.send(.templatesChanged(run, reaction))
        let report = agent.take().reports.last ?? newestReport()
        #expect(report != nil && report?.reloadSince == nil)
    }

    @Test mutating func theNextAgentGoesOnWithWhatWasUnderWay() throws {
        let assignment = assignment()
        let run = bringUp(assignment)
        var next = CoreHarness(booted: false)
        next.boot([try #require(agent.record(assignment))])
        var effects = next.take()
        #expect(effects.followed == [run] && effects.stops == [] && effects.renders == [])

        agent.send(.templatesChanged(run, .restart))
        let record = try AllocationRecord(decoding: try #require(agent.record(assignment)).encoded)
        next = CoreHarness(booted: false)
        next.boot([record])
        effects = next.take()
        #expect(effects.stops == [run])
        next.end(assignment, "main", code: 0)
        next.pass(.milliseconds(10))
        #expect(next.take().renders == [TaskRun(assignment.allocation.id, "main", attempt: 1)])
    }
}

extension [AgentEffect] {
    var renders: [TaskRun] { compactMap { if case .render(let run, _) = $0 { run } else { nil } } }
    var followed: [TaskRun] { compactMap { if case .followTemplates(let run, _) = $0 { run } else { nil } } }
    var templateEnds: [TaskRun] { compactMap { if case .endTemplates(let run) = $0 { run } else { nil } } }
    var signals: [String] { compactMap { if case .signal(_, _, let name) = $0 { name } else { nil } } }
}
