import Testing

@testable import ClusterKit

/// What results of a check come to, by tables: `p`, `w` and `c` are results and what is told, `.` says that nothing
/// is told, `!` that a restart follows.
@Suite struct CheckTrackerTests {
    private static let start = Now(wall: WallTime(nanoseconds: 5_000), uptime: Uptime(nanoseconds: 0))

    private func told(
        _ results: String, every interval: Duration = .seconds(20), initial: CheckHealth = .critical,
        output: (Int) -> String = { _ in "same" }, _ change: (inout CheckSpec) -> Void = { _ in }
    ) -> String {
        var spec = CheckSpec(name: "c", kind: "tcp", interval: interval, timeout: .seconds(1))
        spec.initialStatus = initial.rawValue
        change(&spec)
        var tracker = CheckTracker(spec, startedAt: Self.start.uptime)
        var known = CheckStatus(
            service: "s", index: 0, name: "c", kind: "tcp", health: initial, since: Self.start.wall)
        var isTold = false
        var told = ""
        for (number, letter) in results.enumerated() {
            let passed = interval * (number + 1)
            let now = Now(wall: Self.start.wall + passed, uptime: Self.start.uptime + passed)
            let verdict = tracker.take(
                ProbeOutcome(Self.health(letter), output(number)), known: known, isTold: isTold, at: now)
            told += verdict.news.map { Self.letter($0.health) } ?? "."
            if verdict.restarts { told += "!" }
            if let news = verdict.news {
                if !isTold || news.health != known.health { #expect(news.since == now.wall) }
                known = news
                isTold = true
            }
        }
        return told
    }

    private static func health(_ letter: Character) -> CheckHealth {
        switch letter {
        case "p": .passing
        case "w": .warning
        default: .critical
        }
    }

    private static func letter(_ health: CheckHealth) -> String { String(health.rawValue.prefix(1)) }

    @Test func aSteadyCheckTellsOnce() {
        #expect(told("pppppp") == "p.....")
        #expect(told("cccccc") == "c.....")
        // What it says while it passes is nobody's business.
        #expect(told("pppp") { "\($0)" } == "p...")
    }

    @Test func theFirstResultIsToldEvenIfItWasExpected() {
        #expect(told("pp", initial: .passing) == "p.")
        #expect(told("wp", initial: .warning) == "wp")
    }

    @Test func everyChangeIsToldAtOnce() {
        #expect(told("pcpwcw") == "pcpwcw")
    }

    @Test func newWordsOfAFailingCheckAreToldNowAndThen() {
        #expect(told("ccc", every: .seconds(20)) { "\($0)" } == "ccc")
        #expect(told("cccccc", every: .seconds(4)) { "\($0)" } == "c..c..")
    }

    @Test(arguments: [
        (0, 0, "pcpc", "pcpc"), (1, 1, "pcpc", "pcpc"), (0, 3, "pccpccc", "p.....c"), (3, 0, "ppcppp", "..c..p"),
        (2, 2, "pcpcpcppcc", ".......p.c"), (2, 0, "wwp", ".wp"),
    ])
    func flappingIsDamped(_ needed: Int, _ failures: Int, _ results: String, _ expected: String) {
        let told = told(results) {
            $0.successBeforePassing = needed
            $0.failuresBeforeCritical = failures
        }
        #expect(told == expected)
    }

    @Test(arguments: [
        (0, false, "ccccc", "c...."), (1, false, "ccp", "c!.!p"), (3, false, "ccccccp", "c..!...!p"),
        (3, false, "ccpccc", "c.pc..!"), (2, false, "wc", "wc!"), (2, true, "wcwcc", "wcwc.!"),
    ])
    func badResultsInARowRestart(_ limit: Int, _ ignores: Bool, _ results: String, _ expected: String) {
        let told = told(results) {
            $0.restartLimit = limit
            $0.restartIgnoresWarnings = ignores
        }
        #expect(told == expected)
    }

    @Test func withinTheGraceNothingCounts() {
        let told = told("cccccc", every: .seconds(10)) {
            $0.restartLimit = 2
            $0.restartGrace = .seconds(35)
        }
        #expect(told == "c....!.")
    }

    @Test func whatTheDampingHoldsBackDoesNotCount() {
        let told = told("cccccc") {
            $0.restartLimit = 2
            $0.failuresBeforeCritical = 3
        }
        #expect(told == "..c..!...".prefix(7).description || told == "..c.!..")
    }
}
