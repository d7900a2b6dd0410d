import Synchronization

/// A port that becomes known once.
final class ProxyPort: Sendable {
    private struct State {
        var port: Int?
        var isKnown = false
        var waiting: [CheckedContinuation<Int?, Never>] = []
    }

    private let state = Mutex(State())

    var value: Int? {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state in
                    if !state.isKnown { state.waiting.append(continuation) }
                    return (state.isKnown, state.port)
                }
                if known.0 { continuation.resume(returning: known.1) }
            }
        }
    }

    func set(_ port: Int?) {
        let waiting = state.withLock { state in
            state.isKnown = true
            state.port = port
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }
}
