import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct PreemptionTests {
    private static let allMay = SchedulingRules(preempting: Set(JobKind.allCases))

    private func job(_ id: String, _ priority: Int, memory: Int, kind: JobKind = .service) -> Job {
        .sample(id, cpu: 10, memory: memory, kind: kind) {
            $0.priority = priority
            $0.groups[0].disk.sizeMiB = 0
        }
    }

    /// A cluster where the jobs run, each on the node of its name, whole or by parts.
    private func bench(
        nodes: Int = 1, rules: SchedulingRules = allMay, indexedFrom: Int = 64, _ jobs: [(Job, times: Int)]
    ) -> PlacementBench {
        var bench = PlacementBench(
            sampleNodes(nodes), rules: rules, scheduler: BinPackScheduler(indexedFrom: indexedFrom))
        for (job, times) in jobs {
            bench.commit([.putJob(JobRecord(job: job, submitTime: WallTime(nanoseconds: 0)))])
            _ = bench.place(job, times: times)
        }
        return bench
    }

    private func evicted(_ decisions: [Decision], _ bench: PlacementBench) -> [[String]] {
        decisions.map { decision in
            guard case .placed(let placement) = decision else { return ["refused"] }
            return placement.evicting.map { bench.snapshot.allocations[$0]?.job.id ?? "?" }
        }
    }

    @Test(arguments: [64, 1])
    func onlyTenLowerGivesWay(indexedFrom: Int) {
        for (priority, gives) in [(40, true), (41, false), (50, false), (60, false), (1, true)] {
            var bench = bench(indexedFrom: indexedFrom, [(job("low", priority, memory: 3000), 1)])
            let decisions = bench.place(job("high", 50, memory: 2000))
            #expect(evicted(decisions, bench) == [gives ? ["low"] : ["refused"]], "priority \(priority)")
        }
    }

    @Test func onlyKindsThatMayPreempt() {
        for kind in JobKind.allCases {
            var bench = bench(rules: SchedulingRules(), [(job("low", 10, memory: 3000), 1)])
            let decisions = bench.place(job("high", 50, memory: 2000, kind: kind))
            #expect(evicted(decisions, bench) == [kind == .system ? ["low"] : ["refused"]], "\(kind)")
        }
    }

    @Test(arguments: [64, 1])
    func freeRoomIsUsedFirst(indexedFrom: Int) {
        var bench = bench(nodes: 2, indexedFrom: indexedFrom, [(job("low", 10, memory: 4000), 1)])
        let decisions = bench.place(job("high", 50, memory: 4000), times: 3)
        #expect(evicted(decisions, bench) == [[], ["low"], ["refused"]])
        #expect(bench.names(decisions) == ["n2", "n1", "-"])
    }

    @Test(arguments: [64, 1])
    func whoWasToldIsNotToldTwice(indexedFrom: Int) {
        var bench = bench(indexedFrom: indexedFrom, [(job("low", 10, memory: 1000), 4)])
        // Each needs the end of one more, and waits for those before it as well.
        let decisions = bench.place(job("high", 50, memory: 900), times: 5)
        let ends = decisions.map { decision in
            if case .placed(let placement) = decision { Set(placement.evicting) } else { Set<AllocationID>() }
        }
        #expect(ends.map(\.count) == [1, 2, 3, 4, 0])
        #expect(zip(ends.dropLast(), ends.dropFirst().dropLast()).allSatisfy { $0.isSubset(of: $1) })
    }

    @Test(arguments: [64, 1])
    func whatAVictimLeavesOverIsUsed(indexedFrom: Int) {
        let jobs = [(job("first", 10, memory: 2900), times: 1), (job("second", 20, memory: 1100), times: 1)]
        var bench = bench(indexedFrom: indexedFrom, jobs)
        // In one batch, and when the first has become true while its victim goes on for a while.
        #expect(evicted(bench.place(job("high", 50, memory: 900), times: 2), bench) == [["first"], ["first"]])
        #expect(evicted(bench.place(job("high", 50, memory: 900), times: 1), bench) == [["first"]])
        #expect(
            evicted(bench.place(job("high", 50, memory: 290), times: 2), bench) == [["first"], ["second", "first"]])
        for victim in bench.snapshot.allocations.sorted where victim.desired == .evict { bench.end(victim.id) }
        #expect(bench.session.vacancy(on: bench.snapshot.nodes.sorted[0].id)?.memoryMiB == 4096 - 3 * 900 - 2 * 290)
    }

    @Test(arguments: [64, 1])
    func nobodyIsToldWhereWaitingIsEnough(indexedFrom: Int) throws {
        let jobs = [
            (job("low", 10, memory: 4000), times: 1), (job("base", 90, memory: 3000), times: 1),
            (job("other", 10, memory: 1000), times: 1),
        ]
        var bench = bench(nodes: 2, indexedFrom: indexedFrom, jobs)
        let nodes = bench.snapshot.nodes.sorted.map(\.id)
        _ = bench.place(job("first", 50, memory: 1000)) { $0.pinned = nodes[0] }
        // The second node would be fuller, and nothing of another job would end at the first.
        let high = job("high", 50, memory: 1000)
        let lines = try bench.lines(high)
        #expect(lines["n1"]?.score != nil && lines["n2"]?.refusal == "memory: needs 1000 MiB, 96 MiB free")
        let decisions = bench.place(high, times: 3)
        #expect(bench.names(decisions) == ["n1", "n1", "n1"])
        #expect(evicted(bench.place(high), bench) == [["other"]])
    }

    @Test func whoIsAwaitedByAnyGoes() throws {
        let bench = bench([(job("low", 10, memory: 4000), 1)])
        var session = bench.session
        var entropy = Entropy(seed: 1)
        func ask(_ job: Job) throws -> (id: AllocationID, isPlaced: Bool) {
            let subject = try #require(PlacementSubject(job, group: "web"))
            let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            if case .placed = session.place([request], using: &entropy)[0] { return (request.allocation, true) }
            return (request.allocation, false)
        }
        // Not important enough to tell anybody: it is placed while the other goes anyway.
        let modest = job("modest", 15, memory: 100)
        #expect(try !ask(modest).isPlaced)
        let (first, second) = (try ask(job("high", 50, memory: 1000)), try ask(job("high", 50, memory: 1000)))
        session.release([first.id])
        let third = try ask(modest)
        #expect(third.isPlaced)
        session.release([second.id])
        #expect(try ask(modest).isPlaced)
        session.release([third.id])
        #expect(try ask(modest).isPlaced)
    }

    @Test func releasedReservationsTellNobody() throws {
        var session = bench([(job("low", 10, memory: 4000), 1)]).session
        let subject = try #require(PlacementSubject(job("high", 50, memory: 2000), group: "web"))
        var entropy = Entropy(seed: 1)
        for _ in 0..<2 {
            let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            let decisions = session.place([request], using: &entropy)
            guard case .placed(let placement) = decisions[0] else {
                Issue.record("was refused")
                return
            }
            #expect(placement.evicting.count == 1)
            session.release([request.allocation])
        }
    }

    @Test func priorityIsThatOfTheVersionThatRuns() {
        var bench = bench([(job("low", 10, memory: 4000), 1)])
        // The instance runs version 0 still.
        let raised = JobRecord(job: job("low", 80, memory: 4000), version: 1, submitTime: WallTime(nanoseconds: 0))
        bench.commit([.putJob(raised)])
        #expect(evicted(bench.place(job("high", 50, memory: 4000)), bench) == [["low"]])
        var purged = self.bench([(job("low", 10, memory: 4000), 1)])
        purged.commit([.removeJob(JobID("low"))])
        #expect(evicted(purged.place(job("high", 50, memory: 4000)), purged) == [["refused"]])
    }

    @Test(arguments: [64, 1])
    func theNodeThatLosesLeastWins(indexedFrom: Int) throws {
        var bench = bench(
            nodes: 3, indexedFrom: indexedFrom,
            [
                (job("a", 40, memory: 4000), 1), (job("b", 20, memory: 4000), 1), (job("c", 30, memory: 4000), 1),
            ])
        let high = job("high", 50, memory: 4000)
        let lines = try bench.lines(high)
        let fit = FitScore.fit(freeCPU: 9990.0 / 10_000, freeMemory: 96.0 / 4096)
        for (name, priority) in [("n1", 40), ("n2", 20), ("n3", 30)] {
            let part = VictimChoice.part([priority])
            #expect(lines[name]?.parts == ["binpack": fit, "preemption": part])
            #expect(lines[name]?.score?.isNearly((fit + part) / 2) == true && lines[name]?.evicting.count == 1)
        }
        let decisions = bench.place(high, times: 3)
        #expect(bench.names(decisions) == ["n2", "n3", "n1"])
    }

    @Test func portsPassFromVictimToSuccessor() throws {
        var low = job("low", 10, memory: 10)
        low.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 8080)])
        var high = low
        (high.id, high.priority) = (JobID("high"), 50)
        var bench = bench([(low, 1)])
        let decisions = bench.place(high)
        guard case .placed(let placement) = decisions[0] else {
            Issue.record("was refused")
            return
        }
        #expect(placement.resources.ports.map(\.value) == [8080])
        // The end of the victim does not free what its successor has.
        for victim in placement.evicting { bench.end(victim) }
        #expect(bench.names(bench.place(low)) == ["-"])
    }
}
