import Testing

@testable import ClusterKit

/// What is let go of, and what never is.
@Suite struct CollectionTests {
    private let web = JobID("web")

    /// A node, and one job whose instances run on it.
    private func bench(_ job: Job = makeJob(), keptJobVersions: Int = 6) -> (CoreBench, NodeID) {
        // So that a node need not be heard of every few seconds in the days that pass.
        let configuration = ServerConfiguration(heartbeatTTL: .seconds(600), keptJobVersions: keptJobVersions)
        var bench = CoreBench(configuration: configuration)
        let node = bench.addNode(1)
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        return (bench, node)
    }

    private func report(_ bench: inout CoreBench, _ node: NodeID, _ status: ClientStatus) {
        let running = bench.core.head.allocations(on: node).filter { !$0.isTerminal }
        _ = bench.ask(.report(node, running.map { AllocationReport(id: $0.id, client: status) }))
        bench.write()
    }

    /// Lets time pass in steps in which the node stays alive.
    private func pass(_ bench: inout CoreBench, _ duration: Duration, alive: [NodeID]) {
        var left = duration
        while left > .zero {
            let step = min(left, .seconds(100))
            bench.pass(step)
            for node in alive { _ = bench.ask(.heartbeat(node)) }
            bench.write()
            bench.effects = []
            left -= step
        }
    }

    private func collect(_ bench: inout CoreBench) {
        let id = bench.ask(.collect)
        while bench.reply(to: id) == nil {
            bench.write()
            bench.pass(.zero)
        }
    }

    @Test func aStoppedJobIsKeptForFourHours() {
        var (bench, node) = bench()
        report(&bench, node, .running)
        pass(&bench, .seconds(7200), alive: [node])
        _ = bench.ask(.stop(web, purge: false))
        report(&bench, node, .complete)
        pass(&bench, .seconds(4 * 3600 - 10), alive: [node])
        #expect(bench.core.head.jobs[web] != nil)
        #expect(bench.core.head.allocations.count == 0, "ended instances of services go after an hour")
        pass(&bench, .seconds(400), alive: [node])
        let head = bench.core.head
        #expect(head.jobs.count == 0 && head.jobVersions.count == 0 && head.evaluations.count == 0)
        #expect(head.nodes[node] != nil)
    }

    @Test func whatRunsIsNeverCollected() {
        var (bench, node) = bench()
        report(&bench, node, .running)
        let before = bench.core.head
        pass(&bench, .seconds(3 * 86_400), alive: [node])
        collect(&bench)
        let head = bench.core.head
        #expect(head.jobs[web] == before.jobs[web] && head.allocations.sorted == before.allocations.sorted)
        let placed = before.allocations.sorted.map(\.evaluation)
        #expect(placed.allSatisfy { head.evaluations[$0] != nil }, "an instance names the evaluation that placed it")
    }

    @Test func anInstanceWhoseEndIsNotConfirmedStays() throws {
        var (bench, node) = bench()
        report(&bench, node, .running)
        _ = bench.ask(.stop(web, purge: true))
        bench.write()
        pass(&bench, .seconds(2 * 86_400), alive: [node])
        let allocation = try #require(bench.core.head.allocations.sorted.first)
        #expect(allocation.desired == .stop && !allocation.isTerminal)
        report(&bench, node, .complete)
        collect(&bench)
        #expect(bench.core.head.allocations.count == 0 && bench.core.head.evaluations.count == 0)
    }

    @Test func aLostInstanceStaysUntilItsAgentIsBackOrGivenUp() {
        for isBack in [true, false] {
            var (bench, node) = bench()
            report(&bench, node, .running)
            _ = bench.ask(.stop(web, purge: true))
            bench.write()
            bench.core.lose(node, at: bench.now, using: &bench.entropy, into: &bench.effects)
            bench.write()
            #expect(bench.core.head.allocations.sorted.map(\.client) == [.lost])
            pass(&bench, .seconds(7200), alive: [])
            #expect(bench.core.head.allocations.count == 1, "it may still run there")
            if isBack {
                node = bench.addNode(1)
                pass(&bench, .seconds(600), alive: [node])
                #expect(bench.core.head.nodes.count == 1)
            } else {
                pass(&bench, .seconds(86_400), alive: [])
                #expect(bench.core.head.nodes.count == 0)
            }
            #expect(bench.core.head.allocations.count == 0)
        }
    }

