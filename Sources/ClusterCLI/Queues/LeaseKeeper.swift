import ClusterClient
import ClusterKit
import Synchronization

/// Renews the lease of an item, and knows how long the worker may believe in it.
final class LeaseKeeper: Sendable {
    /// What to make of a server that says that the lease is over.
    enum Belief: Sendable {
        /// It is over: nothing may be done under it any more.
        case yielding
        /// It may be over just because its end was told and taken; whoever tells that end is told the truth.
        case insisting
    }

    private enum Answer {
        case kept
        case refused(String)
        case away
    }

    private struct State {
        var term: LeaseTerm
        /// Why the newest renewal was not answered.
        var failure: String?
    }

    /// The errors that say that the item is not the worker's any more.
    static let losses: Set<ClusterError.Code> = [.conflict, .notFound]

    private let client: ClusterClient
    private let ticket: WorkTicket
    private let lease: Duration
    private let state: Mutex<State>

    /// Keeps the item of `ticket`, which was asked for at `asked` and answered with a lease of `length`. No term counts
    /// as longer than `lease`, which the worker had stated: what one server grants beyond, another does not know of.
    init(
        _ client: ClusterClient, _ ticket: WorkTicket, lease: Duration, asked: ContinuousClock.Instant, length: Duration
    ) {
        self.client = client
        self.ticket = ticket
        self.lease = lease
        state = Mutex(State(term: LeaseTerm(asked: asked, length: min(lease, length))))
    }

    /// How long the worker may believe that it has the item.
    var term: LeaseTerm { state.withLock { $0.term } }

    /// Renews a lease that may be old already, before anything is done under it: a claim that waited was answered long
    /// after it was sent, and only the server knows when in between its lease began.
    ///
    /// - Returns: why the lease is lost; `nil` when it is not, and when the task is canceled.
    func confirm() async -> String? {
        let start = ContinuousClock.now
        guard start >= term.renewal else { return nil }
        let end = start + term.length
        repeat {
            switch await renew() {
            case .kept: return nil
            case .refused(let reason): return reason
            case .away:
                guard await Self.sleep(until: ContinuousClock.now + term.pause) else { return nil }
            }
        } while ContinuousClock.now < end
        return unheard
    }

    /// Renews the lease again and again.
    ///
    /// - Returns: what the server said when the lease is over and that is believed; `nil` when the task is canceled.
    func keep(_ belief: Belief) async -> String? {
        var next = term.renewal
        while await Self.sleep(until: next) {
            let answer = await renew()
            if case .refused(let reason) = answer, belief == .yielding { return reason }
            next = ContinuousClock.now + term.pause
            if case .kept = answer { next = max(next, term.renewal) }
        }
        return nil
    }

    /// Waits until the worker has to stop, as no renewal was answered in time, whatever became of those under way.
    ///
    /// - Returns: why the item is not the worker's for much longer; `nil` when the task is canceled.
    func expiry() async -> String? {
        while true {
            let stop = term.stop
            guard await Self.sleep(until: stop) else { return nil }
            // It may have been renewed meanwhile.
            if term.stop <= stop { return unheard }
        }
    }

    private var unheard: String {
        let failure = state.withLock { $0.failure } ?? "the server does not answer"
        return "its lease of \(lease.compactText) could not be renewed: \(failure)\n"
            + "Another worker may get the item once the lease is over, so nothing goes on under it."
    }

    private func renew() async -> Answer {
        let asked = ContinuousClock.now
        do {
            let length = try await Patience.bounded(by: term.patience) { [client, ticket] in
                try await client.renew(ticket)
            }
            let term = LeaseTerm(asked: asked, length: min(lease, length))
            state.withLock { $0 = State(term: term) }
            return .kept
        } catch let error as ClusterError where Self.losses.contains(error.code) {
            return .refused(error.message)
        } catch {
            let failure = "\(error)"
            state.withLock { $0.failure = failure }
            return .away
        }
    }

    /// Whether the moment came before the task was canceled.
    private static func sleep(until moment: ContinuousClock.Instant) async -> Bool {
        do {
            try await Task.sleep(until: moment, clock: .continuous)
            return true
        } catch {
            return false
        }
    }
}
