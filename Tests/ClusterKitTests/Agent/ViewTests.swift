import ClusterKit
import Testing

@Suite struct ViewTests {
    @Test func anAllocationIsPreparedThenAllItsTasksStartTogether() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(tasks: [TaskSpec(name: "b"), TaskSpec(name: "a")])
        harness.assign(assignment, revision: 1)
        var effects = harness.take()
        #expect(effects.prepared == [assignment.allocation.id] && effects.starts.isEmpty)
        harness.send(.prepared(assignment.allocation.id))
        effects = harness.take()
        #expect(effects.starts.map(\.task) == ["b", "a"])
        harness.send(.prepared(assignment.allocation.id))
        harness.assign(assignment, revision: 2)
        #expect(harness.take().starts.isEmpty)
    }

    @Test func theRecordIsOnDiskBeforeAnythingIsDone() throws {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.assign(assignment, revision: 1)
        harness.send(.prepared(assignment.allocation.id))
        let effects = harness.take()
        let start = try #require(effects.firstIndex { if case .start = $0 { true } else { false } })
        let persist = try #require(
            effects.firstIndex {
                if case .persist(let record) = $0 { record.tasks.first?.stage == .starting } else { false }
            })
        #expect(persist < start)
    }

    @Test func anOlderViewIsRefused() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.send(.assigned(Assignments(stamp: .at(10, epoch: 2), allocations: [assignment])))
        harness.send(.prepared(assignment.allocation.id))
        harness.start(assignment, "main")
        _ = harness.take()
        for stamp in [ViewStamp.at(9, epoch: 2), .at(99, epoch: 1), .zero] {
            harness.send(.assigned(Assignments(stamp: stamp, allocations: [])))
            let effects = harness.take()
            #expect(effects.stops.isEmpty && effects.warnings.count == 1, "\(stamp)")
            harness.send(.overheard(Assignments(stamp: stamp, allocations: [assignment.desiring(.stop)])))
            #expect(harness.take().stops.isEmpty, "\(stamp)")
        }
        harness.send(.assigned(Assignments(stamp: .at(1, epoch: 3), allocations: [])))
        #expect(harness.take().stops.count == 1)
    }

    @Test func anOlderViewIsRefusedAlsoAfterARestartOfTheAgent() throws {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.run(assignment, revision: 10)
        let record = try #require(harness.record(assignment))
        var next = CoreHarness(booted: false)
        next.boot([record])
        _ = next.take()
        next.assign(revision: 9)
        #expect(next.take().stops.isEmpty)
        next.assign(revision: 11)
        #expect(next.take().stops.count == 1)
    }

    @Test(arguments: [DesiredStatus.stop, .evict])
    func whatShallEndIsStopped(desired: DesiredStatus) {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.run(assignment)
        harness.assign(assignment.desiring(desired, because: "alloc not needed"), revision: 2)
        #expect(harness.take().stops.count == 1)
        harness.assign(assignment.desiring(desired, because: "alloc not needed"), revision: 3)
        #expect(harness.take().stops.isEmpty, "it is being stopped")
        let run = TaskRun(assignment.allocation.id, "main")
        harness.exit(assignment, "main", code: 130)
        #expect(harness.take().removals.isEmpty, "the driver still ends what belongs to it")
        harness.send(.stopped(run))
        #expect(harness.take().removals == [run])
        #expect(harness.record(assignment)?.hasEnded == false)
        harness.send(.removed(run))
        #expect(harness.record(assignment)?.report.client == .complete)
        #expect(harness.record(assignment)?.report.description == "All tasks have completed")
        #expect(harness.task(assignment)?.state.failed == false)
        #expect(
            harness.task(assignment)?.state.events.map(\.kind) == [
                .received, .setup, .started, .killing, .terminated, .killed,
            ])
    }

    @Test func whatTheServersForgotIsStoppedAndKeptLikeOthersThatEnded() {
        var policy = AgentPolicy()
        policy.keptAllocations = 1
        var harness = CoreHarness(policy: policy)
        let assignment = Assignment.sample()
        harness.run(assignment)
        harness.send(.reported)
        harness.send(.reported)
        _ = harness.take()
        harness.assign(revision: 2)
        let effects = harness.take()
        #expect(effects.stops.count == 1 && effects.reports.isEmpty)
        harness.send(.stopped(TaskRun(assignment.allocation.id, "main")))
        harness.end(assignment, "main", code: 0)
        let after = harness.take()
        #expect(after.collected.isEmpty && after.reports.isEmpty, "its logs can still be read, and nobody asked for it")
        #expect(harness.record(assignment)?.isAcknowledged == true)
        let next = Assignment.sample(2, kind: .batch)
        harness.run(next, revision: 3)
        harness.pass(.seconds(1))
        harness.assign(revision: 4)
        harness.send(.stopped(TaskRun(next.allocation.id, "main")))
        harness.end(next, "main", code: 0)
        #expect(harness.take().collected == [assignment.allocation.id])
        harness.send(.collected(assignment.allocation.id))
        #expect(harness.take().forgotten == [assignment.allocation.id])
        #expect(harness.record(assignment) == nil)
    }

    @Test func anEndThatWasConfirmedBeforeItsAnswerCameKeepsItsLogs() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.end(assignment, "main", code: 0)
        // The servers list only what has not ended: this view comes before the answer to the report.
        harness.assign(revision: 2)
        #expect(harness.take().collected.isEmpty)
        #expect(harness.record(assignment)?.isAcknowledged == true)
    }

    @Test func whatHasEndedIsNeverStartedAgain() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.end(assignment, "main", code: 0)
        harness.send(.reported)
        harness.send(.reported)
        _ = harness.take()
        harness.assign(assignment, revision: 2)
        let effects = harness.take()
        #expect(effects.prepared.isEmpty && effects.starts.isEmpty)
        #expect(effects.reports.map(\.client) == [.complete], "the servers seem not to know")
    }

    @Test func whatIsStoppedBeforeItCameNeverStarts() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(desired: .stop)
        harness.assign(assignment, revision: 1)
        let effects = harness.take()
        #expect(effects.prepared.isEmpty && effects.reports.map(\.client) == [.complete])
    }

    @Test func anAllocationThatRanHereButIsNotInTheJournalFailsInsteadOfRunningTwice() {
        var harness = CoreHarness()
        var assignment = Assignment.sample()
        assignment.allocation.client = .running
        harness.assign(assignment, revision: 1)
        let effects = harness.take()
        #expect(effects.prepared.isEmpty && effects.starts.isEmpty)
        #expect(effects.reports.map(\.client) == [.failed])
    }

    @Test func anAllocationOfAnotherNodeIsIgnored() {
        var harness = CoreHarness()
        var assignment = Assignment.sample()
        assignment.allocation.node = NodeID(high: 77, low: 77)
        harness.assign(assignment, revision: 1)
        #expect(harness.take().prepared.isEmpty && harness.record(assignment) == nil)
    }

    @Test func aJobWithoutTheGroupFails() {
        var harness = CoreHarness()
        var assignment = Assignment.sample()
        assignment.job.groups = []
        harness.assign(assignment, revision: 1)
        #expect(harness.record(assignment)?.report.client == .failed)
        #expect(harness.record(assignment)?.report.description.contains("web") == true)
    }

    @Test func aPurgedJobStillEndsAsItAskedTo() {
        var harness = CoreHarness()
        let spec = TaskSpec(name: "main", killTimeout: .seconds(20), killSignal: "SIGTERM")
        let assignment = Assignment.sample(tasks: [spec])
        harness.run(assignment)
        var order = assignment.desiring(.stop)
        order.job.groups = []
        harness.assign(order, revision: 2)
        let killing = harness.take().compactMap { effect -> String? in
            if case .stop(_, _, let signal, let grace) = effect { "\(signal) \(grace)" } else { nil }
        }
        #expect(killing == ["SIGTERM \(Duration.seconds(20))"])
    }

    /// A link may deliver a view late or twice, and clocks may make any end the oldest.
    @Test func aViewThatComesTwiceBeginsNothingAnew() {
        var policy = AgentPolicy()
        policy.keptAllocations = 0
        var harness = CoreHarness(policy: policy)
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.end(assignment, "main", code: 0)
        harness.send(.reported)
        harness.send(.reported)
        let collected = harness.take().collected
        for id in collected { harness.send(.collected(id)) }
        harness.send(.overheard(Assignments(stamp: .at(1), allocations: [assignment])))
        #expect(harness.record(assignment)?.hasEnded == true)
        harness.assign(revision: 2)
        #expect(harness.take().collected == [assignment.allocation.id])
    }

    @Test func endedAllocationsBeyondThoseKeptAreCollectedOldestFirst() {
        var policy = AgentPolicy()
        policy.keptAllocations = 2
        var harness = CoreHarness(policy: policy)
        let all = (1...5).map { Assignment.sample(UInt64($0), kind: .batch) }
        harness.send(.assigned(Assignments(stamp: .at(1), allocations: all)))
        for assignment in all {
            harness.send(.prepared(assignment.allocation.id))
            harness.start(assignment, "main")
        }
        for number in [3, 1, 5, 2, 4] {
            harness.pass(.seconds(1))
            harness.end(all[number - 1], "main", code: 0)
        }
        _ = harness.take()
        harness.send(.reported)
        harness.send(.reported)
        #expect(harness.take().collected == [], "a view that is on its way may list them")
        harness.assign(revision: 2)
        let ids = [3, 1, 5].map { all[$0 - 1].allocation.id }
        #expect(harness.take().collected == ids.sorted())
        harness.send(.collectionFailed(ids[0], "busy"))
        harness.pass(.seconds(3))
        #expect(harness.take().collected == [ids[0]])
    }
}
