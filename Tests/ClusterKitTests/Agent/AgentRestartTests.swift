import ClusterKit
import Testing

@Suite struct AgentRestartTests {
    private let policy = RestartPolicy(attempts: 1, interval: .seconds(600), delay: .seconds(100))

    /// An agent that starts on what `harness` has on disk, `later` after it.
    private func restart(_ harness: CoreHarness, after later: Duration = .zero) -> CoreHarness {
        var next = CoreHarness(booted: false)
        next.now = harness.now
        next.now.wall = next.now.wall + later
        // Another clock since the machine's start: uptimes of before mean nothing.
        next.now.uptime = Uptime(nanoseconds: 5)
        // What the disk gives back is what was written, not the same value.
        next.boot(harness.core.records.compactMap { try? AllocationRecord(decoding: $0.encoded) })
        return next
    }

    @Test func aRunningTaskIsWatchedAgainNotStarted() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.run(assignment)
        var next = restart(harness)
        let effects = next.take()
        #expect(effects.watches == [TaskRun(assignment.allocation.id, "main")])
        #expect(effects.starts.isEmpty && effects.prepared.isEmpty)
        #expect(effects.reports.map(\.client) == [.running])
        next.assign(assignment, revision: 2)
        #expect(next.take().starts.isEmpty)
    }

    @Test func aStartThatWasUnderWayIsAskedForByTheSameNumber() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        var next = restart(harness)
        #expect(next.take().starts == [TaskRun(assignment.allocation.id, "main", attempt: 0)])
    }

    @Test func foldersThatWereBeingMadeAreMade() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        var next = restart(harness)
        #expect(next.take().prepared == [assignment.allocation.id])
        next.send(.prepared(assignment.allocation.id))
        #expect(next.take().starts.count == 1)
    }

    @Test func aRestartThatWasDueComesAtItsTime() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.run(assignment)
        harness.end(assignment, "main", code: 1)
        var next = restart(harness, after: .seconds(60))
        _ = next.take()
        next.pass(.seconds(39))
        #expect(next.take().starts.isEmpty)
        next.pass(.seconds(27))
        #expect(next.take().starts.map(\.attempt) == [1])
        // The clock was set back by a day meanwhile: nobody waits longer than the policy could make them.
        var confused = restart(harness, after: .seconds(-86_400))
        confused.pass(.seconds(600))
        #expect(confused.take().starts.map(\.attempt) == [1])
    }

    @Test func theRestartWindowGoesOn() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(restart: policy)
        harness.run(assignment)
        harness.end(assignment, "main", code: 1)
        harness.pass(.seconds(126))
        harness.start(assignment, "main", attempt: 1)
        var within = restart(harness, after: .seconds(10))
        within.end(assignment, "main", attempt: 1, code: 1)
        #expect(within.record(assignment)?.report.client == .failed)
        var beyond = restart(harness, after: .seconds(700))
        beyond.end(assignment, "main", attempt: 1, code: 1)
        #expect(beyond.task(assignment)?.stage == .delayed)
    }

    @Test func aStopThatWasUnderWayGoesOn() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(tasks: [TaskSpec(name: "main"), TaskSpec(name: "side")])
        harness.run(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        harness.exit(assignment, "side", code: 0)
        var next = restart(harness)
        let effects = next.take()
        #expect(effects.stops.map(\.task) == ["main"] && effects.removals.map(\.task) == ["side"])
        next.end(assignment, "side", code: 0)
        next.exit(assignment, "main", code: 0)
        next.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        next.send(.removed(TaskRun(assignment.allocation.id, "main")))
        #expect(next.record(assignment)?.report.client == .complete)
    }

    @Test func anEndThatWasNotConfirmedIsReportedAgainAndAConfirmedOneIsNot() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.end(assignment, "main", code: 0)
        var next = restart(harness)
        #expect(next.take().reports.map(\.client) == [.complete])
        next.send(.reported)
        var last = restart(next)
        #expect(last.take().reportCalls == 0)
        last.assign(assignment, revision: 2)
        #expect(last.take().starts.isEmpty)
    }

    @Test func tasksGoOnWhenTheAgentShutsDown() {
        var harness = CoreHarness()
        harness.run(Assignment.sample())
        harness.send(.shutdown)
        let effects = harness.take()
        #expect(effects.ends == 1 && effects.stops.isEmpty && harness.core.hasEnded)
    }

    @Test func aTaskThatIsBeingStartedIsKnownBeforeTheAgentEnds() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        _ = harness.take()
        harness.send(.shutdown)
        harness.pass(.seconds(1))
        #expect(harness.take().ends == 0)
        harness.start(assignment, "main")
        let effects = harness.take()
        let known = effects.firstIndex {
            if case .persist(let record) = $0 { record.tasks.first?.handle != nil } else { false }
        }
        let end = effects.firstIndex { if case .end = $0 { true } else { false } }
        #expect(known != nil && end != nil && (known ?? 0) < (end ?? 0))
        var next = restart(harness)
        #expect(next.take().starts.isEmpty)
    }

    @Test func anAgentDoesNotWaitForeverForATaskThatDoesNotStart() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        harness.send(.shutdown)
        harness.pass(.seconds(6))
        #expect(harness.core.hasEnded)
    }

    @Test func anAgentThatEndsStartsNothingMore() {
        var harness = CoreHarness()
        let starting = Assignment.sample(1)
        let preparing = Assignment.sample(2)
        let delayed = Assignment.sample(
            3, restart: RestartPolicy(attempts: 1, interval: .seconds(9), delay: .seconds(1)))
        harness.run(delayed)
        harness.end(delayed, "main", code: 1)
        harness.assign(starting, preparing, delayed, revision: 2)
        harness.send(.prepared(starting.allocation.id))
        harness.send(.shutdown)
        _ = harness.take()
        harness.send(.prepared(preparing.allocation.id))
        harness.pass(.seconds(3))
        #expect(harness.take().starts.isEmpty && !harness.core.hasEnded)
        harness.start(starting, "main")
        var next = restart(harness)
        next.send(.prepared(preparing.allocation.id))
        next.pass(.seconds(3))
        #expect(next.take().starts.map(\.allocation) == [preparing.allocation.id, delayed.allocation.id])
    }

    /// An agent that takes its tasks with it, and is asked to end while `assignment` runs.
    private func shutDownInDevelopment(_ assignment: Assignment) -> CoreHarness {
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy)
        harness.run(assignment)
        harness.pass(.seconds(1))
        harness.send(.shutdown)
        return harness
    }

    private func finishStop(_ assignment: Assignment, _ task: String = "main", in harness: inout CoreHarness) {
        harness.send(.stopped(TaskRun(assignment.allocation.id, task)))
        harness.send(.removed(TaskRun(assignment.allocation.id, task)))
    }

    @Test(arguments: [
        (JobKind.batch, 0, ClientStatus.failed), (.batch, 130, .failed), (.service, 0, .complete),
        (.service, 130, .complete),
    ])
    func whatTheAgentsOwnEndStoppedIsNotDone(kind: JobKind, code: Int, status: ClientStatus) {
        let assignment = Assignment.sample(kind: kind)
        var harness = shutDownInDevelopment(assignment)
        harness.pass(.milliseconds(100))
        harness.exit(assignment, "main", code: code)
        // The machine goes down before the rest: the next agent still knows why it ended.
        var next = restart(harness)
        for index in 0..<2 {
            if index == 0 { finishStop(assignment, in: &harness) } else { finishStop(assignment, in: &next) }
        }
        for report in [harness.record(assignment)?.report, next.record(assignment)?.report] {
            #expect(report?.client == status && report?.description == "the agent was shut down")
        }
    }

    @Test func aBatchTaskThatWasDoneBeforeItsAgentEndedIsComplete() {
        let assignment = Assignment.sample(tasks: [TaskSpec(name: "main"), TaskSpec(name: "side")], kind: .batch)
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy)
        harness.run(assignment)
        harness.end(assignment, "side", code: 0)
        let exit = TaskExit(code: 0, time: harness.now.wall)
        harness.pass(.seconds(1))
        harness.send(.shutdown)
        harness.send(.exited(TaskRun(assignment.allocation.id, "main"), exit))
        finishStop(assignment, in: &harness)
        #expect(harness.record(assignment)?.report.client == .complete)
    }

    @Test(arguments: [(JobKind.batch, ClientStatus.failed), (.service, .complete)])
    func whatWasNotStartedOrWaitedForItsRestartIsNotDoneEither(kind: JobKind, status: ClientStatus) {
        let delayed = Assignment.sample(1, kind: kind, restart: policy)
        let preparing = Assignment.sample(2, kind: kind)
        let starting = Assignment.sample(3, kind: kind)
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy)
        harness.run(delayed)
        harness.end(delayed, "main", code: 1)
        harness.assign(delayed, preparing, starting, revision: 2)
        harness.send(.prepared(starting.allocation.id))
        harness.send(.shutdown)
        harness.send(.prepared(preparing.allocation.id))
        harness.send(
            .startFailed(TaskRun(starting.allocation.id, "main"), TaskStartFailure("busy", isRecoverable: true)))
        for assignment in [delayed, preparing, starting] {
            #expect(harness.record(assignment)?.report.description == "the agent was shut down")
            #expect(harness.record(assignment)?.report.client == status)
        }
    }

    @Test func whatTheServersStoppedIsCompleteAlsoWhenTheAgentEndsMeanwhile() {
        let assignment = Assignment.sample(kind: .batch)
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy)
        harness.run(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        harness.send(.shutdown)
        harness.exit(assignment, "main", code: 130)
        finishStop(assignment, in: &harness)
        #expect(harness.record(assignment)?.report.client == .complete)
    }

    @Test func inDevelopmentTasksEndFirstAndTheirEndIsReported() {
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy)
        let assignment = Assignment.sample()
        harness.run(assignment)
        harness.send(.reported)
        harness.send(.reported)
        harness.send(.shutdown)
        let effects = harness.take()
        #expect(effects.stops.count == 1 && effects.ends == 0)
        harness.assign(Assignment.sample(2), revision: 9)
        #expect(harness.take().prepared.isEmpty, "no new work")
        harness.exit(assignment, "main", code: 0)
        harness.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        harness.send(.removed(TaskRun(assignment.allocation.id, "main")))
        for _ in 0..<3 where harness.take().ends == 0 { harness.send(.reported) }
        #expect(harness.core.hasEnded)
        #expect(harness.core.nextWake == WakeTime())
    }

    @Test func anAgentInDevelopmentDoesNotWaitForServersThatAreGone() {
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy)
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.send(.shutdown)
        harness.exit(assignment, "main", code: 0)
        harness.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        harness.send(.removed(TaskRun(assignment.allocation.id, "main")))
        harness.pass(.seconds(1))
        #expect(!harness.core.hasEnded)
        harness.pass(.seconds(2))
        #expect(harness.core.hasEnded)
    }
}
