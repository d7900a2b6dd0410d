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

    /// What `body` answers once the server does. Throws what else `body` throws, and `.unavailable` after the limit.
    func ask<Value>(_ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        var isTold = false
        while true {
            do {
                return try await body()
            } catch let error as ClusterError where error.code == .unavailable {
                let lasting = ContinuousClock.now - start
                guard lasting < limit else {
                    throw ClusterError(
                        .unavailable,
                        "\(error.message)\nThe watch ends; what was asked for goes on without it. Once the server is "
                            + "back, see: cluster job status")
                }
                if lasting >= silence, !isTold {
                    complain("==> \(error.message)\n    It is asked again; Ctrl-C ends only the watch")
                    isTold = true
                }
            }
            try await Task.sleep(for: pause)
        }
    }
}
