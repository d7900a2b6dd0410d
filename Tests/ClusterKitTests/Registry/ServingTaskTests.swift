import Testing

@testable import ClusterKit

/// Which services are there, and which checks are made, as the tasks of an instance come and go.
@Suite struct ServingTaskTests {
    private let time = WallTime(nanoseconds: 1)

    private var assignment: Assignment {
        let check = CheckSpec(name: "alive", kind: "tcp", interval: .seconds(10), timeout: .seconds(3))
        func service(_ name: String) -> ServiceSpec { ServiceSpec(name: name, portLabel: "80", checks: [check]) }
        var assignment = Assignment.sample(
            tasks: [
                TaskSpec(name: "init", lifecycle: TaskLifecycle(.prestart)),
                TaskSpec(
                    name: "proxy", services: [service("proxy")], lifecycle: TaskLifecycle(.prestart, isSidecar: true)),
                TaskSpec(name: "main", services: [service("own")]),
                TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop)),
            ])
        assignment.job.groups[0].services = [service("all")]
        assignment.allocation.client = .running
        return assignment
    }

    private func offered(_ running: [String], leaving: [String] = [], stopped: [String] = []) -> Set<String> {
        var allocation = assignment.allocation
        for name in running + leaving + stopped {
            var state = TaskState()
            state.phase = .running
            state.note(TaskEvent(.started, time: time))
            if leaving.contains(name) { state.note(TaskEvent(.waitingToStop, time: time)) }
            if stopped.contains(name) { state.note(TaskEvent(.killing, time: time)) }
            allocation.tasks[name] = state
        }
        guard let group = assignment.group else { return [] }
        return Set(ServiceInstance.all(of: allocation, group, in: assignment.job, on: .sample).map(\.name))
    }

    @Test func servicesFollowTheTasksThatServeThem() {
        #expect(offered(["init"]) == [])
        #expect(offered(["init", "proxy"]) == ["proxy"], "the group's is there with a main task")
        #expect(offered(["proxy", "main"]) == ["proxy", "own", "all"])
        #expect(offered(["proxy"], leaving: ["main"]) == ["proxy"], "nobody new is sent to what will stop")
        #expect(offered(["proxy"], stopped: ["main"]) == ["proxy"])
        #expect(offered(["after"]) == [])
    }

    @Test func aTaskThatWasStartedAgainServesAgain() {
        var state = TaskState()
        state.phase = .running
        for kind in [TaskEventKind.started, .killing, .started, .signaling] { state.note(TaskEvent(kind, time: time)) }
        #expect(state.serves && !state.isLeaving)
        state.note(TaskEvent(.killing, time: time))
        #expect(!state.serves && state.isLeaving)
        state.phase = .dead
        #expect(!state.serves && !state.isLeaving)
    }

    @Test func checksAreMadeWhileWhatTheyAskRuns() {
        func made(_ running: [String]) -> Set<String> {
            var record = AllocationRecord(assignment, seen: .zero)
            for index in record.tasks.indices where running.contains(record.tasks[index].name) {
                record.tasks[index].stage = .running
            }
            return Set(record.runningChecks.map(\.service.spec.name))
        }
        #expect(made(["init"]) == [])
        #expect(made(["proxy"]) == ["proxy"])
        #expect(made(["proxy", "main"]) == ["proxy", "own", "all"])
        #expect(made(["after"]) == [])
    }
}
