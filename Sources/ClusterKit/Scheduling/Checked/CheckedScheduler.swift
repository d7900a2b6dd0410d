/// A scheduler whose answers are taken as they are: it is this package's own, or breaks its promises on purpose, so
/// that others can find that.
package protocol TrustedScheduler: Scheduler {}

/// A scheduler that somebody else wrote. Its answers are looked at before anybody relies on them: one that gives what
/// is not there, or ends what must not end, becomes a refusal that says so.
struct CheckedScheduler: Scheduler {
    private let inner: any Scheduler

    /// `scheduler` with its answers checked, unless they are trusted.
    static func of(_ scheduler: any Scheduler) -> any Scheduler {
        scheduler is any TrustedScheduler ? scheduler : CheckedScheduler(inner: scheduler)
    }

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        CheckedSession(inner: inner.session(on: snapshot), ledger: PlacementLedger(snapshot))
    }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        inner.explain(request, on: snapshot)
    }
}

private struct CheckedSession: SchedulingSession {
    var inner: any SchedulingSession
    var ledger: PlacementLedger

    mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
        ledger.apply(batch)
        return inner.apply(batch)
    }

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        let answers = inner.place(requests, using: &entropy)
        var seen: Set<AllocationID> = []
        return requests.indices.map { number in
            let request = requests[number]
            guard number < answers.count else { return .refused(.unanswered) }
            guard case .placed(var placement) = answers[number] else { return answers[number] }
            if let mistake = ledger.mistake(in: placement, for: request) {
                // What the same allocation got with an answer before stays.
                if !seen.contains(request.allocation) { inner.release([request.allocation]) }
                return .refused(Refusal(because: "the scheduler's answer was not taken: \(mistake)"))
            }
            seen.insert(request.allocation)
            // Names are looked up: that of a stranger may be wrong.
            placement.nodeName = nil
            ledger.reserve(request, placement)
            return .placed(placement)
        }
    }

    mutating func release(_ reserved: [AllocationID]) {
        ledger.release(reserved)
        inner.release(reserved)
    }

    func vacancy(on node: NodeID) -> Vacancy? { inner.vacancy(on: node) }
}
