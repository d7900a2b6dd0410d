/// Judges the results of one check during one life of what it asks: damps flapping, counts towards a restart, and says
/// when there is news for the servers.
///
/// As Consul counts, `success_before_passing` good results in a row (a warning is good) make a check pass or warn, and
/// `failures_before_critical` bad ones make it critical; 0 and 1 mean at once. As Nomad counts, `check_restart` takes
/// effect after `limit` bad results in a row, warnings included unless they are ignored, none of them within `grace`
/// of the start. A bad result that the damping still holds back does not count.
struct CheckTracker: Hashable, Sendable {
    private let spec: CheckSpec
    private let graceEnd: Uptime
    private var successes = 0
    private var failures = 0
    private var badInARow = 0
    private var outputWritten: Uptime?

    /// How long the words of a check that goes on failing may be out of date: each change of them is a write.
    static let outputPause: Duration = .seconds(10)

    /// What follows from a result.
    struct Verdict: Hashable, Sendable {
        /// What the check now finds; `nil` when nothing is worth telling.
        var news: CheckStatus?
        /// Whether what it asks shall be restarted.
        var restarts = false
    }

    /// Begins at a start, or when an agent found it running.
    init(_ spec: CheckSpec, startedAt start: Uptime) {
        self.spec = spec
        graceEnd = start + max(.zero, spec.restartGrace)
    }

    /// Takes a result. `known` is what the servers were last told; `isTold` says whether that was a result at all.
    mutating func take(_ outcome: ProbeOutcome, known: CheckStatus, isTold: Bool, at now: Now) -> Verdict {
        let counts = count(outcome.health)
        var verdict = Verdict(restarts: isDueForRestart(outcome.health, counts: counts, at: now.uptime))
        guard counts else { return verdict }
        var news = known
        news.output = outcome.output
        if !isTold || known.health != outcome.health {
            news.health = outcome.health
            news.since = now.wall
        } else if outcome.health == .passing || known.output == outcome.output || !mayRewrite(at: now.uptime) {
            return verdict
        }
        outputWritten = now.uptime
        verdict.news = news
        return verdict
    }

    /// Counts a result and says whether enough agree with it.
    private mutating func count(_ health: CheckHealth) -> Bool {
        guard health == .critical else {
            failures = 0
            successes = min(successes, .max - 1) + 1
            return successes >= spec.successBeforePassing
        }
        successes = 0
        failures = min(failures, .max - 1) + 1
        return failures >= spec.failuresBeforeCritical
    }

    private mutating func isDueForRestart(_ health: CheckHealth, counts: Bool, at now: Uptime) -> Bool {
        let isBad = health == .critical || health == .warning && !spec.restartIgnoresWarnings
        guard isBad else {
            badInARow = 0
            return false
        }
        guard spec.restartLimit > 0, counts, now >= graceEnd else { return false }
        badInARow += 1
        guard badInARow >= spec.restartLimit else { return false }
        badInARow = 0
        return true
    }

    private func mayRewrite(at now: Uptime) -> Bool { outputWritten.map { now - $0 >= Self.outputPause } ?? true }
}
