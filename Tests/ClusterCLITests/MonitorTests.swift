import ClusterClient
import ClusterKit
import Synchronization
import Testing

@testable import ClusterCLI

@Suite struct MonitorTests {
    private func lines(_ report: Monitor.Report) -> [String] {
        report.news.map { news in
            switch news {
            case .note(let line), .change(let line): line
            }
        }
    }

    @Test func aStartIsToldStepByStep() throws {
        var monitor = Monitor()
        var report = monitor.look(try Story.evaluation("pending"), [])
        #expect(lines(report) == ["==> Evaluation \"11111111\" of job \"web\""])
        #expect(report.outcome == nil)
        report = monitor.look(try Story.evaluation("complete"), [try Story.allocation(0, "pending")])
        #expect(
            lines(report) == [
                "    Allocation \"aaaaaaa0\" created: node \"n0\", group \"app\"",
                "==> Evaluation \"11111111\" finished with status \"complete\"",
            ])
        #expect(report.outcome == nil)
        report = monitor.look(try Story.evaluation("complete"), [try Story.allocation(0, "running")])
        #expect(lines(report) == ["    Allocation \"aaaaaaa0\" status: \"pending\" -> \"running\""])
        #expect(report.outcome == .success)
        #expect(report.standing == ["    aaaaaaa0  web.app[0]  on n0  running"])
    }

    @Test func whatDoesNotFitIsSaidWithAmounts() throws {
        var monitor = Monitor()
        let evaluation = try Story.evaluation("complete", refusals: Story.tooLarge, blocked: "99999999-0000")
        let report = monitor.look(evaluation, [])
        #expect(report.outcome == .notPlaced)
        #expect(
            lines(report) == [
                "==> Evaluation \"11111111\" of job \"web\"",
                "==> Evaluation \"11111111\" finished with status \"complete\" but not everything could be placed:",
                "    Task Group \"app\" (failed to place 3 allocations):",
                "      * Constraint \"datacenter\": 1 node excluded by filter",
                "      * Resources exhausted on 1 node",
                "      * Dimension \"memory\" exhausted on 1 node",
                "      * memory: needs 9000 MiB, most free is 500 MiB on n1 (1 node looked at)",
                "    Evaluation \"99999999\" waits for room for the rest",
            ])
    }

    @Test func partsThatWerePlacedAreAwaitedFirst() throws {
        var monitor = Monitor()
        let evaluation = try Story.evaluation("complete", refusals: Story.tooLarge)
        #expect(monitor.look(evaluation, [try Story.allocation(0, "pending")]).outcome == nil)
        #expect(monitor.look(evaluation, [try Story.allocation(0, "running")]).outcome == .notPlaced)
    }

    @Test(arguments: [("service", ExitStatus.failure), ("batch", .success)])
    func failuresCountForServicesOnly(_ type: String, _ outcome: ExitStatus) throws {
        var monitor = Monitor()
        let failed = try Story.allocation(0, "failed", description: "Failed tasks")
        let report = monitor.look(try Story.evaluation("complete", type: type), [failed])
        #expect(report.outcome == outcome)
        #expect(lines(report).contains("    Allocation \"aaaaaaa0\" status: \"failed\" (Failed tasks)"))
        #expect(lines(report).last?.contains("cluster alloc logs -stderr aaaaaaa0") == true)
    }

    @Test func troublesAreToldOnce() throws {
        var monitor = Monitor()
        let broken = try Story.allocation(0, "pending", event: "Driver Failure")
        let evaluation = try Story.evaluation("complete")
        #expect(
            lines(monitor.look(evaluation, [broken])).contains("    Task \"t\" of \"aaaaaaa0\": Driver Failure: why"))
        #expect(lines(monitor.look(evaluation, [broken])) == [])
    }

    @Test(arguments: ["failed", "canceled"]) func aFailedEvaluationIsAnError(_ status: String) throws {
        var monitor = Monitor()
        #expect(monitor.look(try Story.evaluation(status), []).outcome == .failure)
    }

    @Test func terminalsAreRewrittenAndPipesAreNot() throws {
        let evaluation = try Story.evaluation("complete")
        let stories = [try Story.allocation(0, "pending")], later = [try Story.allocation(0, "running")]
        for isInteractive in [true, false] {
            let output = Mutex("")
            var screen = Screen(isInteractive: isInteractive) { text in output.withLock { $0 += text } }
            var monitor = Monitor()
            screen.show(monitor.look(evaluation, stories))
            screen.show(monitor.look(evaluation, later))
            let text = output.withLock { $0 }
            #expect(text.contains("\u{1B}[1A\u{1B}[J    aaaaaaa0  web.app[0]  on n0  running\n") == isInteractive)
            #expect(text.contains("\"pending\" -> \"running\"") == !isInteractive)
        }
    }

    @Test func aWatchEndsWithTheStory() async throws {
        let source = ScriptedSource(
            evaluations: [try Story.evaluation("pending"), try Story.evaluation("complete")],
            allocations: [
                [], [try Story.allocation(0, "pending"), try Story.allocation(7, "failed", evaluation: "another")],
                [try Story.allocation(0, "running")],
            ])
        let output = Mutex("")
        let screen = Screen(isInteractive: false) { text in output.withLock { $0 += text } }
        var watch = Watch(source: source, monitor: Monitor(), screen: screen)
        #expect(try await watch.run("11111111-2222") == .success)
        #expect(output.withLock { $0 }.hasSuffix("\"pending\" -> \"running\"\n"))
        #expect(!output.withLock { $0 }.contains("aaaaaaa7"))
    }
}

/// Gives one answer after the other, the last one again and again.
private final class ScriptedSource: ProgressSource {
    private let evaluations: Mutex<[EvaluationWire]>
    private let allocations: Mutex<[[AllocationWire]]>

    init(evaluations: [EvaluationWire], allocations: [[AllocationWire]]) {
        self.evaluations = Mutex(evaluations)
        self.allocations = Mutex(allocations)
    }

    func evaluation(_ id: String, after index: Revision) async throws -> (EvaluationWire, Revision) {
        (evaluations.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }, index.next)
    }

    func allocations(of job: String, after index: Revision) async throws -> ([AllocationWire], Revision) {
        (allocations.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }, index.next)
    }
}
