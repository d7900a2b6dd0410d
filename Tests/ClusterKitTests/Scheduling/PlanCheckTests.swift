import ClusterTesting
import Testing

@testable import ClusterKit

/// The check of plans finds what it is there for.
@Suite struct PlanCheckTests {
    let shop = JobID("shop")

    private func bench() -> (SchedulingBench, Allocation, Evaluation) {
        var bench = SchedulingBench(nodes: sampleNodes(1))
        bench.register(.sample())
        let evaluation = bench.evaluation(of: shop)
        bench.look(at: evaluation)
        return (bench, bench.live(shop)[0], evaluation)
    }

    private func rules(_ changes: [Change], reason: String = "because") -> Set<String> {
        let (bench, _, evaluation) = bench()
        var plan = Plan(revision: bench.snapshot.revision, evaluation: evaluation.id)
        for change in changes { plan.add(change, because: reason) }
        return Set(PlanCheck.violations(of: plan, on: bench.snapshot).map(\.rule))
    }

    @Test func findsDoublesAndFullNodes() {
        let (_, running, _) = bench()
        var double = running
        double.id = AllocationID(high: 9, low: 9)
        #expect(rules([.putAllocation(double)]) == ["one live instance for each name"])
        double.index = 1
        #expect(rules([.putAllocation(double)]) == [])
        #expect(rules([.putAllocation(double)], reason: "") == ["a change has a reason"])
        double.resources.total.memoryMiB = 100_000
        #expect(rules([.putAllocation(double)]) == ["no node is over-filled"])
        double.resources.total.memoryMiB = 4096
        double.preempted = [running.id]
        #expect(rules([.putAllocation(double)]) == [], "it has the room of one that ends before")
        double.preempted = []
        #expect(rules([.putAllocation(double)]) == ["no node is over-filled"])
        double.resources = running.resources
        double.resources.ports = [PortMapping(label: "a", value: 80), PortMapping(label: "b", value: 80)]
        double.resources.cores = ["a": [1], "b": [1]]
        #expect(rules([.putAllocation(double)]) == ["a port has one holder", "a core has one holder"])
        double.node = NodeID(high: 5, low: 5)
        #expect(rules([.putAllocation(double)]) == ["instances are placed on nodes that exist"])
    }

    @Test func findsStepsBack() {
        var (bench, running, evaluation) = bench()
        running.client = .failed
        running.desired = .stop
        bench.commit([.putAllocation(running)])
        var back = running
        back.client = .running
        back.desired = .run
        back.index = 4
        var plan = Plan(revision: .zero, evaluation: evaluation.id)
        for _ in 0..<2 { plan.add(.putAllocation(back), because: "because") }
        let rules = Set(PlanCheck.violations(of: plan, on: bench.snapshot).map(\.rule))
        #expect(
            rules == [
                "a plan names its revision", "a plan changes an instance once", "an ended instance stays ended",
                "a stopped instance stays stopped", "an instance stays where it is",
            ])
        var blocked = evaluation
        blocked.status = .blocked
        var other = blocked
        other.id = EvaluationID(high: 7, low: 7)
        #expect(self.rules([.putEvaluation(blocked), .putEvaluation(other)]) == ["one evaluation of a job waits"])
    }

    /// Answers what it is told to.
    private struct Scripted: SchedulingSession {
        var answers: [Decision]
        mutating func apply(_ batch: ChangeBatch) -> FreedRoom { FreedRoom() }
        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] { answers }
        mutating func release(_ reserved: [AllocationID]) {}
        func vacancy(on node: NodeID) -> Vacancy? { nil }
    }

    @Test func plannerFollowsAnyScheduler() throws {
        var (bench, running, _) = bench()
        bench.register(.sample("big", count: 2))
        let placement = Placement(
            node: running.node, resources: running.resources, score: 0.5, evicting: [running.id])
        bench.session = Scripted(answers: [.placed(placement)])
        bench.look(at: JobID("big"))
        #expect(bench.numbers(JobID("big")) == [0])
        let victim = try #require(bench.snapshot.allocations[running.id])
        #expect(victim.desired == .evict && victim.desiredDescription == "made room for big.web[0]")
        let waiting = bench.evaluations(JobID("big"), .blocked)
        #expect(waiting.first?.refusals["web"]?.shortages == ["the scheduler gave no answer"])
    }
}
