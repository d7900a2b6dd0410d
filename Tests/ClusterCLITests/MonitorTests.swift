import ClusterClient
import ClusterKit
import Synchronization
import Testing

@testable import ClusterCLI

@Suite struct MonitorTests {
    private func lines(_ report: Monitor.Report) -> [String] { report.lines }

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
                "      * Constraint \"datacenter\": 1 node excluded by filter (nodes that take work are in dc1)",
                "      * Resources exhausted on 1 node",
                "      * Dimension \"memory\" exhausted on 1 node",
                "      * memory: needs 9000 MiB, most free is 500 MiB on n1 (1 node looked at)",
                "    Evaluation \"99999999\" waits for room for the rest, which starts by itself then; "
                    + "see: cluster job why web",
                "    Should its roll-out fail before, for no progress within progress_deadline say, only another "
                    + "version of the job places the rest",
            ])
        // Only services are rolled out.
        var batch = Monitor()
        let work = try Story.evaluation(
            "complete", type: "batch", refusals: Story.tooLarge, blocked: "99999999-0000")
        let told = lines(batch.look(work, []))
        #expect(told.last?.hasSuffix("which starts by itself then; see: cluster job why web") == true, "\(told)")
    }

    @Test func partsThatWerePlacedAreAwaitedFirst() throws {
        var monitor = Monitor()
        let evaluation = try Story.evaluation("complete", refusals: Story.tooLarge)
        #expect(monitor.look(evaluation, [try Story.allocation(0, "pending")]).outcome == nil)
        #expect(monitor.look(evaluation, [try Story.allocation(0, "running")]).outcome == .notPlaced)
    }

    /// How work ends is its result, not a trouble of starting it; that nothing of it ever ran is one.
    @Test(arguments: [("service", true, Ending.failure), ("batch", true, .success), ("batch", false, .failure)])
    func failuresCountForServicesAndForWhatNeverRan(_ type: String, _ hasStarted: Bool, _ outcome: Ending) throws {
        var monitor = Monitor()
        let failed = try Story.allocation(0, "failed", description: "Failed tasks", hasStarted: hasStarted)
        let report = monitor.look(try Story.evaluation("complete", type: type), [failed])
        #expect(report.outcome == outcome)
        #expect(lines(report).contains("    Allocation \"aaaaaaa0\" status: \"failed\" (Failed tasks)"))
        #expect(lines(report).last?.contains("cluster alloc status aaaaaaa0") == true)
        #expect(lines(report).last?.contains("cluster alloc logs -stderr aaaaaaa0") == hasStarted)
    }

    @Test func whatNoNodeMayTakeDoesNotWaitForRoom() throws {
        var monitor = Monitor()
        let evaluation = try Story.evaluation("complete", refusals: Story.forbidden, blocked: "99999999-0000")
        let told = lines(monitor.look(evaluation, []))
        #expect(told.contains { $0.hasPrefix("    Evaluation \"99999999\" waits for nodes that may take the rest, ") })
    }

    @Test func whatWaitsForOtherWorkIsWatchedUntilItRuns() throws {
        var monitor = Monitor()
        let first = try Story.evaluation("complete", refusals: Story.held, blocked: "99999999-0000")
        let report = monitor.look(first, [try Story.allocation(0, "running")])
        #expect(report.outcome == nil && report.next == "99999999-0000")
        #expect(
            lines(report).suffix(4) == [
                "==> Evaluation \"11111111\" finished with status \"complete\"; the rest waits for other work:",
                "    Task Group \"web\" (waits with 1 allocation):", "      * Waits: group db is not healthy yet",
                "    It is placed once that has come; Ctrl-C ends only the watch",
            ])
        let placed = try Story.allocation(0, "running")
        let waiting = try Story.evaluation("blocked", refusals: Story.held)
        #expect(lines(monitor.lookWaiting(waiting, [placed])) == [], "what it waits for was told")
        let new = try Story.allocation(1, "pending", evaluation: "another", group: "web")
        let begun = monitor.lookWaiting(try Story.evaluation("complete"), [placed, new])
        #expect(begun.outcome == nil)
        #expect(lines(begun).last == "==> What it waited for has come")
        let runs = try Story.allocation(1, "running", evaluation: "another", group: "web")
        #expect(monitor.lookWaiting(try Story.evaluation("complete"), [placed, runs]).outcome == .success)
    }

    @Test func aWaitThatCannotEndIsNotWatchedForEver() throws {
        var monitor = Monitor()
        let first = try Story.evaluation("complete", type: "batch", refusals: Story.held, blocked: "99999999-0000")
        let failed = try Story.allocation(0, "failed", group: "db")
        #expect(monitor.look(first, [failed]).next != nil)
        let waiting = try Story.evaluation("blocked", type: "batch", refusals: Story.held)
        for _ in 0..<2 { #expect(monitor.lookWaiting(waiting, [failed]).outcome == nil) }
        #expect(monitor.lookWaiting(waiting, [failed]).outcome == .failure)
    }

    /// A failure of what nothing waits for, and one that was made good, let the others wait no longer than they must.
    @Test func aWaitThatMayEndIsWatched() throws {
        var replacement = try Story.allocation(0, "running", group: "db")
        replacement.id = "bbbbbbbb-cccc"
        replacement.createIndex = 5
        for placed in [
            [try Story.allocation(0, "failed", group: "test")],
            [replacement, try Story.allocation(0, "failed", group: "db")],
        ] {
            var monitor = Monitor()
            _ = monitor.look(
                try Story.evaluation("complete", type: "batch", refusals: Story.held, blocked: "99999999-0000"), placed)
            let waiting = try Story.evaluation("blocked", type: "batch", refusals: Story.held)
            for _ in 0..<5 { #expect(monitor.lookWaiting(waiting, placed).outcome == nil) }
        }
    }

    @Test func aWaitThatIsGivenUpPlacedNothing() throws {
        var monitor = Monitor()
        _ = monitor.look(try Story.evaluation("complete", refusals: Story.held, blocked: "99999999-0000"), [])
        let report = monitor.lookWaiting(try Story.evaluation("complete"), [])
        #expect(report.outcome == .notPlaced)
        #expect(lines(report).last?.contains("nothing was placed; see: cluster job status web") == true)
    }

    @Test func aWaitThatIsGivenUpAfterTheFirstWasPlacedIsNoSuccess() throws {
        var monitor = Monitor()
        let placed = [try Story.allocation(0, "running", group: "db")]
        _ = monitor.look(try Story.evaluation("complete", refusals: Story.held, blocked: "99999999-0000"), placed)
        let report = monitor.lookWaiting(try Story.evaluation("complete"), placed)
        #expect(report.outcome == .notPlaced)
        #expect(lines(report).last?.contains("nothing of group \"web\" was placed") == true)
        #expect(!lines(report).contains("==> What it waited for has come"))
    }

    @Test func whatHoldsAnInstanceUpIsToldOnceItHasWaited() throws {
        var monitor = Monitor()
        let waiting = try Story.allocation(0, "pending", event: "Template", hasStarted: false, state: "pending")
        let evaluation = try Story.evaluation("complete")
        #expect(!lines(monitor.look(evaluation, [waiting])).contains { $0.contains("why") }, "it may start at once")
        let report = monitor.look(evaluation, [waiting])
        #expect(lines(report) == ["    Allocation \"aaaaaaa0\" waits, task \"t\": why"])
        #expect(report.standing == ["    aaaaaaa0  web.app[0]  on n0  pending (t: why)"])
        #expect(lines(monitor.look(evaluation, [waiting])) == [])
    }

    @Test func preparationsHoldNothingUp() throws {
        var monitor = Monitor()
        let waiting = try Story.allocation(0, "pending", event: "Task Setup", hasStarted: false, state: "pending")
        _ = monitor.look(try Story.evaluation("complete"), [waiting])
        #expect(lines(monitor.look(try Story.evaluation("complete"), [waiting])) == [])
    }

    @Test func troublesAreToldWhileADeploymentIsWatched() throws {
        var monitor = Monitor()
        let broken = try Story.allocation(0, "running", event: "Restarting", state: "pending")
        #expect(monitor.troubles(of: [broken]) == ["    Task \"t\" of \"aaaaaaa0\": Restarting: why"])
        #expect(monitor.troubles(of: [broken]) == [])
    }

    @Test func thatNothingWasBegunIsSaidWithWhatIsThere() throws {
        let failed = try Story.allocation(0, "failed", hasStarted: false)
        let (line, outcome) = Monitor.nothingBegun([failed], of: "web")
        #expect(line.contains("Nothing was begun") && line.contains("(1 failed)"))
        #expect(line.contains("cluster job stop web"))
        #expect(outcome == .failure)
        let running = Monitor.nothingBegun([try Story.allocation(0, "running")], of: "web")
        #expect(running.outcome == .success && running.line.hasSuffix("(1 running)"))
        let ended = [try Story.allocation(0, "complete")]
        #expect(!Monitor.nothingBegun(ended, of: "web").line.contains("runs again"), "nothing of it is wanted")
        #expect(Monitor.nothingBegun(ended, of: "web", type: "batch").line.contains("runs again"))
        var leaving = try Story.allocation(1, "complete")
        leaving.desiredStatus = "stop"
        let fewer = Monitor.nothingBegun([try Story.allocation(0, "running"), leaving], of: "web", since: 2)
        #expect(fewer.line == "==> Nothing had to be placed: 1 instance ends, 1 stays, as the job wants it")
        #expect(fewer.outcome == .success)
        let before = Monitor.nothingBegun([try Story.allocation(0, "running"), leaving], of: "web", since: 3)
        #expect(before.line.contains("Nothing was begun"), "it ended for an earlier change")
        let told = Monitor.nothingBegun(
            [try Story.allocation(0, "running"), leaving], of: "web", since: 2, leaving: [leaving.id])
        #expect(told.line.contains("Nothing was begun"), "it was to end before, and only its end came after")
        #expect(Monitor.nothingBegun([], of: "web").line == "==> Nothing was begun: there is nothing to place")
    }

    /// The same file again is no other version.
    @Test func whatAFailedRollOutLeftOutIsNotAsTheJobWantsIt() throws {
        func said(_ status: String, there: Int) throws -> (line: String, outcome: Ending) {
            let rollout: DeploymentWire = try Story.decode(
                """
                {"ID":"dddddddd-1111","JobID":"web","JobVersion":4,"Status":"\(status)","StatusDescription":"too late",
                 "TaskGroups":{"app":{"DesiredTotal":3,"DesiredCanaries":0,"PlacedAllocs":2,"HealthyAllocs":2,
                 "UnhealthyAllocs":0,"Promoted":false,"AutoRevert":false}},"CreateIndex":1,"ModifyIndex":2}
                """)
            let all = try (0..<there).map { try Story.allocation($0, "running") }
            return Monitor.nothingBegun(all, of: "web", rollout: rollout)
        }
        let short = try said("failed", there: 2)
        #expect(short.outcome == .failure)
        #expect(short.line.hasPrefix("==> Nothing was begun: 2 of 3 instances are there, and the rest is not placed"))
        #expect(short.line.contains("roll-out of version 4 failed: too late") && short.line.contains("job scale"))
        for (status, there) in [("failed", 3), ("successful", 2)] {
            let whole = try said(status, there: there)
            #expect(whole.outcome == .success && whole.line.contains("as the job wants them"), "\(whole)")
        }
    }

    @Test func whoEndsForAnInstanceIsNamed() throws {
        var monitor = Monitor()
        var placed = try Story.allocation(0, "pending")
        placed.preempted = ["bbbbbbbb-1", "cccccccc-2"]
        let told = lines(monitor.look(try Story.evaluation("complete"), [placed]))
        let line =
            "    Allocation \"aaaaaaa0\" takes the room of 2 instances of other jobs, which end "
            + "for it: bbbbbbbb, cccccccc"
        #expect(told.contains(line), "\(told)")
        #expect(lines(monitor.look(try Story.evaluation("complete"), [placed])) == [])
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

    /// However much changes meanwhile: a watch lasts a time, not a number of changes.
    @Test func aWatchOfManyChangesEndsWithTheStory() async throws {
        let pending = [try Story.allocation(0, "pending")]
        let source = ScriptedSource(
            evaluations: [try Story.evaluation("complete")],
            allocations: Array(repeating: pending, count: 500) + [[try Story.allocation(0, "failed")]])
        var watch = Watch(source: source, monitor: Monitor(), screen: Screen(isInteractive: false, write: { _ in }))
        #expect(try await watch.run("11111111-2222") == .failure)
    }

    @Test func aWatchGoesOnWithWhatWaitsForOtherWork() async throws {
        let source = ScriptedSource(
            evaluations: [
                try Story.evaluation("complete", refusals: Story.held, blocked: "99999999-0000"),
                try Story.evaluation("blocked", refusals: Story.held), try Story.evaluation("complete"),
            ],
            allocations: [
                [try Story.allocation(0, "running")], [try Story.allocation(0, "running")],
                [
                    try Story.allocation(0, "running"),
                    try Story.allocation(1, "running", evaluation: "another", group: "web"),
                ],
            ])
        let output = Mutex("")
        let screen = Screen(isInteractive: false) { text in output.withLock { $0 += text } }
        var watch = Watch(source: source, monitor: Monitor(), screen: screen)
        #expect(try await watch.run("11111111-2222") == .success)
        #expect(output.withLock { $0 }.contains("aaaaaaa1"))
        #expect(output.withLock { $0 }.contains("What it waited for has come"))
    }

    @Test func aWatchOfWhatFindsNoRoomEndsAndTellsItOnce() async throws {
        let pending = [try Story.allocation(0, "pending")]
        let source = ScriptedSource(
            evaluations: [
                try Story.evaluation("complete", refusals: Story.held, blocked: "99999999-0000"),
                try Story.evaluation("blocked", refusals: Story.tooLarge),
            ],
            allocations: [pending])
        let output = Mutex("")
        let screen = Screen(isInteractive: false) { text in output.withLock { $0 += text } }
        var watch = Watch(source: source, monitor: Monitor(), screen: screen, patience: .milliseconds(20))
        #expect(try await watch.run("11111111-2222") == .success)
        #expect(output.withLock { $0 }.split(separator: "Resources exhausted").count == 2, "\(output.withLock { $0 })")
    }

    /// An instance that waits for a secret may do so for ever; its deployment does not.
    @Test(arguments: [("failed", Ending.failure), ("cancelled", .failure), ("running", .success)])
    func aWatchOfWhatDoesNotStartEndsWithItsDeployment(_ status: String, _ outcome: Ending) async throws {
        let deployment: DeploymentWire = try Story.decode(
            """
            {"ID":"dddddddd-1","JobID":"web","JobVersion":0,"Status":"\(status)","StatusDescription":"no progress",
             "CreateIndex":1,"ModifyIndex":2}
            """)
        let source = ScriptedSource(
            evaluations: [try Story.evaluation("complete")], allocations: [[try Story.allocation(0, "pending")]],
            deployment: deployment)
        let output = Mutex("")
        let screen = Screen(isInteractive: false) { text in output.withLock { $0 += text } }
        var watch = Watch(source: source, monitor: Monitor(), screen: screen, patience: .milliseconds(20))
        #expect(try await watch.run("11111111-2222") == outcome)
        let told = "==> Deployment \"dddddddd\" \(status), and not all of it has started: no progress\n"
        #expect(output.withLock { $0 }.hasSuffix(told) == (outcome == .failure))
    }
}

/// Gives one answer after the other, the last one again and again.
private final class ScriptedSource: ProgressSource {
    private let evaluations: Mutex<[EvaluationWire]>
    private let allocations: Mutex<[[AllocationWire]]>
    private let deployment: DeploymentWire?

    init(evaluations: [EvaluationWire], allocations: [[AllocationWire]], deployment: DeploymentWire? = nil) {
        self.deployment = deployment
        self.evaluations = Mutex(evaluations)
        self.allocations = Mutex(allocations)
    }

    func evaluation(_ id: String, after index: Revision) async throws -> (EvaluationWire, Revision) {
        (evaluations.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }, index.next)
    }

    func deployment(since evaluation: EvaluationWire) async throws -> DeploymentWire? { deployment }

    func allocations(of job: String, after index: Revision) async throws -> ([AllocationWire], Revision) {
        (allocations.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }, index.next)
    }
}
