import Synchronization

/// Who waits for a reply of the core.
final class ServerReplies: Sendable {
    private struct State {
        var next: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<ServerReply, any Error>] = [:]
        var closed = false
    }

    private let state = Mutex(State())
    private static let stopped = ClusterError(.unavailable, "the server is not running")

    /// Posts a request and waits for its reply. It is not given up when the caller's task is canceled: what was posted
    /// happens, and the reply comes as soon as it is durable.
    func wait(_ post: (UInt64) -> Void) async throws -> ServerReply {
        try await withCheckedThrowingContinuation { continuation in
            let id = state.withLock { state -> UInt64? in
                guard !state.closed else { return nil }
                state.next += 1
                state.waiting[state.next] = continuation
                return state.next
            }
            guard let id else { return continuation.resume(throwing: Self.stopped) }
            post(id)
        }
    }

    func complete(_ id: UInt64, with result: Result<ServerReply, ClusterError>) {
        let continuation = state.withLock { $0.waiting.removeValue(forKey: id) }
        continuation?.resume(with: result.mapError { $0 })
    }

    func close() {
        let waiting = state.withLock { state in
            state.closed = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(throwing: Self.stopped) }
    }
}
