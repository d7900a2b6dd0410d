import ClusterKit
import Testing

@Suite struct RestartTrackerTests {
    private let policy = RestartPolicy(attempts: 2, interval: .seconds(60), delay: .seconds(8))

    private func at(_ seconds: Int) -> WallTime { WallTime(nanoseconds: Int64(1_000_000 + seconds) * 1_000_000_000) }

    /// Fails at each of the given seconds; gives what was decided.
    private func play(
        _ policy: RestartPolicy, failuresAt seconds: [Int], kind: JobKind = .service,
        outcome: RestartTracker.Outcome = .failed
    ) -> [RestartTracker.Decision] {
        var tracker = RestartTracker()
        var entropy = Entropy(seed: 1)
        tracker.started(at: at(0))
        return seconds.map { tracker.decide(after: outcome, kind: kind, policy: policy, at: at($0), using: &entropy) }
    }

    private func restarts(_ decisions: [RestartTracker.Decision]) -> [Bool] {
        decisions.map { if case .restart = $0 { true } else { false } }
    }

    @Test func attemptsAreCountedWithinTheWindow() {
        let decisions = play(policy, failuresAt: [1, 20, 59])
        #expect(restarts(decisions) == [true, true, false])
        #expect(
            decisions.last
                == .fail(reason: "Exceeded allowed attempts 2 in interval 1m0s and mode is \"fail\""))
    }

    @Test func theWindowIsFixedAndEndsOnlyAfterItsLastMoment() {
        // At exactly start + interval the window still holds; one second later a new one begins there.
        #expect(restarts(play(policy, failuresAt: [1, 2, 60])) == [true, true, false])
        #expect(restarts(play(policy, failuresAt: [1, 2, 61, 100, 121])) == [true, true, true, true, false])
        // A sliding window would have let the third failure pass, as the first is more than 60 s before it.
        #expect(restarts(play(policy, failuresAt: [61, 120, 121])) == [true, true, false])
        #expect(restarts(play(policy, failuresAt: [61, 120, 122])) == [true, true, true])
    }

    @Test func delayIsLengthenedByAtMostAQuarter() {
        var seen = Set<Duration>()
        for seed in 0..<200 {
            var tracker = RestartTracker()
            var entropy = Entropy(seed: UInt64(seed))
            let decision = tracker.decide(after: .failed, kind: .batch, policy: policy, at: at(0), using: &entropy)
            guard case .restart(let delay, "Restart within policy") = decision else {
                Issue.record("expected a restart, got \(decision)")
                return
            }
            #expect(delay >= .seconds(8) && delay < .seconds(10))
            seen.insert(delay)
        }
        #expect(seen.count > 150)
    }

    @Test func modeDelayWaitsForTheEndAndCountsAnew() {
        let policy = RestartPolicy(attempts: 1, interval: .seconds(60), delay: .zero, mode: .delay)
        let decisions = play(policy, failuresAt: [10, 20, 61, 65])
        let reason = "Exceeded allowed attempts 1 in interval 1m0s, applying a delay"
        #expect(decisions[1] == .restart(after: .seconds(40), reason: reason))
        #expect(decisions[2] == .restart(after: .zero, reason: "Restart within policy"))
        #expect(decisions[3] == .restart(after: .seconds(55), reason: reason))
    }

    @Test func whatEndsWellIsDoneForBatchAndRestartedForServices() {
        #expect(restarts(play(policy, failuresAt: [1], kind: .batch, outcome: .succeeded)) == [false])
        #expect(
            play(policy, failuresAt: [1], kind: .batch, outcome: .succeeded)
                == [.finished(reason: "Restart unnecessary as task terminated successfully")])
        #expect(restarts(play(policy, failuresAt: [1, 2, 3], outcome: .succeeded)) == [true, true, false])
    }

    @Test func unrecoverableErrorsAndZeroAttemptsFailAtOnce() {
        #expect(play(policy, failuresAt: [1], outcome: .cannotStart) == [.fail(reason: "Error was unrecoverable")])
        let none = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .zero)
        #expect(play(none, failuresAt: [1]) == [.fail(reason: "Policy allows no restarts")])
    }

    @Test func aClockSetBackGivesNoRestartsAndNoEndlessWait() {
        let policy = RestartPolicy(attempts: 1, interval: .seconds(60), delay: .zero, mode: .delay)
        let decisions = play(policy, failuresAt: [10, -100_000])
        guard case .restart(let wait, _) = decisions[1] else {
            Issue.record("expected a wait")
            return
        }
        #expect(wait == .seconds(60))
    }

    @Test func theWindowSurvivesOnDisk() throws {
        var tracker = RestartTracker()
        var entropy = Entropy(seed: 1)
        tracker.started(at: at(0))
        _ = tracker.decide(after: .failed, kind: .service, policy: policy, at: at(1), using: &entropy)
        #expect(try RestartTracker(decoding: tracker.encoded) == tracker)
    }
}
