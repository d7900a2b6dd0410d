import ClusterKit
import Testing

/// In which order the tasks of a group begin and end.
@Suite struct TaskOrderTests {
    private let none = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .zero)

    /// One task of every kind; the main task leads.
    private func everything(leads: Bool = true, kind: JobKind = .service) -> Assignment {
        .sample(
            tasks: [
                TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop)),
                TaskSpec(name: "greet", lifecycle: TaskLifecycle(.poststart)),
                TaskSpec(name: "main", isLeader: leads), TaskSpec(name: "helper"),
                TaskSpec(name: "proxy", lifecycle: TaskLifecycle(.prestart, isSidecar: true)),
                TaskSpec(name: "watcher", lifecycle: TaskLifecycle(.poststart, isSidecar: true)),
                TaskSpec(name: "init", lifecycle: TaskLifecycle(.prestart)),
            ], kind: kind, restart: none)
    }

    @Test func eachTaskStartsWhenItsTurnHasCome() {
        let assignment = everything()
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        #expect(harness.play() == ["start proxy", "start init"])
        #expect(harness.record(assignment)?.status.0 == .running)
        harness.exit(assignment, "init", code: 0)
        #expect(harness.play() == ["start main", "start helper", "start greet", "start watcher"])
        harness.exit(assignment, "greet", code: 0)
        #expect(harness.play() == [], "what is done is not started again, though the job is a service")
        #expect(harness.task(assignment, "greet")?.state.failed == false)
        #expect(harness.task(assignment, "after")?.stage == .waiting)
    }

    @Test func mainsWaitForSidecarsThatComeBeforeThem() {
        let assignment = everything()
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        harness.start(assignment, "init")
        harness.end(assignment, "init", code: 0)
        #expect(harness.take().starts.map(\.task) == ["proxy", "init"], "the sidecar does not run yet")
        harness.start(assignment, "proxy")
        #expect(harness.take().starts.map(\.task) == ["main", "helper"])
        harness.start(assignment, "main")
        #expect(harness.take().starts.map(\.task) == [], "one of the main tasks has not started")
        harness.start(assignment, "helper")
        #expect(harness.take().starts.map(\.task) == ["greet", "watcher"])
    }

    @Test func aPrestartThatFailsKeepsTheMainsFromStarting() {
        let assignment = everything()
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        _ = harness.play()
        harness.exit(assignment, "init", code: 2)
        #expect(harness.play() == ["stop proxy", "start after"])
        harness.exit(assignment, "after", code: 0)
        #expect(harness.play() == [])
        #expect(harness.end(of: assignment) == "failed: Failed tasks")
        #expect(harness.task(assignment, "main")?.state.startedAt == nil)
        #expect(harness.words(assignment, "proxy").contains("Sibling Task Failed: Task's sibling \"init\" failed"))
        #expect(!harness.words(assignment, "after").contains { $0.hasPrefix("Sibling") })
    }

    @Test func aPrestartIsTriedAgainByItsPolicy() {
        var assignment = everything()
        assignment.job.groups[0].restart = RestartPolicy(attempts: 1, interval: .seconds(60), delay: .seconds(4))
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        _ = harness.play()
        harness.exit(assignment, "init", code: 2)
        #expect(harness.play() == [])
        harness.pass(.seconds(6))
        #expect(harness.play() == ["start init"])
        harness.exit(assignment, "init", attempt: 1, code: 0)
        #expect(harness.play() == ["start main", "start helper", "start greet", "start watcher"])
    }

    @Test(arguments: [JobKind.batch, .service])
    func sidecarsAreRestartedWhateverTheirCode(kind: JobKind) {
        var assignment = everything(kind: kind)
        assignment.job.groups[0].restart = RestartPolicy(attempts: 2, interval: .seconds(60), delay: .seconds(4))
        var harness = CoreHarness()
        harness.begin(assignment)
        for sidecar in ["proxy", "watcher"] {
            harness.exit(assignment, sidecar, code: 0)
            #expect(harness.play() == [])
            harness.pass(.seconds(6))
            #expect(harness.play() == ["start \(sidecar)"])
        }
        #expect(harness.record(assignment)?.status.0 == .running)
    }

    @Test func sidecarsEndOnceTheMainsAreDoneAndPoststopComesLast() {
        let assignment = everything(leads: false, kind: .batch)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.exit(assignment, "main", code: 0)
        #expect(harness.play() == [])
        harness.exit(assignment, "helper", code: 0)
        #expect(harness.play() == ["stop proxy", "stop watcher", "start after"])
        #expect(harness.words(assignment, "proxy").contains("Main Tasks Dead: Main tasks in the group died"))
        #expect(harness.record(assignment)?.status.0 == .running, "something of it still runs")
        harness.exit(assignment, "after", code: 0)
        #expect(harness.play() == [])
        #expect(harness.end(of: assignment) == "complete: All tasks have completed")
    }

    @Test func theOthersEndWithTheLeader() {
        let assignment = everything(kind: .batch)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.exit(assignment, "main", code: 0)
        #expect(harness.play() == ["stop helper", "stop proxy", "stop watcher", "start after"])
        for other in ["helper", "proxy", "watcher"] {
            #expect(harness.words(assignment, other).contains("Leader Task Dead: Leader Task in Group dead"))
        }
        harness.exit(assignment, "after", code: 0)
        _ = harness.play()
        #expect(harness.record(assignment)?.status.0 == .complete)
    }

    @Test func aLeaderThatIsRestartedLeadsOn() {
        var assignment = everything()
        assignment.job.groups[0].restart = RestartPolicy(attempts: 1, interval: .seconds(60), delay: .seconds(4))
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.exit(assignment, "main", code: 0)
        #expect(harness.play() == [])
        harness.pass(.seconds(6))
        #expect(harness.play() == ["start main"])
    }

    @Test func anOrderToStopEndsTheLeaderFirstThenOthersThenSidecars() {
        let assignment = everything()
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.take().stops.map(\.task) == ["main"], "the others go on until the leader has ended")
        harness.exit(assignment, "main", code: 130)
        harness.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        #expect(harness.play() == ["stop helper", "stop proxy", "stop watcher", "start after"])
        #expect(harness.record(assignment)?.hasEnded == false)
        harness.assign(assignment.desiring(.stop, because: "again"), revision: 3)
        #expect(harness.play() == [], "what comes last is stopped by no order")
        harness.exit(assignment, "after", code: 0)
        _ = harness.play()
        #expect(harness.end(of: assignment) == "complete: All tasks have completed")
    }

    @Test func whatNeverRanNeedsNoCleaningUp() {
        let assignment = everything()
        var harness = CoreHarness()
        harness.assign(assignment, revision: 1)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.play() == [])
        #expect(harness.end(of: assignment) == "complete: All tasks have completed")
    }

    @Test func aPoststopIsTriedAgainAndMayFailTheAllocation() {
        var assignment = everything()
        assignment.job.groups[0].restart = RestartPolicy(attempts: 1, interval: .seconds(60), delay: .seconds(4))
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        _ = harness.play()
        harness.exit(assignment, "after", code: 1)
        #expect(harness.play() == [])
        harness.pass(.seconds(6))
        #expect(harness.play() == ["start after"])
        harness.exit(assignment, "after", attempt: 1, code: 1)
        #expect(harness.play() == [])
        #expect(harness.end(of: assignment) == "failed: Failed tasks")
    }

    // MARK: - Delays

    @Test func clientsAreLedAwayBeforeEachTaskIsTold() {
        var assignment = everything()
        assignment.job.groups[0].shutdownDelay = .seconds(10)
        assignment.job.groups[0].tasks[2].shutdownDelay = .seconds(5)
        assignment.job.groups[0].tasks[4].shutdownDelay = .seconds(3)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        harness.pass(.seconds(14.9))
        #expect(harness.play() == [], "the group's ten seconds and the leader's five")
        harness.pass(.seconds(0.2))
        #expect(harness.play() == ["stop main", "stop helper", "stop watcher"], "the group's time is over for all")
        harness.pass(.seconds(2.8))
        #expect(harness.play() == [])
        harness.pass(.seconds(0.3))
        #expect(harness.play() == ["stop proxy", "start after"])
    }

    @Test func theGroupsDelayHoldsForWhatEndsWithAnotherTask() {
        var assignment = everything(kind: .batch)
        assignment.job.groups[0].shutdownDelay = .seconds(10)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.exit(assignment, "main", code: 0)
        #expect(harness.play() == [])
        #expect(harness.task(assignment, "helper")?.state.isLeaving == true)
        #expect(
            harness.words(assignment, "helper").last
                == "Waiting for shutdown delay: Waiting for shutdown_delay of 10s before killing the task.")
        harness.pass(.seconds(10))
        #expect(harness.play() == ["stop helper", "stop proxy", "stop watcher", "start after"])
    }

    @Test func whoeverWaitsIsToldAtOnceWhenTheServersForgetTheAllocation() {
        var assignment = everything()
        assignment.job.groups[0].shutdownDelay = .seconds(10)
        var harness = CoreHarness()
        harness.begin(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.play() == [])
        harness.assign(revision: 3)
        #expect(harness.play() == ["stop main", "stop helper", "stop proxy", "stop watcher", "start after"])
    }
}

