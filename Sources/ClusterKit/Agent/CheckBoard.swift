/// Names a check on a machine.
package struct CheckID: Hashable, Comparable, Sendable {
    /// The allocation.
    package var allocation: AllocationID
    /// The service by `PlacedService.key`.
    package var service: String
    /// The place among the checks of its service, from 0.
    package var index: Int

    package init(_ allocation: AllocationID, service: String, index: Int) {
        self.allocation = allocation
        self.service = service
        self.index = index
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.allocation, left.service, left.index) < (right.allocation, right.service, right.index)
    }
}

/// One asking of one check: what a result names, so that a late one is not taken for a newer one's.
package struct CheckRun: Hashable, Sendable {
    /// The check.
    package var check: CheckID
    /// Counts the askings of all checks.
    package var number: UInt64

    package init(_ check: CheckID, number: UInt64) {
        self.check = check
        self.number = number
    }
}

/// When each check of each running service is made.
///
/// A check is first made within a second of the start of what it asks, spread by chance; then each time `interval`
/// after the last one began, and never while that one is still under way. One that takes longer than its timeout has
/// failed, and its answer is waited for before the next begins.
struct CheckBoard: Sendable {
    /// When something is to be done next.
    private(set) var due: Uptime?
    private var entries: [CheckID: Entry] = [:]
    private var begun: UInt64 = 0

    /// A check and how far it has come.
    private struct Entry {
        var check: PlacedCheck
        var tracker: CheckTracker
        var stage: Stage

        var moment: Uptime? {
            switch stage {
            case .resting(let due): due
            case .asking(_, _, let deadline): deadline
            case .overdue: nil
            }
        }
    }

    private enum Stage {
        case resting(until: Uptime)
        case asking(UInt64, since: Uptime, deadline: Uptime)
        /// It took too long and was judged; its answer is still to come.
        case overdue(UInt64, since: Uptime)
    }

    /// What is to be done about a check.
    enum Duty {
        case ask(CheckRun, PlacedCheck)
        case timedOut(PlacedCheck)
    }

    /// The most that first askings are spread by.
    static let longestSpread: Duration = .seconds(1)

    /// Lets the checks of an allocation be these and no others. One that is there with the same words goes on as it
    /// was.
    mutating func follow(
        _ checks: [PlacedCheck], of allocation: AllocationID, at now: Uptime, using entropy: inout Entropy
    ) {
        let wanted = Set(checks.map(\.id))
        let gone = entries.keys.filter { $0.allocation == allocation && !wanted.contains($0) }
        for id in gone { entries[id] = nil }
        for check in checks where entries[check.id]?.check != check {
            let spread = entropy.jitter(upTo: min(check.spec.interval, Self.longestSpread))
            entries[check.id] = Entry(
                check: check, tracker: CheckTracker(check.spec, startedAt: now), stage: .resting(until: now + spread))
        }
        findDue()
    }

    /// What has come due, in a fixed order. What is handed out to be asked counts as begun.
    mutating func duties(at now: Uptime) -> [Duty] {
        guard let due, due <= now else { return [] }
        var duties: [Duty] = []
        for id in entries.keys.sorted() {
            guard var entry = entries[id], let moment = entry.moment, moment <= now else { continue }
            switch entry.stage {
            case .resting:
                begun += 1
                entry.stage = .asking(begun, since: now, deadline: now + entry.check.spec.timeout)
                duties.append(.ask(CheckRun(id, number: begun), entry.check))
            case .asking(let number, let since, _):
                entry.stage = .overdue(number, since: since)
                duties.append(.timedOut(entry.check))
            case .overdue: break
            }
            entries[id] = entry
        }
        findDue()
        return duties
    }

    /// Takes an answer: gives the check that it is about, `nil` when it was judged already or is about none.
    mutating func answered(_ run: CheckRun, at now: Uptime) -> PlacedCheck? {
        guard var entry = entries[run.check] else { return nil }
        let (began, isLate): (Uptime, Bool)
        switch entry.stage {
        case .asking(run.number, let since, _): (began, isLate) = (since, false)
        case .overdue(run.number, let since): (began, isLate) = (since, true)
        default: return nil
        }
        entry.stage = .resting(until: max(now, began + entry.check.spec.interval))
        entries[run.check] = entry
        findDue()
        return isLate ? nil : entry.check
    }

    /// Judges a result; `nil` when the check is gone.
    mutating func judge(
        _ outcome: ProbeOutcome, of id: CheckID, known: CheckStatus, isTold: Bool, at now: Now
    ) -> CheckTracker.Verdict? {
        entries[id]?.tracker.take(outcome, known: known, isTold: isTold, at: now)
    }

    private mutating func findDue() { due = entries.values.lazy.compactMap(\.moment).min() }
}
