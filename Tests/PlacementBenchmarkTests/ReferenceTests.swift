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
        let count = field.fill(most: .max, &entropy).placed
        let course = Course(field.tenants, ShapeDraw(bench.shapes), Entropy(seed: 7))
        #expect(course.placed == count && course.steps.count > count)
        var (index, arrays, records) = (empty, ArrayContender(bench.machines), RecordScan(bench.machines))
        let prepared = arrays.prepared(bench.queries)
        for step in course.steps {
            let query = bench.queries[Int(step.shape)]
            let found = [index.place(query), arrays.place(prepared[Int(step.shape)]), records.place(query)]
            let node = step.node == Course.nowhere ? nil : step.node
            #expect(found == [node, node, node])
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
        #expect(figures.map(\.scenario) == ["preempt", "preempt-first", "preempt-any", "preempt-any-first"])
        #expect(figures.map(\.workload) == ["fixed", "fixed", "mix", "mix"])
        for figure in figures { #expect(figure.perSecond > 0 && figure.p50ns ?? 0 > 0) }
        for figure in [figures[0], figures[2]] {
            #expect(figure.perSecond > 0 && figure.scanPerSecond ?? 0 > 0 && figure.p99ns ?? 0 > 0)
            #expect(figure.referencePerSecond == nil)
        }
    }

    /// How full `heavy` makes machines is decided by their memory.
    @Test(arguments: Workload.Kind.allCases) func machinesAreFilledToTheLoad(kind: Workload.Kind) {
        let bench = bench(kind, machines: 1000)
        let load = bench.load(85, of: bench.machines)
        var (field, entropy) = (Field(IndexContender(bench.machines), bench.shapes, bench.queries), Entropy(seed: 1))
        let filling = field.fill(to: load, most: .max, &entropy)
        #expect(filling.shortOf == nil && (1..<1.01).contains(field.held.part(of: load)))
    }

    @Test func theLoadIsThatOfTheScarceAmount() {
        let machine = { (cpu: Int, memory: Int) in
            Machine(name: "a", amounts: PlacementIndex.Amounts(cpu: cpu, memory: memory, disk: 1000))
        }
        let shapes = [Shape(cpu: 10, memory: 10, disk: 0), Shape(cpu: 30, memory: 10, disk: 0)]
        let bench = Bench(machines: [], shapes: shapes, workload: "own", seconds: 0.01, seed: 1)
        // Ten by memory and five by processor time.
        let load = bench.load(80, of: [machine(1000, 100), machine(100, 1000)])
        #expect(load == PlacementIndex.Amounts(cpu: 240, memory: 120))
        let idle = Bench(
            machines: [], shapes: [Shape(cpu: 0, memory: 10, disk: 0)], workload: "own", seconds: 0.01, seed: 1)
        #expect(idle.load(80, of: [machine(7, 100)]) == PlacementIndex.Amounts(cpu: .max, memory: 80))
    }

    /// What ended before the load was held is known.
    @Test func missesThatEndAFillingAreKnown() {
        let machine = Machine(name: "a", amounts: PlacementIndex.Amounts(cpu: 100, memory: 100, disk: 100))
        let shapes = [Shape(cpu: 60, memory: 1, disk: 1)]
        let queries = [PlacementQuery(cpu: 60, memory: 1, disk: 1)]
        var (field, entropy) = (Field(IndexContender([machine]), shapes, queries), Entropy(seed: 1))
        let filling = field.fill(to: PlacementIndex.Amounts(cpu: 80, memory: 100), most: 9, &entropy)
        #expect(filling.placed == 1 && filling.shortOf == 0.75)
        field = Field(IndexContender([machine]), shapes, queries)
        let whole = field.fill(most: 9, &entropy)
        #expect(whole.placed == 1 && whole.shortOf == nil)
    }

    /// Where a small one left there is seldom room for a large one, and the load comes back all the same.
    @Test func churnKeepsTheLoadUp() {
        let machine = Machine(name: "a", amounts: PlacementIndex.Amounts(cpu: 100, memory: 1000, disk: 100))
        let shapes = [60, 20].map { Shape(cpu: $0, memory: 1, disk: 1) }
        let queries = shapes.map { PlacementQuery(cpu: $0.cpu, memory: 1, disk: 1) }
        var (field, entropy) = (Field(IndexContender([machine]), shapes, queries), Entropy(seed: 1))
        _ = field.fill(most: .max, &entropy)
        #expect(field.held.cpu == 100)
        _ = field.churn(500, &entropy)
        var full = 0
        for _ in 0..<500 {
            _ = field.churn(1, &entropy)
            if field.heldPart == 1 { full += 1 }
        }
        #expect(full > 0)
        let sums = field.tenants.reduce(into: PlacementIndex.Amounts(cpu: 0, memory: 0)) {
            $0.add(shapes[Int($1.shape)], times: 1)
        }
        #expect(sums == field.held)
    }

    /// A copy shares nothing, and takes the queries that the other prepared.
    @Test func copiedFieldsAreIndependent() {
        let bench = bench(.mix, machines: 39)
        let empty = Field(IndexContender(bench.machines), bench.shapes, bench.queries)
        var first = empty.copied(), second = empty.copied()
        var entropies = [Entropy(seed: 3), Entropy(seed: 3)]
        _ = first.fill(most: 100, &entropies[0])
        _ = second.fill(most: 100, &entropies[1])
        #expect(first.tenants == second.tenants && empty.tenants.isEmpty)
    }

    @Test func searchesSayHowManyFoundRoom() async throws {
        let figures = try await bench(.heavy, machines: 39).run(.one)
        let figure = try #require(figures.first { $0.scenario == "search" })
        let found = try #require(figure.found)
        #expect(found > 0.5 && found <= 1, "\(found)")
    }

    @Test func mediansAreOfNumbersOnly() {
        let (odd, even): ([Double], [Double]) = ([3, 1, 2], [4, 1, 2, 8])
        let (mixed, none): ([Double], [Double]) = ([.nan, 5, .infinity], [.nan])
        #expect(odd.median == 2 && even.median == 3 && mixed.median == 5 && none.median.isNaN)
    }

    // MARK: Commit

    /// Every large job of a cluster that holds few is placed, and every line says that it belongs to `commit`.
    @Test func commitRegistersNoMoreThanFits() async throws {
        let bench = Bench(machines: Machine.standard(2), shapes: [], workload: "own", seconds: 0.02, seed: 1)
        #expect(bench.roomInCommit == 1280 && bench.objection(to: .commit) == nil)
        let figures = try await bench.run(.commit)
        #expect(figures.allSatisfy { $0.scenario.hasPrefix("commit") && $0.workload == "equal" })
        #expect(Set(figures.map(\.scenario)).count == figures.count)
        for figure in figures where !figure.scenario.hasPrefix("commit-single") {
            #expect(figure.placements == 1000, "\(figure.scenario)")
        }
        let names = figures.map(\.scenario)
        let wanted = ["commit-plan", "commit-session", "commit", "commit-open", "commit-single", "commit-single-open"]
        for name in wanted { #expect(names.contains(name), "\(name)") }
        let single = Bench(machines: Machine.standard(1), shapes: [], workload: "own", seconds: 1, seed: 1)
        #expect(single.objection(to: .commit) != nil)
    }
}
