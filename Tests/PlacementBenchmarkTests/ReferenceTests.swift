import ClusterKit
import ClusterTesting
import Testing

@testable import PlacementBenchmark

/// What the index and the scheduler's session are measured by makes the same decisions.
@Suite struct ReferenceTests {
    private func bench(_ kind: Workload.Kind, machines: Int) -> Bench {
        Bench(
            machines: Machine.standard(machines), shapes: Workload.shapes(kind, seed: 1), workload: kind.rawValue,
            seconds: 0.01, seed: 1)
    }

    /// A course knows what was asked for in vain only from what was placed.
    @Test(arguments: Workload.Kind.allCases) func scansMakeTheCourseOfTheIndex(kind: Workload.Kind) {
        let bench = bench(kind, machines: 39)
        let empty = IndexContender(bench.machines)
        var (field, entropy) = (Field(empty, bench.shapes, bench.queries), Entropy(seed: 7))
        let count = field.fill(most: .max, &entropy)
        let course = Course(field.tenants, ShapeDraw(bench.shapes), Entropy(seed: 7))
        #expect(course.placed == count && course.steps.count > count)
        var (index, arrays, records) = (empty, ArrayContender(bench.machines), RecordScan(bench.machines))
        for step in course.steps {
            let query = bench.queries[Int(step.shape)]
            let node = step.node == Course.nowhere ? nil : step.node
            #expect(index.place(query) == node && arrays.place(query) == node && records.place(query) == node)
        }
        #expect(course.rate(bench.shapes, bench.queries, 0.001) { ArrayContender(bench.machines) } > 0)
    }

    @Test func aCourseWithoutPlacementsHasNoRate() {
        let bench = bench(.mix, machines: 1)
        #expect(Course().rate(bench.shapes, bench.queries, 0.001) { RecordScan(bench.machines) }.isNaN)
    }

    /// Its scores are of single precision.
    @Test(arguments: Workload.Kind.allCases, [false, true])
    func theScanForJobsTakesTheBestNode(kind: Workload.Kind, isSpread: Bool) {
        let bench = bench(kind, machines: 39)
        let order = JobOrder(bench, isSpread: isSpread)
        var scan = JobScan(bench.machines, racks: Bench.racks)
        var reference = ReferenceSession(bench.machines.snapshot(racks: Bench.racks))
        var entropy = Entropy(seed: 1)
        var placed = 0
        for number in 0..<8 {
            guard let subject = order.subject(of: number) else { continue }
            let total = Resources(
                cpuMHz: order.shape(of: number).cpu, memoryMiB: order.shape(of: number).memory,
                diskMiB: order.shape(of: number).disk)
            scan.begin(order, number)
            for _ in 0..<order.count {
                let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
                let verdicts = reference.judge(request)
                let best = ReferenceSession.best(of: verdicts)?.offer?.score
                guard let node = scan.place() else {
                    #expect(best == nil)
                    break
                }
                let score = verdicts.first { $0.node.id == node }?.offer?.score
                #expect(abs((score ?? -9) - (best ?? 9)) < 1e-5, "\(number): \(node)")
                reference.reserve(
                    request, Placement(node: node, resources: AllocatedResources(total: total), score: score ?? 0))
                placed += 1
            }
        }
        #expect(placed > 100)
    }

    // MARK: Figures

    /// Only the times of single decisions are shown.
    @Test(arguments: [
        (Scenario.one, ["one", "search"], true), (Scenario.count, ["count"], false), (Scenario.fill, ["fill"], true),
        (Scenario.churn, ["churn", "session"], true), (Scenario.classes, ["classes"], true),
        (Scenario.spread, ["spread"], false), (Scenario.anti, ["anti"], false),
    ])
    func bothReferencesAreMeasured(scenario: Scenario, lines: [String], isTimed: Bool) async throws {
        let figures = try await bench(.mix, machines: 39).run(scenario)
        for line in lines {
            let figure = try #require(figures.first { $0.scenario == line })
            #expect(figure.perSecond > 0 && figure.placements > 0, "\(line)")
            #expect(figure.referencePerSecond ?? 0 > 0 && figure.scanPerSecond ?? 0 > 0, "\(line)")
            #expect((figure.p50ns ?? 0 > 0) == isTimed && (figure.p99ns ?? 0 > 0) == isTimed, "\(line)")
            #expect((figure.unindexedPerSecond != nil) == (line == "session"))
        }
    }

    /// None chooses by arrays who leaves.
    @Test func preemptionIsMeasuredByThePlainScheduler() async throws {
        let figures = try await bench(.mix, machines: 39).run(.preempt)
        #expect(figures.map(\.scenario) == ["preempt", "preempt-any"])
        for figure in figures {
            #expect(figure.perSecond > 0 && figure.scanPerSecond ?? 0 > 0 && figure.p99ns ?? 0 > 0)
            #expect(figure.referencePerSecond == nil)
        }
    }
}
