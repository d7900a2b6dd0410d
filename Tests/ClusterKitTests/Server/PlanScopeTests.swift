import Synchronization
import Testing

@testable import ClusterKit

/// Counts what its sessions are asked for.
private final class CountingScheduler: Scheduler {
    private let base = BinPackScheduler()
    private let requests = Mutex<[PlacementRequest]>([])

    private struct Session: SchedulingSession {
        var base: any SchedulingSession
        let note: @Sendable ([PlacementRequest]) -> Void

        mutating func apply(_ batch: ChangeBatch) -> FreedRoom { base.apply(batch) }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            note(requests)
            return base.place(requests, using: &entropy)
        }

        mutating func release(_ reserved: [AllocationID]) { base.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { base.vacancy(on: node) }
    }

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(base: base.session(on: snapshot)) { new in self.requests.withLock { $0 += new } }
    }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        base.explain(request, on: snapshot)
    }

    /// The groups that were asked for since the last call.
    func takeGroups() -> [String] {
        requests.withLock { requests in
            defer { requests = [] }
            return requests.map(\.subject.group.name)
        }
    }
}

@Suite struct PlanScopeTests {
    private let scheduler = CountingScheduler()

    private func group(_ name: String, cpu: Int) -> TaskGroup {
        let task = TaskSpec(name: "main", config: ["command": "/bin/true"], resources: TaskResources(cpuMHz: cpu))
        return TaskGroup(name: name, tasks: [task])
    }

    private func waiting(_ job: String, _ bench: CoreBench) -> [String: Int]? {
        let open = bench.core.head.openEvaluations(of: JobID(job)).filter { $0.status == .blocked }
        #expect(open.count <= 1, "more than one evaluation waits")
        return open.first?.queued
    }

    private func register(_ job: Job, _ bench: inout CoreBench) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        _ = scheduler.takeGroups()
    }

    private func end(_ job: String, _ bench: inout CoreBench) throws {
        let live = bench.core.head.allocations(of: JobID(job)).filter(\.isLive)
        let allocation = try #require(live.first)
        _ = bench.ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: .complete)]))
        bench.write()
    }

    /// A node that has more to give is asked for the groups that may fit there, not for all that wait.
    @Test func onlyTheGroupsThatMayFitAreLookedAt() throws {
        var bench = CoreBench(scheduler: scheduler)
        _ = bench.addNode(1)
        for number in 0..<4 { register(makeJob("filler-\(number)", cpuMHz: 1000, kind: .batch), &bench) }
        let sizes = (0..<200).map { 1500 - $0 * 5 }
        register(Job(id: JobID("many"), groups: sizes.map { group("of-\($0)", cpu: $0) }), &bench)
        #expect(waiting("many", bench)?.count == 200)

        try end("filler-0", &bench)
        // Of 1,000 MHz the first of the job's groups that fits takes all.
        #expect(scheduler.takeGroups() == ["of-1000"])
        let left = try #require(waiting("many", bench))
        #expect(left.count == 199 && left["of-1000"] == nil && left["of-1500"] == 1)

        try end("filler-1", &bench)
        #expect(scheduler.takeGroups() == ["of-995"])
        // What is less is not lost: the whole evaluation still says why each of them waits.
        let open = bench.core.head.openEvaluations(of: JobID("many"))
        let evaluation = try #require(open.first)
        #expect(open.count == 1)
        #expect(evaluation.queued.count == 198 && Set(evaluation.refusals.keys) == Set(evaluation.queued.keys))
    }

    @Test func aJobOfWhichAllIsPlacedWaitsNoMore() throws {
        var bench = CoreBench(scheduler: scheduler)
        _ = bench.addNode(1)
        for number in 0..<2 { register(makeJob("filler-\(number)", cpuMHz: 2000, kind: .batch), &bench) }
        register(Job(id: JobID("two"), groups: [group("a", cpu: 2000), group("b", cpu: 1500)]), &bench)
        try end("filler-0", &bench)
        #expect(waiting("two", bench) == ["b": 1])
        try end("filler-1", &bench)
        #expect(waiting("two", bench) == nil)
        #expect(bench.core.head.allocations(of: JobID("two")).count(where: \.isLive) == 2)
    }
}
