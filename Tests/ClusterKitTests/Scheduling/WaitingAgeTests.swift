import Testing

@testable import ClusterKit

/// Two evaluations of one job wait, and one of them stands for both from then on.
@Suite struct WaitingAgeTests {
    private let shop = JobID("shop")
    private let begun = WallTime(nanoseconds: 1_000_000_000_000)

    /// Two groups wait since `begun`; a second evaluation tells of the same an hour later.
    private func waitingTwice(_ change: (inout Evaluation) -> Void = { _ in }) throws -> (SchedulingBench, Evaluation) {
        var bench = SchedulingBench(nodes: sampleNodes(1, memoryGiB: 1))
        bench.register(
            .sample(count: 2, memory: 5000) { job in
                var other = job.groups[0]
                other.name = "back"
                job.groups.append(other)
            })
        bench.look(at: shop)
        let first = try #require(bench.evaluations(shop, .blocked).first)
        bench.now = bench.now + .seconds(3600)
        var second = first
        second.id = bench.entropy.identifier()
        (second.createTime, second.createRevision, second.waitStarts) = (bench.now, .zero, [:])
        change(&second)
        bench.commit([.putEvaluation(second)])
        return (bench, try #require(bench.snapshot.evaluations[second.id]))
    }

    /// Since when the groups of the only one that waits do.
    private func starts(in bench: SchedulingBench) -> [String: WallTime] {
        let waiting = bench.evaluations(shop, .blocked)
        #expect(waiting.count == 1)
        let names = waiting.first?.queued.keys.sorted() ?? []
        return Dictionary(uniqueKeysWithValues: names.map { ($0, waiting[0].waitStart(of: $0).time) })
    }

    @Test func theYoungerTakesTheOlderAges() throws {
        var (bench, second) = try waitingTwice()
        bench.look(at: second)
        #expect(starts(in: bench) == ["back": begun, "web": begun])
        #expect(bench.evaluations(shop, .blocked).map(\.id) == [second.id])
    }

    @Test func theOlderTakesWhatHasWaitedLongerInTheYounger() throws {
        let early = begun + .seconds(-500)
        var (bench, _) = try waitingTwice {
            $0.waitStarts = ["web": WaitStart(revision: Revision(1), time: early)]
        }
        bench.look(at: shop)
        #expect(starts(in: bench) == ["back": begun, "web": early])
    }

    @Test func oneThatToldOfFewerIsOldForThoseOnly() throws {
        var (bench, second) = try waitingTwice { $0.queued["web"] = 2 }
        let others = bench.evaluations(shop, .blocked).filter { $0.id != second.id }
        var first = try #require(others.first)
        first.queued["web"] = 1
        bench.commit([.putEvaluation(first)])
        bench.look(at: second)
        #expect(starts(in: bench) == ["back": begun, "web": begun + .seconds(1800)])
    }

    @Test func whatOnlyTheOtherToldOfWaitsOn() throws {
        var (bench, second) = try waitingTwice {
            $0.queued["back"] = nil
            $0.refusals["back"] = nil
        }
        let plan = bench.planner.plan(
            second, group: "web", on: bench.snapshot, session: &bench.session, epoch: Epoch(1), at: bench.now,
            using: &bench.entropy)
        bench.commit(plan.changes)
        #expect(starts(in: bench) == ["back": begun, "web": begun])
        #expect(bench.evaluations(shop, .blocked).map(\.queued) == [["back": 2, "web": 2]])
    }

    @Test func whoIsAloneWritesNothing() throws {
        var (bench, second) = try waitingTwice()
        bench.look(at: second)
        let known = try #require(bench.snapshot.evaluations[second.id])
        #expect(bench.look(at: known).changes == [])
    }
}
