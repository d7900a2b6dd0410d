import ClusterKit
import Testing

/// What a new agent makes of an allocation that the one before left in the middle of its order.
@Suite struct TaskOrderRecoveryTests {
    private func group(_ change: (inout TaskGroup) -> Void = { _ in }) -> Assignment {
        var assignment = Assignment.sample(
            tasks: [
                TaskSpec(name: "init", lifecycle: TaskLifecycle(.prestart)), TaskSpec(name: "main", isLeader: true),
                TaskSpec(name: "helper"), TaskSpec(name: "proxy", lifecycle: TaskLifecycle(.prestart, isSidecar: true)),
                TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop)),
            ])
        change(&assignment.job.groups[0])
        return assignment
    }

    private func restart(_ harness: CoreHarness) -> CoreHarness {
        var next = CoreHarness(booted: false)
        next.now = harness.now
        next.boot(harness.core.records.compactMap { try? AllocationRecord(decoding: $0.encoded) })
        return next
    }

    /// An agent that is killed, or ends, after every single event of a life: whatever the next one finds, the order is
    /// the same, no task is started a second time by another number, and the end is.
    @Test(arguments: [false, true]) func theOrderIsTheSameWhereverAnAgentIsReplaced(politely: Bool) {
        let assignment = group()
        let events: [(inout CoreHarness) -> Void] = [
            { $0.assign(assignment, revision: 1) },
            { $0.exit(assignment, "init", code: 0) },
            { $0.assign(assignment.desiring(.stop), revision: 2) },
            { $0.exit(assignment, "after", code: 0) },
        ]
        let expected = [
            ["start init", "start proxy"], ["start main", "start helper"],
            ["stop main", "stop helper", "stop proxy", "start after"], [],
        ]
        for replaced in events.indices {
            var harness = CoreHarness()
            for (index, event) in events.enumerated() {
                event(&harness)
                var log: [String] = []
                if index == replaced {
                    // What was asked for is lost with the agent: the next one asks again.
                    if politely { harness.send(.shutdown) }
                    harness = restart(harness)
                }
                log += harness.play()
                #expect(log == expected[index], "replaced after event \(replaced)")
            }
            #expect(harness.end(of: assignment) == "complete: All tasks have completed")
            #expect(harness.record(assignment)?.tasks.allSatisfy { $0.attempt == 0 } == true)
        }
    }

    @Test func anAgentThatEndsLeavesTheNextStepToTheNextOne() {
        let assignment = group()
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        _ = harness.play()
        harness.send(.shutdown)
        harness.exit(assignment, "init", code: 0)
        #expect(harness.play() == [])
        var next = restart(harness)
        #expect(next.play() == ["start main", "start helper"])
        next.send(.shutdown)
        next.exit(assignment, "main", code: 0)
        // A leader that comes to its end meanwhile is restarted by its policy, by the next agent.
        #expect(next.play() == [])
        next = restart(next)
        next.pass(.seconds(20))
        #expect(next.play() == ["start main"])
        next.assign(assignment.desiring(.stop), revision: 3)
        _ = next.play()
        next.send(.shutdown)
        #expect(next.record(assignment)?.hasEnded == false)
        next = restart(next)
        #expect(next.task(assignment, "after")?.stage == .running)
    }

    @Test func aDelayThatWasUnderWayIsNotWaitedForAgain() {
        let assignment = group { $0.shutdownDelay = .seconds(600) }
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.play() == [])
        var next = restart(harness)
        #expect(next.play() == ["stop main", "stop helper", "stop proxy", "start after"])
    }

    @Test func anAgentInDevelopmentCleansUpBeforeItEnds() {
        var policy = AgentPolicy()
        policy.stopTasksOnShutdown = true
        let assignment = group {
            $0.restart = RestartPolicy(attempts: 1, interval: .seconds(60), delay: .seconds(1))
        }
        var harness = CoreHarness(policy: policy)
        harness.begin(assignment)
        harness.send(.shutdown)
        #expect(harness.play() == ["stop main", "stop helper", "stop proxy", "start after"])
        harness.exit(assignment, "after", code: 1)
        _ = harness.play()
        harness.pass(.seconds(2))
        #expect(harness.play() == ["start after"], "what comes last is tried again also then")
        harness.exit(assignment, "after", attempt: 1, code: 0)
        _ = harness.play()
        #expect(harness.record(assignment)?.hasEnded == true)
    }
}
