import Synchronization

/// Lets callers wait until a server leads, or is known never to.
final class Leadership: Sendable {
    private struct State {
        var leads: Bool?
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let state = Mutex(State())

    /// Whether the server leads; waits until that is known.
    var isTaken: Bool {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state in
                    if state.leads == nil { state.waiting.append(continuation) }
                    return state.leads
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }

    func set(_ leads: Bool) {
        let waiting = state.withLock { state in
            state.leads = leads
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: leads) }
    }
}

extension Server {
    /// Waits until this server leads its store and takes writes. Gives `false` when it ended before, or since.
    public func untilLeading() async -> Bool { await leadership.isTaken }

    /// Waits until a node is known, so that there may be a place for a job. Gives `false` when the server ended before.
    public func untilPlaces() async -> Bool {
        while snapshot.nodes.count == 0 {
            guard !hub.isClosed, !Task.isCancelled else { return false }
            await hub.wait(for: .nodes, atMost: .seconds(3600)) { [store] in store.durable.nodes.count > 0 }
        }
        return true
    }
}
