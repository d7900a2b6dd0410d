import Testing

@testable import ClusterKit

/// Someone wants what has failed placed anew now, whatever the job's rules say of that.
@Suite struct ReplacedFailureTests {
    private var bench = CoreBench()
    private let node: NodeID

    init() { node = bench.addNode(1) }

    private func live(_ job: Job) -> [Allocation] {
        bench.core.head.allocations(of: job.id).filter(\.isLive)
    }

    /// One instance, which has failed.
    private mutating func fail(_ job: Job) throws -> Allocation {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        let failed = try #require(live(job).first)
        var state = TaskState()
        (state.phase, state.failed, state.finishedAt) = (.dead, true, bench.now.wall)
        _ = bench.ask(.report(node, [AllocationReport(id: failed.id, client: .failed, tasks: ["main": state])]))
        bench.write()
        _ = bench.ask(.evaluate(job.id))
        bench.write()
        #expect(live(job).isEmpty)
        return failed
    }

    private mutating func replaceFailed(_ job: Job) {
        _ = bench.ask(.evaluate(job.id, replacingFailed: true))
        bench.write()
    }

    @Test(arguments: [JobKind.service, .batch]) mutating func noDelayIsWaitedFor(_ kind: JobKind) throws {
        let job = makeJob(kind: kind)
        let failed = try fail(job)
        replaceFailed(job)
        #expect(live(job).map(\.previous) == [failed.id])
        #expect(live(job).first?.reschedules.map(\.previous) == [failed.id], "it counts among the attempts")
        bench.pass(.seconds(60))
        bench.write()
        #expect(live(job).count == 1, "and nothing comes of the time that it would have waited for")
    }

    @Test mutating func noAttemptNeedsToBeLeft() throws {
        var job = makeJob()
        job.groups[0].reschedule = ReschedulePolicy(
            RescheduleRule(attempts: 0, interval: .seconds(60), unlimited: false))
        let failed = try fail(job)
        replaceFailed(job)
        #expect(live(job).map(\.previous) == [failed.id])
    }

    /// A rule for lost nodes leaves it wanted, as one that failed is.
    @Test mutating func whatWasLostWithItsNodeIsPlacedAnewToo() throws {
        var job = makeJob()
        job.groups[0].reschedule.causes[.node] = RescheduleRule(
            attempts: 0, interval: .seconds(60), unlimited: false)
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        let lost = try #require(live(job).first)
        let other = bench.addNode(2)
        for _ in 0..<30 {
            bench.pass(.seconds(1))
            _ = bench.ask(.heartbeat(other))
            bench.write()
        }
        #expect(bench.core.head.allocations[lost.id]?.client == .lost && live(job).isEmpty)
        replaceFailed(job)
        #expect(live(job).map(\.previous) == [lost.id])
    }

    @Test mutating func whatRunsOnEveryNodeIsPlacedThereAgain() throws {
        let job = makeJob(kind: .system)
        let failed = try fail(job)
        replaceFailed(job)
        #expect(live(job).map(\.previous) == [failed.id])
    }

    @Test mutating func roomIsWaitedFor() throws {
        let job = makeJob(cpuMHz: 3000)
        let failed = try fail(job)
        _ = bench.ask(.register(makeJob("other", cpuMHz: 3000), source: nil, ifUnchangedSince: nil))
        bench.write()
        replaceFailed(job)
        #expect(live(job).isEmpty && bench.core.head.openEvaluations(of: job.id).contains { $0.status == .blocked })
        let other = try #require(bench.core.head.allocations(of: JobID("other")).first)
        _ = bench.ask(.stop(JobID("other"), purge: false))
        _ = bench.ask(.report(node, [AllocationReport(id: other.id, client: .complete)]))
        bench.write()
        #expect(live(job).map(\.previous) == [failed.id])
    }

    @Test mutating func whatRunsOrIsDoneIsLeftAlone() throws {
        let job = makeJob(count: 2, kind: .batch)
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        let (first, second) = (live(job)[0], live(job)[1])
        _ = bench.ask(
            .report(
                node,
                [
                    AllocationReport(id: first.id, client: .complete),
                    AllocationReport(id: second.id, client: .running),
                ]))
        replaceFailed(job)
        #expect(live(job).map(\.id) == [second.id])
    }
}

/// A job that is registered anew with the counts that it has.
@Suite struct KeptCountTests {
    private var bench = CoreBench()

    init() { _ = bench.addNode(1, cpuMHz: 100_000) }

    private mutating func register(_ job: Job, keepingCounts: Bool = true) -> ClusterError? {
        let id = bench.ask(.register(job, source: nil, ifUnchangedSince: nil, keepingCounts: keepingCounts))
        bench.write()
        guard case .failure(let error)? = bench.reply(to: id) else { return nil }
        return error
    }

    private var counts: [Int] { bench.core.head.jobs[JobID("web")]?.job.groups.map(\.count) ?? [] }

    @Test mutating func groupsThatAreThereKeepTheirs() {
        var job = makeJob(count: 3)
        #expect(register(job) == nil && counts == [3], "there is none to keep")
        _ = bench.ask(.scale(job.id, ScalingRequest(group: "all", count: 5)))
        bench.write()
        job.meta = ["a": "b"]
        job.groups.append(job.groups[0])
        job.groups[1].name = "new"
        #expect(register(job) == nil && counts == [5, 3])
        #expect(register(job, keepingCounts: false) == nil && counts == [3, 3])
    }

    /// Three canaries were asked for while there were three instances.
    @Test mutating func aGroupThatWasScaledBelowItsCanariesCanBeRegistered() throws {
        var job = makeJob(count: 3)
        job.groups[0].update = UpdateStrategy(canary: 3)
        #expect(register(job) == nil)
        _ = bench.ask(.scale(job.id, ScalingRequest(group: "all", count: 2)))
        bench.write()
        job.meta = ["a": "b"]
        #expect(register(job) == nil && counts == [2])
        let record = try #require(bench.core.head.jobs[job.id])
        var read = try JobDocument(json: JobDocument(record, status: "running").json).job()
        read.meta = ["a": "c"]
        let id = bench.ask(.register(try read.validated(), source: nil, ifUnchangedSince: nil))
        bench.write()
        let warning = "group all has 2 instances and asks for 3 canaries; a roll-out shows 2"
        #expect(bench.receipt(for: id)?.warnings == [warning] && counts == [2])
        _ = bench.ask(.scale(job.id, ScalingRequest(group: "all", count: 0)))
        bench.write()
        #expect(counts == [0], "and none may run as well")
    }

    @Test mutating func theNewBoundsHold() {
        var job = makeJob(count: 3)
        #expect(register(job) == nil)
        job.groups[0].count = 1
        job.groups[0].scaling = ScalingBounds(min: 1, max: 2)
        let error = register(job)
        #expect(error?.code == .invalid && error?.message.contains("count") == true, "\(error as Any)")
        #expect(register(job, keepingCounts: false) == nil && counts == [1])
    }
}
