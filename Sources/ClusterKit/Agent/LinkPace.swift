/// When each of an agent's calls is made: at most one of a kind is waited for, and a call that failed waits longer
/// each time.
struct LinkPace: Sendable {
    private struct Pace {
        var isUnderWay = false
        /// How many were begun.
        var number: UInt64 = 0
        var began = Uptime(nanoseconds: 0)
        var failures = 0
        var due: Uptime?
    }

    private var paces = [Pace](repeating: Pace(), count: LinkCall.allCases.count)
    private let policy: AgentPolicy

    init(policy: AgentPolicy) { self.policy = policy }

    /// Begins a call unless one is under way or must wait; says whether it did.
    mutating func begin(_ call: LinkCall, at now: Uptime) -> Bool {
        let pace = paces[call.rawValue]
        guard !pace.isUnderWay, pace.due.map({ $0 <= now }) ?? true else { return false }
        paces[call.rawValue].isUnderWay = true
        paces[call.rawValue].number += 1
        paces[call.rawValue].began = now
        paces[call.rawValue].due = nil
        return true
    }

    /// The call was answered; the next may follow after `pause`.
    mutating func succeeded(_ call: LinkCall, nextAfter pause: Duration = .zero, at now: Uptime) {
        paces[call.rawValue].isUnderWay = false
        paces[call.rawValue].failures = 0
        paces[call.rawValue].due = pause > .zero ? now + pause : nil
    }

    /// The call failed: the wait doubles up to the longest, half of it drawn by chance. Gives the count of failures
    /// in a row.
    mutating func failed(_ call: LinkCall, at now: Uptime, using entropy: inout Entropy) -> Int {
        let failures = noteFailure(of: call)
        wait(call, retry: failures, upTo: policy.longestRetry, at: now, using: &entropy)
        return failures
    }

    /// The call failed and is urgent: it is repeated at once, and only then waits, never longer than `longest`. Gives
    /// the count of failures in a row.
    mutating func failedUrgently(
        _ call: LinkCall, longest: Duration, at now: Uptime, using entropy: inout Entropy
    ) -> Int {
        let failures = noteFailure(of: call)
        if failures == 1 {
            paces[call.rawValue].due = nil
        } else {
            wait(call, retry: failures - 1, upTo: min(longest, policy.longestRetry), at: now, using: &entropy)
        }
        return failures
    }

    private mutating func noteFailure(of call: LinkCall) -> Int {
        paces[call.rawValue].isUnderWay = false
        paces[call.rawValue].failures += 1
        return paces[call.rawValue].failures
    }

    private mutating func wait(
        _ call: LinkCall, retry: Int, upTo longest: Duration, at now: Uptime, using entropy: inout Entropy
    ) {
        let full = min(policy.firstRetry * (1 << min(retry - 1, 20)), longest)
        paces[call.rawValue].due = now + full / 2 + entropy.jitter(upTo: full / 2)
    }

    /// Lets the call be made now.
    mutating func hurry(_ call: LinkCall) { paces[call.rawValue].due = nil }

    /// Lets the call be made anew though one is under way, which is waited for no longer.
    mutating func renew(_ call: LinkCall) {
        paces[call.rawValue].isUnderWay = false
        hurry(call)
    }

    /// The number of the newest call of a kind.
    func number(of call: LinkCall) -> UInt64 { paces[call.rawValue].number }

    /// Whether an answer to call `number` is waited for; `nil` stands for the newest.
    func awaits(_ call: LinkCall, _ number: UInt64?) -> Bool { number.map { $0 == self.number(of: call) } ?? true }

    /// How often the call has failed in a row.
    func failures(of call: LinkCall) -> Int { paces[call.rawValue].failures }

    /// When the call was last begun.
    func began(_ call: LinkCall) -> Uptime { paces[call.rawValue].began }

    /// How long the call has been under way.
    func age(of call: LinkCall, at now: Uptime) -> Duration { now - paces[call.rawValue].began }

    /// When a call that waits may be made.
    func due(_ call: LinkCall) -> Uptime? {
        let pace = paces[call.rawValue]
        return pace.isUnderWay ? nil : pace.due
    }
}
