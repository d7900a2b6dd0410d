import ClusterKit
import Synchronization

/// Allows all, and counts how often it was asked: so many requests have arrived, with their bodies.
final class AskedAuthorizer: Authorizer {
    private let asked = Mutex(0)

    var count: Int { asked.withLock { $0 } }

    func authorize(_ caller: Caller, to action: Action) throws(ClusterError) { asked.withLock { $0 += 1 } }

    /// Waits until so many have arrived.
    func reaches(_ count: Int) async throws {
        while self.count < count { try await Task.sleep(for: .milliseconds(2)) }
    }
}
