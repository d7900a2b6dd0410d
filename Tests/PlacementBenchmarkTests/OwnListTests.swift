import ArgumentParser
import ClusterKit
import Foundation
import Testing

@testable import PlacementBenchmark

/// Lists of a user's own are measured, or refused with a word about what is wrong.
@Suite struct OwnListTests {
    private func withFile<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
        let path = NSTemporaryDirectory() + "own-list-\(UUID()).csv"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func mistake(_ text: String, _ read: (String) throws -> some Any) throws -> String {
        try withFile(text) { path in
            do {
                _ = try read(path)
                return ""
            } catch {
                return (error as? ClusterError)?.message ?? "\(error)"
            }
        }
    }

    // MARK: Files

    @Test func listsAreRead() throws {
        let shapes = try withFile(
            "name,count,cpu_mhz,memory_mib,disk_mib\r\nweb,3,500,256,300\r\n\r\nidle,0,0,16,0\r\n"
        ) {
            try InputFile.shapes($0)
        }
        #expect(
            shapes == [
                Shape(cpu: 500, memory: 256, disk: 300, weight: 3), Shape(cpu: 0, memory: 16, disk: 0, weight: 0),
            ])
        let machines = try withFile(
            "\u{FEFF}name,cpu_mhz,memory_mib,disk_mib,class\nb,2,3,4,big\na,5,6,7,small\nc,1,1,1,big\n"
        ) {
            try InputFile.machines($0)
        }
        #expect(machines.map(\.name) == ["a", "b", "c"] && machines.map(\.kind) == [1, 0, 0])
        #expect(machines.snapshot().nodes.sorted.map(\.nodeClass) == ["small", "big", "big"])
        #expect(machines[0].amounts.memory == 6)
    }

    @Test(arguments: [
        ("web,3,0,0,300", "line 3: it asks for neither cpu_mhz nor memory_mib"),
        ("web,1000001,1,1,1", "line 3: count must be a whole number from 0 to 1000000, it is \"1000001\""),
        ("web,1,99999999999999,1,1", "line 3: cpu_mhz must be a whole number from 0 to 70368744177664"),
        ("web,0,1,1,1", "every count is 0"), ("web,1,1,1", "line 3: 5 columns are wanted, there are 4"),
    ])
    func shapesThatCannotBeDrawnAreRefused(line: String, words: String) throws {
        let message = try mistake("name,count,cpu_mhz,memory_mib,disk_mib\n\n\(line)\n") { try InputFile.shapes($0) }
        #expect(message.contains(words), "\(message)")
    }

    @Test func namesOfMachinesAreTheirOwn() throws {
        let lines = "name,cpu_mhz,memory_mib,disk_mib,class\na,1,1,1,x\nb,1,1,1,x\na,2,2,2,y\n"
        let message = try mistake(lines) { try InputFile.machines($0) }
        #expect(message.contains("line 4: there is another machine named \"a\""), "\(message)")
    }

    @Test func somethingHasToFit() throws {
        let machine = Machine(name: "a", amounts: PlacementIndex.Amounts(cpu: 1000, memory: 1000, disk: 1000))
        let small = Shape(cpu: 1000, memory: 1000, disk: 1000), large = Shape(cpu: 1, memory: 1001, disk: 1)
        try InputFile.check([large, small], on: [machine])
        #expect(throws: ValidationError.self) { try InputFile.check([large], on: [machine]) }
        let never = Shape(cpu: 1, memory: 1, disk: 1, weight: 0)
        #expect(throws: ValidationError.self) { try InputFile.check([large, never], on: [machine]) }
    }

    /// 16,385 times 2^46 is beyond 2^60.
    @Test func sumsStayNumbers() throws {
        let lines = (0..<16_385).map { "m\($0),1,70368744177664,1,x\n" }.joined()
        let message = try mistake("name,cpu_mhz,memory_mib,disk_mib,class\n" + lines) { try InputFile.machines($0) }
        #expect(message.contains("memory_mib of all machines is more than 1152921504606846976 in all"), "\(message)")
    }

    /// A machine of the pools has 28,672 MiB.
    @Test func poolsRefuseWhatDoesNotFit() {
        let bench = bench([Shape(cpu: 1, memory: 1, disk: 1), Shape(cpu: 2400, memory: 40_000, disk: 300)])
        for scenario in [Scenario.pack, .tidy] {
            let objection = bench.objection(to: scenario) ?? ""
            let words = "2400 MHz, 40000 MiB of memory and 300 MiB of disk fits on none of its machines"
            #expect(objection.contains(words), "\(objection)")
        }
        #expect(bench.objection(to: .fill) == nil && bench.pool().isEmpty)
    }

    @Test(arguments: Workload.Kind.allCases) func poolsHaveRoomForWhatIsDrawn(kind: Workload.Kind) {
        let bench = bench(Workload.shapes(kind, seed: 1))
        #expect(bench.poolMisfit == nil && bench.objection(to: .tidy) == nil)
    }

    private func bench(_ shapes: [Shape], machines: Int = 2) -> Bench {
        Bench(machines: Machine.standard(machines), shapes: shapes, workload: "own", seconds: 0.01, seed: 1)
    }

    // MARK: Drawing

    @Test(arguments: [1, 1 << 20]) func shapesComeAsOftenAsTheyWeigh(unit: Int) {
        let draw = ShapeDraw([1, 0, 3].map { Shape(cpu: 1, memory: 1, disk: 1, weight: $0 * unit) })
        var entropy = Entropy(seed: 1)
        var counts = [0, 0, 0]
        for _ in 0..<10_000 { counts[draw.next(&entropy)] += 1 }
        #expect(counts[1] == 0 && (2300...2700).contains(counts[0]), "\(counts)")
    }

    /// A job of `spread` or `anti` is as likely as its shape, and what never comes is in the way of nothing.
    @Test func jobsComeAsOftenAsTheyWeigh() {
        let shapes = [1, 0, 3].map { Shape(cpu: 10 + $0, memory: 1, disk: 1, weight: $0) }
        let bench = bench(shapes + [Shape(cpu: .max, memory: 1, disk: 1, weight: 0)])
        #expect(bench.shapes == [shapes[0], shapes[2]] && bench.poolMisfit == nil)
        let order = JobOrder(bench, isSpread: true)
        let rare = (0..<4000).count { order.shape(of: $0) == shapes[0] }
        #expect((900...1100).contains(rare) && order.variety == 2, "\(rare)")
    }

    @Test func jobsAskForTheirDisk() {
        let bench = bench([Shape(cpu: 1, memory: 2, disk: 77)])
        #expect(bench.shapes[0].job("a").groups.map(\.disk.sizeMiB) == [77])
        #expect(JobOrder(bench, isSpread: false).subject(of: 0)?.group.disk.sizeMiB == 77)
    }

    @Test(arguments: [(1, 1), (2, 1), (5, 3), (256, 128)]) func halfOfTheClassesAreAdmitted(kinds: Int, half: Int) {
        var entropy = Entropy(seed: 1)
        let levels = Bench.half(of: kinds, &entropy)
        #expect(levels.count == kinds && levels.count { $0 == 1 } == half && levels.allSatisfy { $0 < 2 })
        if kinds == 256 { #expect(Bench.half(of: kinds, &entropy) != levels) }
    }

    // MARK: Ends

    /// Thousands would fit.
    @Test func memoryIsBounded() async throws {
        var bench = bench([Shape(cpu: 1, memory: 1, disk: 0)])
        (bench.mostOnIndex, bench.mostInSession) = (100, 100)
        var field = Field(IndexContender(bench.machines), bench.shapes, bench.queries)
        var entropy = Entropy(seed: 1)
        let filling = field.fill(most: bench.mostOnIndex, &entropy)
        #expect(filling.placed == 100)
        // Whole rounds of a hundred.
        for scenario in [Scenario.one, .count] {
            let figure = try await bench.run(scenario)[0]
            #expect(figure.placements > 0 && figure.placements % 100 == 0, "\(scenario)")
        }
        #expect(bench.pool().map(\.placements) == [100])
        #expect(bench.preempt(isMixed: true).isEmpty)
    }

    /// Four instances of this never fit on one machine.
    @Test func measurementsEndWhereNoJobFits() async throws {
        let bench = Bench(
            machines: [Machine(name: "a", amounts: PlacementIndex.Amounts(cpu: 1000, memory: 1000, disk: 10_000))],
            shapes: [Shape(cpu: 600, memory: 10, disk: 300), Shape(cpu: 700, memory: 10, disk: 300)],
            workload: "own", seconds: 0.01, seed: 1)
        let figures = try await bench.run(.anti)
        #expect(figures.map(\.placements).first == 0)
        #expect(figures[0].isEmpty && !figures[1].isEmpty)
        for isJSON in [false, true] { Report(isJSON: isJSON).show(figures[0]) }
    }

    /// Each takes 16 MiB.
    @Test func lookingSaysHowManyRun() {
        let machine = Machine(name: "a", amounts: PlacementIndex.Amounts(cpu: 1000, memory: 1600, disk: 1000))
        let looks = ReconcileScenario(machines: [machine], count: 200).run(rounds: 1)
        #expect(looks.map { $0.1.running } == [100, 100])
    }

    @Test func figuresWithoutAValueAreShown() {
        var figure = Figure(scenario: "one", workload: "own", nodes: 1)
        (figure.perSecond, figure.p50ns, figure.referencePerSecond) = (.nan, .infinity, 0)
        Report(isJSON: false).show(figure)
    }

    /// As the contract of the machine-readable lines has them.
    @Test func linesForMachinesAreJSON() throws {
        var figure = Figure(scenario: "one", workload: "a\"b\\c\u{1}\n.csv", nodes: 3)
        (figure.states, figure.p50ns) = (7, .infinity)
        guard case .object(let object) = try JSONParser.parse(Array(Report.json(figure).utf8)) else {
            Issue.record("no object")
            return
        }
        #expect(object["workload"] == .string("a\"b\\c\u{1}\n.csv") && object["nodes"] == .integer(3))
        #expect(object["states"] == .integer(7) && object["p50ns"] == .null && object["perSecond"] == .null)
        let wanted = [
            "scenario", "workload", "nodes", "placements", "seconds", "perSecond", "p50ns", "p99ns",
            "referencePerSecond", "bytesPerNode", "bytesPerAllocation", "scanPerSecond", "statesPerSearch", "nodesUsed",
            "lowerBound",
        ]
        #expect(Set(wanted).isSubset(of: object.members.map { $0.name }))
    }

    // MARK: The command

    @Test(arguments: [
        ["--nodes", ""], ["--scenario", "pack", "--nodes-file", "x"], ["--scenario", "day", "--jobs-file", "x"],
        ["--seconds", "3601"], ["--scenario", "commit", "--seconds", "21"], ["--nodes", "39", "--nodes-file", "x"],
        ["--workload", "mix", "--jobs-file", "x"], ["--scenario", "reconcile", "--workload", "mix"],
        ["--scenario", "commit", "--workload", "heavy"], ["--scenario", "day", "--workload", "day"],
        ["--scenario", "commit", "--nodes-file", "x"], ["--scenario", "pack", "--nodes", "39"],
        ["--scenario", "tidy", "--nodes", "39"],
    ])
    func whatWouldBeIgnoredIsRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try PlacementBenchmark.parse(arguments) }
    }

    /// Some scenarios use it, and so does `preempt` for one of its lines.
    @Test(arguments: [
        ["--workload", "heavy"], ["--nodes", "39"], ["--nodes-file", "x", "--jobs-file", "y"],
        ["--scenario", "preempt", "--workload", "heavy"], ["--scenario", "commit", "--nodes", "39"],
    ])
    func whatIsUsedIsAccepted(arguments: [String]) throws { _ = try PlacementBenchmark.parse(arguments) }

    /// Each second of it is so many jobs that must be kept.
    @Test func manySecondsLeaveCommitOut() throws {
        _ = try PlacementBenchmark.parse(["--seconds", "3600"])
        _ = try PlacementBenchmark.parse(["--scenario", "commit", "--seconds", "20"])
        let bench = Bench(machines: [], shapes: [], workload: "own", seconds: 3600, seed: 1)
        #expect(bench.objection(to: .commit) != nil && bench.objection(to: .one) == nil)
    }

    @Test func helpSaysWhatEachScenarioDoes() {
        let help = PlacementBenchmark.helpMessage(columns: 1000)
        for scenario in Scenario.allCases {
            #expect(help.contains("\(scenario.rawValue): \(scenario.meaning)"), "\(scenario)")
        }
    }
}
