import Testing

@testable import ClusterKit

@Suite struct ServerCoreJobTests {
    private func register(_ job: Job, since: Revision? = nil, _ bench: inout CoreBench) -> UInt64 {
        let id = bench.ask(.register(job, source: nil, ifUnchangedSince: since))
        bench.write()
        return id
    }

    @Test func theSameJobMakesNoNewVersion() {
        var bench = CoreBench()
        _ = register(makeJob(), &bench)
        _ = register(makeJob(), &bench)
        #expect(bench.core.head.jobs[JobID("web")]?.version == 0)
        _ = register(makeJob(count: 2), &bench)
        #expect(bench.core.head.jobs[JobID("web")]?.version == 1)
    }

    @Test func checkAndSet() throws {
        var bench = CoreBench()
        let made = register(makeJob(), since: .zero, &bench)
        let first = try #require(bench.receipt(for: made))
        let again = register(makeJob(count: 2), since: .zero, &bench)
        guard case .failure(let error) = bench.reply(to: again) else {
            Issue.record("a job was overwritten that should not have been there")
            return
        }
        #expect(error.code == .conflict && error.message.hasPrefix("Enforcing job modify index 0: "))
        let second = register(makeJob(count: 2), since: first.jobModifyRevision, &bench)
        #expect(bench.receipt(for: second) != nil)
        let late = register(makeJob(count: 3), since: first.jobModifyRevision, &bench)
        #expect(bench.receipt(for: late) == nil)
    }

    @Test func whatRunsEverywhereIsNotScaled() {
        var bench = CoreBench()
        _ = register(makeJob(kind: .system), &bench)
        let scale = bench.ask(.scale(JobID("web"), ScalingRequest(group: "all", count: 2)))
        guard case .failure(let error) = bench.reply(to: scale) else {
            Issue.record("a job that runs on every node was scaled")
            return
        }
        #expect(error.code == .invalid && error.message.contains("is of type system"), "\(error.message)")
    }

    @Test func stoppingEndsEverything() {
        var bench = CoreBench()
        _ = bench.addNode(1)
        _ = register(makeJob(count: 2), &bench)
        let stop = bench.ask(.stop(JobID("web"), purge: false))
        bench.write()
        #expect(bench.receipt(for: stop) != nil)
        #expect(bench.core.head.allocations(of: JobID("web")).allSatisfy { $0.desired == .stop })
        #expect(bench.core.head.jobs[JobID("web")]?.stopped == true)
    }

    @Test func purgingForgetsTheJobButEndsItsWork() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = register(makeJob(count: 2), &bench)
        _ = bench.ask(.stop(JobID("web"), purge: true))
        bench.write()
        #expect(bench.core.head.jobs[JobID("web")] == nil)
        let view = Assignments(for: node, in: bench.core.head)
        #expect(view.allocations.count == 2 && view.allocations.allSatisfy { $0.allocation.desired == .stop })
        _ = register(makeJob(kind: .batch), &bench)
        #expect(bench.core.head.jobs[JobID("web")]?.version == 1, "what is left of the old one is not taken for it")
    }

    @Test func aStoppedBatchJobRunsAgainWhenRegisteredAgain() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        _ = register(makeJob(kind: .batch), &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0].id
        _ = bench.ask(.report(node, [AllocationReport(id: first, client: .complete)]))
        _ = bench.ask(.stop(JobID("web"), purge: false))
        bench.write()
        _ = register(makeJob(kind: .batch), &bench)
        #expect(bench.core.head.allocations(of: JobID("web")).filter(\.isLive).count == 1)
    }

    @Test func aFailedServiceRunsAgainWhenStoppedAndRegisteredAgain() {
        var bench = CoreBench()
        let node = bench.addNode(1)
        var job = makeJob()
        job.groups[0].reschedule = ReschedulePolicy(RescheduleRule(attempts: 0, unlimited: false))
        _ = register(job, &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0].id
        _ = bench.ask(.report(node, [AllocationReport(id: first, client: .failed)]))
        bench.write()
        #expect(bench.core.head.allocations(of: JobID("web")).filter(\.isLive).isEmpty)
        _ = bench.ask(.stop(JobID("web"), purge: false))
        bench.write()
        _ = register(job, &bench)
        #expect(bench.core.head.allocations(of: JobID("web")).filter(\.isLive).count == 1)
    }

    @Test func theKindOfAJobIsForLife() {
        var bench = CoreBench()
        _ = register(makeJob(), &bench)
        let changed = register(makeJob(kind: .batch), &bench)
        guard case .failure(let error) = bench.reply(to: changed) else {
            Issue.record("a service became a batch job")
            return
        }
        #expect(error.code == .invalid && error.message.contains("-purge"))
    }

    @Test func scalingUpTouchesNothingThatRuns() {
        var bench = CoreBench()
        _ = bench.addNode(1)
        _ = register(makeJob(count: 1), &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0]
        _ = bench.ask(.scale(JobID("web"), ScalingRequest(group: "all", count: 3)))
        bench.write()
        let after = bench.core.head.allocations(of: JobID("web"))
        #expect(after.count == 3)
        #expect(after.first { $0.id == first.id }?.desired == .run)
    }

    @Test(arguments: ["none", "web"])
    func scalingWhatIsNotThereSaysSo(id: String) {
        var bench = CoreBench()
        _ = register(makeJob(), &bench)
        let scale = bench.ask(.scale(JobID(id), ScalingRequest(group: "nothing", count: 3)))
        guard case .failure(let error) = bench.reply(to: scale) else {
            Issue.record("a group that is not there was scaled")
            return
        }
        #expect(id == "none" ? error.code == .notFound : error.message.contains("its groups are: all"))
    }

    @Test func aStoppedAllocationIsReplaced() {
        var bench = CoreBench()
        _ = bench.addNode(1)
        _ = register(makeJob(), &bench)
        let first = bench.core.head.allocations(of: JobID("web"))[0]
        _ = bench.ask(.stopAllocation(first.id))
        bench.write()
        let after = bench.core.head.allocations(of: JobID("web"))
        #expect(after.first { $0.id == first.id }?.desired == .stop)
        #expect(after.filter(\.isLive).map(\.index) == [first.index])
    }
}