extension CoreHarness {
    /// Does what is asked for as a machine does, until nothing is: folders are made, tasks start and stop when they are
    /// told to, drivers clean up. Gives the starts and stops in their order.
    mutating func play() -> [String] {
        var log: [String] = []
        while !effects.isEmpty {
            for effect in take() {
                switch effect {
                case .prepare(let assignment): send(.prepared(assignment.allocation.id))
                case .start(let run, _):
                    log.append("start \(run.task)")
                    send(.started(run, .of(run)))
                case .stop(let run, _, _, _):
                    log.append("stop \(run.task)")
                    send(.exited(run, TaskExit(code: 130, time: now.wall)))
                    send(.stopped(run))
                case .remove(let run, _): send(.removed(run))
                default: break
                }
            }
        }
        return log
    }

    /// Brings everything of a group to run, and every task that comes before or after a start to its end.
    mutating func begin(_ assignment: Assignment) {
        assign(assignment, revision: 1)
        _ = play()
        for hook in [LifecycleHook.prestart, .poststart] {
            for task in assignment.group?.tasks ?? [] where task.lifecycle == TaskLifecycle(hook) {
                exit(assignment, task.name, code: 0)
                _ = play()
            }
        }
    }

    /// How an allocation stands, in words.
    func end(of assignment: Assignment) -> String? {
        record(assignment).map { "\($0.status.0.rawValue): \($0.status.1)" }
    }

    /// What happened to a task, in words.
    func words(_ assignment: Assignment, _ name: String) -> [String] {
        task(assignment, name)?.state.events.map { "\($0.kind.rawValue): \($0.message)" } ?? []
    }
}