    @Test func doneWorkIsNotDoneAgain() {
        var (bench, node) = bench(makeJob(count: 2, kind: .batch))
        let first = bench.core.head.allocations.sorted[0].id
        _ = bench.ask(.report(node, [AllocationReport(id: first, client: .complete)]))
        bench.write()
        pass(&bench, .seconds(3 * 86_400), alive: [node])
        collect(&bench)
        _ = bench.ask(.evaluate(web))
        bench.write()
        #expect(bench.core.head.allocations.count == 2 && bench.core.head.allocations[first] != nil)
        report(&bench, node, .complete)
        pass(&bench, .seconds(4 * 3600 + 300), alive: [node])
        #expect(bench.core.head.jobs.count == 0 && bench.core.head.allocations.count == 0, "all of it is done")
    }

    @Test func whatFailedForGoodIsNotPlacedAgain() {
        var job = makeJob(count: 2)
        job.groups[0].reschedule = ReschedulePolicy(RescheduleRule(attempts: 0, interval: .zero, unlimited: false))
        var (bench, node) = bench(job)
        let (failed, running) = (bench.core.head.allocations.sorted[0].id, bench.core.head.allocations.sorted[1].id)
        let reports = [
            AllocationReport(id: failed, client: .failed), AllocationReport(id: running, client: .running),
        ]
        _ = bench.ask(.report(node, reports))
        bench.write()
        pass(&bench, .seconds(2 * 86_400), alive: [node])
        collect(&bench)
        _ = bench.ask(.evaluate(web))
        bench.write()
        #expect(Set(bench.core.head.allocations.sorted.map(\.id)) == [failed, running])
    }

    @Test func whatWasReplacedGoes() {
        var (bench, node) = bench()
        report(&bench, node, .running)
        let first = bench.core.head.allocations.sorted[0].id
        _ = bench.ask(.stopAllocation(first))
        bench.write()
        _ = bench.ask(.report(node, [AllocationReport(id: first, client: .complete)]))
        bench.write()
        let second = bench.core.head.allocations(of: web).first { $0.id != first }?.id
        #expect(bench.core.head.allocations[first]?.next == second && second != nil)
        collect(&bench)
        #expect(bench.core.head.allocations[first] != nil, "the new one may still need its files")
        report(&bench, node, .running)
        collect(&bench)
        #expect(bench.core.head.allocations.sorted.map(\.id) == second.map { [$0] })
    }

    /// A schedule makes a job each time, also while no node is there for it.
    @Test func whatAScheduleMadeForNobodyGoes() {
        var job = makeJob(kind: .sysbatch)
        job.periodic = PeriodicSpec(["@yearly"])
        job.constraints = [Constraint("${meta.role}", .equal, "nobody")]
        var (bench, node) = bench(job)
        _ = bench.ask(.force(web))
        bench.write()
        #expect(bench.core.head.jobs.count == 2)
        pass(&bench, .seconds(4 * 3600 - 10), alive: [node])
        #expect(bench.core.head.jobs.count >= 2)
        let first = bench.core.head.childrenByJob.members(of: web).first
        pass(&bench, .seconds(400), alive: [node])
        #expect(first.map { bench.core.head.jobs[$0] == nil } == true)
        #expect(bench.core.head.jobs[web] != nil)
    }

    @Test func whatWaitsForRoomGoesOnWaiting() {
        var (bench, node) = bench(makeJob(count: 1, cpuMHz: 9000, kind: .batch))
        let blocked = bench.core.head.openEvaluations(of: web)
        #expect(blocked.map(\.status) == [.blocked])
        collect(&bench)
        pass(&bench, .seconds(2 * 86_400), alive: [node])
        let head = bench.core.head
        #expect(head.jobs[web] != nil && head.openEvaluations(of: web) == blocked)
        #expect(blocked[0].previous.flatMap { head.evaluations[$0] } != nil, "it names what led to it")
    }

    @Test func evaluationsOfServicesAndOfBatchesHaveAgesOfTheirOwn() {
        for (kind, age) in [(JobKind.service, 3600), (.batch, 86_400)] {
            var (bench, node) = bench(makeJob(kind: kind))
            report(&bench, node, .running)
            let asked = bench.ask(.evaluate(web))
            bench.write()
            let id = bench.receipt(for: asked)?.evaluation
            pass(&bench, .seconds(age - 10), alive: [node])
            #expect(id.flatMap { bench.core.head.evaluations[$0] } != nil)
            pass(&bench, .seconds(320), alive: [node])
            #expect(id.flatMap { bench.core.head.evaluations[$0] } == nil)
        }
    }

