import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Work that waits in the system, on a thread of its own: none of the few that run everything else.
package enum BlockingWork {
    /// Runs `body` on a new thread and waits for what it gives without holding up the caller's. Throws what `body`
    /// throws, or `ClusterError(.unavailable)` when the system gives no thread.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let code = OwnThread.start { continuation.resume(with: Swift.Result { try body() }) }
            if code != 0 { continuation.resume(throwing: refusal(code)) }
        }
    }

    /// Runs `body` on a new thread. Throws `ClusterError(.unavailable)` when the system gives none.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(ClusterError) {
        let code = OwnThread.start(body)
        if code != 0 { throw refusal(code) }
    }

    private static func refusal(_ code: Int32) -> ClusterError {
        ClusterError(
            .unavailable,
            "the system gives no further thread: \(String(cString: strerror(code))); allow this program more of them")
    }
}
