import ClusterKit
import Testing

/// What the failure of an allocation is blamed on.
@Suite struct FailureCauseTests {
    private let none = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .zero)

    /// Runs a task and has it end with `exit`; gives the report.
    private func report(_ exit: TaskExit, kind: JobKind = .batch) -> AllocationReport? {
        let assignment = Assignment.sample(kind: kind, restart: none)
        var harness = CoreHarness()
        harness.run(assignment)
        let run = TaskRun(assignment.allocation.id, "main")
        harness.send(.exited(run, exit))
        harness.send(.removed(run))
        return harness.record(assignment)?.report
    }

    @Test(arguments: [
        (1, TaskExitCause.exited, FailureCause.exit, "Exit Code: 1"),
        (137, .outOfMemory, .memory, "Exit Code: 137, Exit Message: \"OOM Killed\""),
        (0, .supervisorLost, .driver, "Exit Message: \"supervisor lost\""),
        (1, .diskFull, .disk, "Exit Code: 1, Exit Message: \"no space left on the disk\""),
    ])
    func anEndIsBlamedOnItsCause(code: Int, end: TaskExitCause, cause: FailureCause, words: String) {
        let report = report(TaskExit(code: code, cause: end, time: WallTime(nanoseconds: 1)))
        #expect(report?.client == .failed && report?.cause == cause)
        let event = report?.tasks["main"]?.events.first { $0.kind == .terminated }
        #expect(event?.message == words)
        #expect(event?.details["oom_killed"] == (end == .outOfMemory ? "true" : nil))
    }

    @Test func whatIsDoneIsBlamedOnNothing() {
        let report = report(TaskExit(code: 0, time: WallTime(nanoseconds: 1)))
        #expect(report?.client == .complete && report?.cause == nil)
    }

    @Test(arguments: [FailureCause.driver, .disk]) func aStartThatFailsIsBlamedOnWhatTheDriverSays(cause: FailureCause)
    {
        let assignment = Assignment.sample(restart: none)
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        let failure = TaskStartFailure("no", isRecoverable: true, cause: cause)
        harness.send(.startFailed(TaskRun(assignment.allocation.id, "main"), failure))
        #expect(harness.record(assignment)?.report.cause == cause)
        #expect(TaskStartFailure("no", isRecoverable: true).cause == .driver)
    }

    @Test func whatCannotBeMadeIsBlamedOnItsMaking() {
        let assignment = Assignment.sample(restart: none)
        for cause in [FailureCause.setup, .disk] {
            var harness = CoreHarness()
            harness.assign(assignment, revision: 1)
            harness.send(.preparationFailed(assignment.allocation.id, "no", cause))
            #expect(harness.record(assignment)?.report.cause == cause)
        }
    }

    @Test func theFirstFailureCounts() throws {
        var assignment = Assignment.sample(
            tasks: [TaskSpec(name: "main"), TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop))])
        assignment.job.groups[0].restart = none
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.send(
            .exited(
                TaskRun(assignment.allocation.id, "main"),
                TaskExit(code: 9, cause: .outOfMemory, time: harness.now.wall)))
        #expect(harness.play() == ["start after"])
        #expect(harness.record(assignment)?.report.cause == nil, "it has not failed before all has ended")
        harness.exit(assignment, "after", code: 1)
        _ = harness.play()
        let record = try #require(harness.record(assignment))
        #expect(record.report.cause == .memory)
        #expect(try AllocationRecord(decoding: record.encoded) == record)
    }

    @Test func workThatEndedWithItsAgentIsNotToBlame() {
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        let assignment = Assignment.sample(kind: .batch)
        var harness = CoreHarness(policy: policy)
        harness.run(assignment)
        harness.send(.shutdown)
        _ = harness.take()
        harness.exit(assignment, "main", code: 130)
        harness.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        harness.send(.removed(TaskRun(assignment.allocation.id, "main")))
        #expect(harness.record(assignment)?.report.cause == .node)
    }
}
