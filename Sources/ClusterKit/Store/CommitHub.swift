import DequeModule
import Synchronization

/// The reading side that all stores share: the durable state, the newest batches, and the followers that wait for more.
///
/// Followers pull from one window, so a slow one costs nothing; when the window has moved past it, it gets the whole
/// state.
public final class CommitHub: Sendable {
    private struct State {
        var durable: Snapshot
        var window: Deque<ChangeBatch> = []
        var kept = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
        var closed = false
    }

    /// Identifies the log, so that a cursor of another one is not mistaken for a place in this one.
    public let lineage: UInt64
    private let limit: Int
    private let state: Mutex<State>

    /// Starts at `durable` and keeps batches of up to `limit` changes in all.
    public init(lineage: UInt64, durable: Snapshot = Snapshot(), limit: Int = 16_384) {
        self.lineage = lineage
        self.limit = limit
        state = Mutex(State(durable: durable))
    }

    /// The newest durable state.
    public var durable: Snapshot { state.withLock { $0.durable } }

    /// Makes a written group visible and wakes the followers.
    public func publish(_ group: [ChangeBatch], head: Snapshot) {
        let waiters = state.withLock { state in
            state.durable = head
            for batch in group {
                state.window.append(batch)
                state.kept += batch.changes.count + 1
            }
            while state.kept > limit, let oldest = state.window.popFirst() { state.kept -= oldest.changes.count + 1 }
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Replaces the state wholly: the followers start anew from it.
    public func reset(to head: Snapshot) {
        let waiters = state.withLock { state in
            state.durable = head
            state.window.removeAll()
            state.kept = 0
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends all followers.
    public func close() {
        let waiters = state.withLock { state in
            state.closed = true
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        defer { state.waiters.removeAll() }
        return state.waiters.keys.sorted().compactMap { state.waiters[$0] }
    }

    private enum Step {
        case element(FollowElement, Cursor)
        case wait(after: Revision)
        case end
    }

    private func step(after cursor: Cursor) -> Step {
        state.withLock { state in
            if state.closed { return .end }
            let revision = state.durable.revision
            if cursor.lineage == lineage, cursor.revision == revision { return .wait(after: revision) }
            if cursor.lineage == lineage, cursor.revision < revision, let first = state.window.first {
                let place = Cursor(lineage: lineage, revision: cursor.revision.next)
                let offset = place.revision.number.subtractingReportingOverflow(first.revision.number)
                if !offset.overflow, offset.partialValue < UInt64(state.window.count) {
                    let batch = state.window[Int(offset.partialValue)]
                    // A store that published a gap must not hand out what does not follow.
                    if batch.revision == place.revision { return .element(.batch(batch, state.durable), place) }
                }
            }
            return .element(.resync(state.durable), Cursor(lineage: lineage, revision: revision))
        }
    }

    /// The next element after `cursor`, which it moves; `nil` when the store is closed or the caller's task is
    /// canceled.
    package func next(after cursor: inout Cursor) async -> FollowElement? {
        while !Task.isCancelled {
            switch step(after: cursor) {
            case .element(let element, let place):
                cursor = place
                return element
            case .wait(let revision): await wait(beyond: revision)
            case .end: return nil
            }
        }
        return nil
    }

    private func wait(beyond revision: Revision) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let moved = state.withLock { state in
                    guard state.durable.revision == revision, !state.closed, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if moved { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}

/// The batches of a store from some place on, as they become durable. Ends when the store is closed.
public struct Follow: AsyncSequence, Sendable {
    private let hub: CommitHub
    private let cursor: Cursor

    /// Follows `hub`, on which a store publishes what it wrote.
    public init(hub: CommitHub, after cursor: Cursor) {
        self.hub = hub
        self.cursor = cursor
    }

    /// Begins at the cursor.
    public func makeAsyncIterator() -> Iterator { Iterator(hub: hub, cursor: cursor) }

    /// Hands out one element after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let hub: CommitHub
        /// The place that was reached: what to follow after when starting again.
        public fileprivate(set) var cursor: Cursor

        /// The next element; waits until there is one.
        public mutating func next() async -> FollowElement? { await hub.next(after: &cursor) }
    }
}
