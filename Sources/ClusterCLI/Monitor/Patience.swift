import ClusterClient
import ClusterKit

/// Asks again while a server cannot be reached: one that is restarted is back within moments, and what is watched goes
/// on without it.
struct Patience: Sendable {
    /// How long it waits before it asks again.
    var pause = Duration.seconds(1)
    /// How long nothing is said about a server that does not answer.
    var silence = Duration.seconds(3)
    /// How long a server that does not answer is asked.
    var limit = Duration.seconds(60)
    /// Tells a line.
    var complain: @Sendable (String) -> Void = { Terminal.complain($0) }
    /// The errors after which it asks again.
    var codes: Set<ClusterError.Code> = [.unavailable]
    /// What is said of a server that does not answer, after the reason.
    var hint = "It is asked again; Ctrl-C ends only the watch"
    /// What is said after the reason when it is asked no more; may be empty.
    var farewell =
        "The watch ends; what was asked for goes on without it. Once the server is back, see: cluster job status"

    /// What `body` answers once the server does. Throws what else `body` throws, and its error after the limit.
    func ask<Value>(_ body: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + limit
        return try await ask(until: { end }, body)
    }

    /// The same up to a moment that may move meanwhile, in place of the limit. It asks at least once.
    func ask<Value>(
        until end: () -> ContinuousClock.Instant, _ body: () async throws -> Value
    ) async throws -> Value {
        let start = ContinuousClock.now
        var isTold = false
        while true {
            do {
                return try await body()
            } catch let error as ClusterError where codes.contains(error.code) {
                let now = ContinuousClock.now
                guard now < end() else {
                    throw farewell.isEmpty ? error : ClusterError(error.code, "\(error.message)\n\(farewell)")
                }
                if now - start >= silence, !isTold {
                    complain("==> \(error.message)\n    \(hint)")
                    isTold = true
                }
            }
            try await Task.sleep(for: pause)
        }
    }

    /// What `call` gives if it does so within `span`; else it is canceled. Throws what it throws, and `.unavailable`
    /// when it took longer.
    static func bounded<Value: Sendable>(
        by span: Duration, _ call: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await call() }
            group.addTask {
                try await Task.sleep(for: span)
                return nil
            }
            defer { group.cancelAll() }
            let value: Value? = try await group.next() ?? nil
            guard let value else { throw ClusterError(.unavailable, "the server does not answer in time") }
            return value
        }
    }
}