    /// Also where the one that waits states no namespace.
    @Test(arguments: ["default", ""]) func aJobThatOthersWaitForStays(namespace: String) {
        var (bench, node) = bench(makeJob("first", kind: .batch))
        var second = makeJob("second")
        second.after = [JobDependency(JobID("first", namespace: namespace), .complete)]
        _ = bench.ask(.register(second, source: nil, ifUnchangedSince: nil))
        bench.write()
        report(&bench, node, .complete)
        collect(&bench)
        #expect(bench.core.head.jobs[JobID("first")] != nil)
        _ = bench.ask(.stop(JobID("second"), purge: true))
        bench.write()
        collect(&bench)
        #expect(bench.core.head.jobs[JobID("first")] == nil)
    }

    @Test func versionsInUseOrTaggedStay() {
        var (bench, node) = bench(keptJobVersions: 2)
        report(&bench, node, .running)
        for version in 1...6 {
            var job = makeJob()
            job.meta = ["version": "\(version)"]
            _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
            if version == 3, var tagged = bench.core.head.jobs[web] {
                tagged.tag = VersionTag(name: "good", time: bench.now.wall)
                bench.core.commit([.putJob(tagged)], at: bench.now, into: &bench.effects)
            }
            bench.write()
        }
        collect(&bench)
        let head = bench.core.head
        var expected = Set(head.allocations(of: web).map(\.jobVersion))
        expected.formUnion([3, 5, 6])
        #expect(Set(head.versionsByJob.members(of: web).map(\.version)) == expected)
    }

    /// The largest look is made in steps; between them others have their turn.
    @Test func largeLooksAreMadeInSteps() {
        var bench = CoreBench()
        for number in 0..<2_500 {
            _ = bench.ask(.register(makeJob("j\(number)", count: 0), source: nil, ifUnchangedSince: nil))
            _ = bench.ask(.stop(JobID("j\(number)"), purge: false))
        }
        bench.write()
        let id = bench.ask(.collect)
        let first = bench.takeAppend()
        #expect(first.map { $0.group.flatMap(\.changes).count } == CollectionRound.changeLimit)
        // Whoever comes meanwhile is next, before more is collected.
        let asked = bench.ask(.register(makeJob("new"), source: nil, ifUnchangedSince: nil))
        bench.tell(.appended)
        let second = bench.takeAppend()
        let changes = second?.group.flatMap(\.changes) ?? []
        guard case .putJob(let put)? = changes.first else {
            Issue.record("the job is not the next that is written")
            return
        }
        #expect(put.job.id == JobID("new") && bench.reply(to: id) == nil, "more is left than one step takes")
        bench.tell(.appended)
        #expect(bench.receipt(for: asked) != nil)
        bench.write()
        collect(&bench)
        #expect(bench.reply(to: id) != nil && bench.core.head.jobs.sortedKeys == [JobID("new")])
        #expect(bench.log.allSatisfy { $0.changes.count <= CollectionRound.changeLimit })
    }

    @Test func whoIsWaitedForSinceALookBeganStays() {
        var bench = CoreBench()
        for number in 0..<1_500 {
            _ = bench.ask(.register(makeJob("j\(number)", count: 0, kind: .batch), source: nil, ifUnchangedSince: nil))
            _ = bench.ask(.stop(JobID("j\(number)"), purge: false))
        }
        bench.write()
        _ = bench.ask(.collect)
        #expect(bench.takeAppend() != nil)
        let left = bench.core.head.jobs.sortedKeys.last ?? JobID("none")
        var second = makeJob("second", count: 0)
        second.after = [JobDependency(left, .complete)]
        _ = bench.ask(.register(second, source: nil, ifUnchangedSince: nil))
        bench.tell(.appended)
        bench.write()
        #expect(bench.core.head.jobs.sortedKeys == [left, JobID("second")])
    }

    @Test func aRefusedWriteIsToldToWhoAsked() {
        var (bench, _) = bench()
        _ = bench.ask(.stop(web, purge: false))
        bench.write()
        let id = bench.ask(.collect)
        bench.tell(.appendFailed(.refused("full disk")))
        guard case .failure(let error) = bench.reply(to: id) else {
            Issue.record("nobody was told")
            return
        }
        #expect(error.code == .storeRefused)
    }
}
