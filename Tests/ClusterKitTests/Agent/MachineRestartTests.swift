import ClusterKit
import Testing

/// After a loss of power the journal may be older than what the servers were told.
@Suite struct MachineRestartTests {
    private static let run = TaskRun(Assignment.sample().allocation.id, "main")

    /// An agent on a machine that was started anew, with what an agent before it had begun.
    private static func harness(_ assignment: Assignment, restarted: Bool = true) throws -> CoreHarness {
        var before = CoreHarness()
        before.run(assignment)
        return try harness(assignment, after: before, restarted: restarted)
    }

    private static func harness(
        _ assignment: Assignment, after before: CoreHarness, restarted: Bool = true
    ) throws -> CoreHarness {
        var harness = CoreHarness(booted: false)
        harness.send(.booted([try #require(before.record(assignment))], machineRestarted: restarted))
        harness.send(.registered(Registration(heartbeatTTL: .seconds(10))))
        return harness
    }

    /// An allocation whose main task runs, and after which another cleans up.
    private static func cleaned() -> (assignment: Assignment, before: CoreHarness) {
        let assignment = Assignment.sample(
            tasks: [TaskSpec(name: "main"), TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop))])
        var before = CoreHarness()
        before.assign(assignment, revision: 1)
        before.send(.prepared(assignment.allocation.id))
        before.start(assignment, "main")
        return (assignment, before)
    }

    private static func loseTask(_ assignment: Assignment, in harness: inout CoreHarness) {
        harness.send(.exited(run, TaskExit(cause: .supervisorLost, time: harness.now.wall)))
        harness.send(.removed(run))
        harness.pass(.seconds(60))
    }

    @Test func nothingIsStartedBeforeTheServersWantIt() throws {
        let assignment = Assignment.sample()
        var harness = try Self.harness(assignment)
        #expect(harness.take().fetches == [.zero], "a view is asked for that need not be news")
        Self.loseTask(assignment, in: &harness)
        #expect(harness.take().starts.isEmpty)
        harness.send(.overheard(Assignments(stamp: .at(2), allocations: [assignment])))
        harness.pass(.seconds(60))
        #expect(harness.take().starts.isEmpty, "it may be older than the end of the allocation")
        harness.assign(assignment, revision: 3)
        harness.pass(.seconds(60))
        let effects = harness.take()
        #expect(effects.starts.map(\.attempt) == [1] && effects.remembered == [.at(3)])
    }

    @Test func whatHasEndedIsNotStartedAgain() throws {
        let assignment = Assignment.sample()
        var harness = try Self.harness(assignment)
        Self.loseTask(assignment, in: &harness)
        harness.assign(revision: 2)
        harness.pass(.seconds(60))
        #expect(harness.take().starts.isEmpty && harness.record(assignment)?.hasEnded == true)
    }

    /// It may have run, and its end been told, before the disk lost that.
    @Test func whatComesLastWaitsForTheirWordAsWell() throws {
        let (assignment, begun) = Self.cleaned()
        var before = begun
        before.assign(assignment.desiring(.stop), revision: 2)
        var harness = try Self.harness(assignment, after: before)
        Self.loseTask(assignment, in: &harness)
        #expect(harness.take().starts.isEmpty && harness.record(assignment)?.hasEnded == false)
        harness.assign(assignment.desiring(.stop), revision: 3)
        #expect(harness.take().starts.map(\.task) == ["after"])
    }

    /// What the servers no longer know waits for no word of them: it would hold its room for ever.
    @Test func whatComesLastIsNotWaitedForInVain() throws {
        let (assignment, before) = Self.cleaned()
        var harness = try Self.harness(assignment, after: before)
        harness.assign(revision: 2)
        Self.loseTask(assignment, in: &harness)
        #expect(harness.take().starts.isEmpty && harness.record(assignment)?.hasEnded == true)
    }

    /// Nor does it wait for it when it had begun before, and would be started again in time.
    @Test func whatComesLastAndHasBegunIsNotWaitedForInVain() throws {
        let (assignment, begun) = Self.cleaned()
        var before = begun
        before.assign(assignment.desiring(.stop), revision: 2)
        before.end(assignment, "main", code: 0)
        before.start(assignment, "after")
        var harness = try Self.harness(assignment, after: before)
        let after = TaskRun(assignment.allocation.id, "after")
        harness.send(.exited(after, TaskExit(cause: .supervisorLost, time: harness.now.wall)))
        harness.send(.removed(after))
        #expect(harness.task(assignment, "after")?.stage == .delayed)
        harness.assign(revision: 3)
        harness.pass(.seconds(60))
        #expect(harness.take().starts.isEmpty && harness.record(assignment)?.hasEnded == true)
    }

    /// Servers refuse reports that are older than what they know.
    @Test func whatIsToldIsNewerThanWhatTheDiskHasLost() throws {
        var assignment = Assignment.sample()
        var harness = try Self.harness(assignment)
        _ = harness.take()
        harness.send(.reported)
        assignment.allocation.reportSerial = 100
        harness.assign(assignment, revision: 2)
        harness.pass(.seconds(1))
        #expect(harness.take().reports.map(\.serial).max() ?? 0 > 100)
        harness.send(.reported)
        Self.loseTask(assignment, in: &harness)
        #expect(harness.take().reports.allSatisfy { $0.serial > 100 })
    }

    /// An agent that ends takes no views any more, so it would wait for ever.
    @Test func whatComesLastHoldsNoAgentThatEnds() throws {
        let (assignment, before) = Self.cleaned()
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        var harness = CoreHarness(policy: policy, booted: false)
        harness.send(.booted([try #require(before.record(assignment))], machineRestarted: true))
        harness.send(.callFailed(.register, ClusterError(.unavailable, "nobody leads")))
        harness.send(.shutdown)
        Self.loseTask(assignment, in: &harness)
        let effects = harness.take()
        #expect(effects.starts.isEmpty && harness.record(assignment)?.hasEnded == true)
        #expect(effects.contains { if case .end = $0 { true } else { false } })
    }

    /// Where the disk lost the records themselves, only the servers know that there was something.
    @Test func aWholeViewIsAskedForAfterEachStart() {
        var harness = CoreHarness(booted: false)
        harness.send(.booted([], seen: .at(7)))
        harness.send(.registered(Registration(heartbeatTTL: .seconds(10))))
        #expect(harness.take().fetches == [.zero])
        harness.assign(revision: 8)
        #expect(harness.take().fetches == [.at(8)])
    }

    @Test func anAgentThatWasOnlyKilledWaitsForNobody() throws {
        let assignment = Assignment.sample()
        var harness = try Self.harness(assignment, restarted: false)
        Self.loseTask(assignment, in: &harness)
        #expect(harness.take().starts.map(\.attempt) == [1])
    }
}
