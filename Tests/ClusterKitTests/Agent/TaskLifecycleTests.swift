import ClusterKit
import Testing

@Suite struct TaskLifecycleTests {
    private let policy = RestartPolicy(attempts: 1, interval: .seconds(600), delay: .seconds(4))

    @Test func aServiceThatExitsIsRestartedAfterItsDelay() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.run(assignment)
        harness.exit(assignment, "main", code: 0)
        #expect(harness.take().removals.count == 1)
        harness.send(.removed(TaskRun(assignment.allocation.id, "main")))
        #expect(harness.task(assignment)?.state.phase == .pending)
        #expect(harness.task(assignment)?.state.restarts == 1)
        #expect(harness.record(assignment)?.report.client == .running, "status only moves forward")
        #expect(harness.record(assignment)?.report.description == "Task \"main\" waits for its restart")
        harness.pass(.seconds(3.9))
        #expect(harness.take().starts.isEmpty)
        harness.pass(.seconds(1.2))
        #expect(harness.take().starts == [TaskRun(assignment.allocation.id, "main", attempt: 1)])
        harness.start(assignment, "main", attempt: 1)
        #expect(harness.task(assignment)?.state.phase == .running)
        #expect(harness.record(assignment)?.report.description == "Tasks are running")
    }

    @Test func aTaskThatFailsForGoodFailsTheAllocationAndStopsItsSiblings() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(tasks: [TaskSpec(name: "main"), TaskSpec(name: "side")], restart: policy)
        harness.run(assignment)
        harness.end(assignment, "main", code: 1)
        harness.pass(.seconds(5))
        harness.start(assignment, "main", attempt: 1)
        _ = harness.take()
        harness.end(assignment, "main", attempt: 1, code: 3)
        #expect(harness.take().stops.map(\.task) == ["side"])
        #expect(harness.record(assignment)?.report.client == .running, "the sibling still runs")
        let side = TaskRun(assignment.allocation.id, "side")
        harness.exit(assignment, "side", code: 0)
        harness.send(.stopped(side))
        harness.send(.removed(side))
        let report = harness.record(assignment)?.report
        #expect(report?.client == .failed && report?.description == "Failed tasks")
        #expect(report?.tasks["main"]?.failed == true && report?.tasks["side"]?.failed == false)
        let words = report?.tasks["side"]?.events.map { "\($0.kind.rawValue): \($0.message)" }
        #expect(
            words == [
                "Received: Task received by client", "Task Setup: Building Task Directory",
                "Started: Task started by client", "Sibling Task Failed: Task's sibling \"main\" failed",
                "Killing: Sent interrupt. Waiting 5s before force killing", "Terminated: Exit Code: 0",
                "Killed: Task successfully killed",
            ])
        let last = report?.tasks["main"]?.events.suffix(2).map { "\($0.kind.rawValue): \($0.message)" }
        #expect(
            last == [
                "Terminated: Exit Code: 3",
                "Not Restarting: Exceeded allowed attempts 1 in interval 10m0s and mode is \"fail\"",
            ])
    }

    @Test func aBatchAllocationIsCompleteOnceAllTasksEndedWell() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(tasks: [TaskSpec(name: "a"), TaskSpec(name: "b")], kind: .batch)
        harness.run(assignment)
        harness.end(assignment, "a", code: 0)
        #expect(harness.record(assignment)?.report.client == .running)
        harness.end(assignment, "b", code: 0)
        #expect(harness.record(assignment)?.report.client == .complete)
        #expect(harness.take().stops.isEmpty)
    }

    @Test(arguments: [(0, ClientStatus.complete), (1, .failed)])
    func itIsPendingUntilItsFirstStartAndRunningUntilNothingOfItRuns(code: Int, end: ClientStatus) {
        var harness = CoreHarness()
        let assignment = Assignment.sample(
            tasks: [TaskSpec(name: "a"), TaskSpec(name: "b")], kind: .batch,
            restart: RestartPolicy(attempts: 0, interval: .seconds(600), delay: .zero))
        var found: [ClientStatus?] = []
        harness.assign(assignment, revision: 1)
        found.append(harness.record(assignment)?.report.client)
        harness.send(.prepared(assignment.allocation.id))
        found.append(harness.record(assignment)?.report.client)
        harness.start(assignment, "a")
        found.append(harness.record(assignment)?.report.client)
        harness.start(assignment, "b")
        harness.end(assignment, "a", code: 0)
        found.append(harness.record(assignment)?.report.client)
        harness.exit(assignment, "b", code: code)
        found.append(harness.record(assignment)?.report.client)
        harness.send(.removed(TaskRun(assignment.allocation.id, "b")))
        found.append(harness.record(assignment)?.report.client)
        #expect(found == [.pending, .pending, .running, .running, .running, end])
    }

    @Test func anUnrecoverableStartFailureSkipsRestarts() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        let run = TaskRun(assignment.allocation.id, "main")
        harness.send(.startFailed(run, TaskStartFailure("no such file /bin/none", isRecoverable: false)))
        #expect(harness.record(assignment)?.report.client == .failed)
        let events = harness.task(assignment)?.state.events.suffix(2) ?? []
        #expect(events.map(\.kind) == [.driverFailure, .notRestarting])
        #expect(events.first?.message == "no such file /bin/none")
        harness.pass(.seconds(3600))
        #expect(harness.take().starts.count == 1)
    }

    @Test func aRecoverableStartFailureIsTriedAgain() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        let run = TaskRun(assignment.allocation.id, "main")
        harness.send(.startFailed(run, TaskStartFailure("registry does not answer", isRecoverable: true)))
        _ = harness.take()
        harness.pass(.seconds(5))
        #expect(harness.take().starts.map(\.attempt) == [1])
        #expect(harness.record(assignment)?.report.description == "No tasks have started")
    }

    @Test func lateResultsOfAnEarlierRunChangeNothing() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.run(assignment)
        harness.end(assignment, "main", code: 1)
        harness.pass(.seconds(5))
        harness.start(assignment, "main", attempt: 1)
        _ = harness.take()
        harness.end(assignment, "main", attempt: 0, code: 9)
        harness.start(assignment, "main", attempt: 0)
        #expect(harness.task(assignment)?.stage == .running)
        #expect(harness.take().removals.isEmpty)
    }

    @Test func stoppingWhileATaskStartsStopsItOnceItRuns() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.take().stops.isEmpty)
        #expect(harness.record(assignment)?.hasEnded == false)
        harness.start(assignment, "main")
        #expect(harness.take().stops.count == 1)
    }

    @Test func stoppingWhileFoldersAreMadeStartsNothing() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.record(assignment)?.hasEnded == false, "its folders are being made")
        harness.send(.prepared(assignment.allocation.id))
        #expect(harness.take().starts.isEmpty)
        #expect(harness.record(assignment)?.report.client == .complete)
    }

    @Test func stoppingWhileATaskWaitsForItsRestartEndsIt() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.run(assignment)
        harness.end(assignment, "main", code: 1)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.record(assignment)?.report.client == .complete)
        _ = harness.take()
        harness.pass(.seconds(60))
        #expect(harness.take().starts.isEmpty)
    }

    @Test func signalAndGraceAreTheTasksButCapped() {
        let specs = [
            TaskSpec(name: "plain"), TaskSpec(name: "own", killTimeout: .seconds(120), killSignal: "SIGTERM"),
        ]
        var harness = CoreHarness()
        let assignment = Assignment.sample(tasks: specs)
        harness.run(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        let asked = harness.take().compactMap { effect -> String? in
            if case .stop(_, _, let signal, let grace) = effect { "\(signal) \(grace.nanoseconds)" } else { nil }
        }
        #expect(asked == ["SIGINT 5000000000", "SIGTERM 30000000000"])
    }

    @Test func foldersThatCannotBeMadeFailTheAllocation() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.preparationFailed(assignment.allocation.id, "no space left"))
        let report = harness.record(assignment)?.report
        #expect(report?.client == .failed && report?.description.contains("no space left") == true)
        #expect(report?.tasks["main"]?.failed == true && report?.tasks["main"]?.phase == .dead)
    }

    @Test func whatADriverOrADiskCannotDoIsTriedAgain() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.run(assignment)
        let run = TaskRun(assignment.allocation.id, "main")
        harness.send(.watchFailed(run, "busy"))
        harness.pass(.seconds(3))
        #expect(harness.take().watches == [run])
        harness.send(.journalFailed(run.allocation, "no space left"))
        harness.pass(.seconds(3))
        #expect(harness.take().persisted.map(\.id) == [run.allocation])
        harness.assign(assignment.desiring(.stop), revision: 2)
        harness.send(.stopFailed(run, "busy"))
        _ = harness.take()
        harness.pass(.seconds(3))
        #expect(harness.take().stops == [run])
        harness.exit(assignment, "main", code: 0)
        harness.send(.stopFailed(run, "busy"))
        #expect(harness.take().removals == [run])
        harness.send(.removalFailed(run, "busy"))
        #expect(harness.record(assignment)?.hasEnded == false)
        harness.pass(.seconds(3))
        #expect(harness.take().removals == [run])
    }

    @Test func lastTenEventsAreKept() {
        var harness = CoreHarness()
        let many = RestartPolicy(attempts: 20, interval: .seconds(86_400), delay: .seconds(1))
        let assignment = Assignment.sample(restart: many)
        harness.run(assignment)
        for attempt in 0..<6 {
            harness.end(assignment, "main", attempt: attempt, code: 1)
            harness.pass(.seconds(2))
            harness.start(assignment, "main", attempt: attempt + 1)
        }
        #expect(harness.task(assignment)?.state.events.count == 10)
        #expect(harness.task(assignment)?.state.restarts == 6)
    }
}
