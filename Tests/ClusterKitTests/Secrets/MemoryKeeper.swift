import Synchronization

@testable import ClusterKit

/// Keeps records in memory as a server does, and remembers the bytes of all that was ever written.
final class MemoryKeeper: RecordKeeper {
    private struct State {
        var snapshot = Snapshot()
        var written: [UInt8] = []
        /// What the others do before the next write.
        var interference: [Change] = []
    }

    private let state = Mutex(State())

    var snapshot: Snapshot { state.withLock(\.snapshot) }

    /// The bytes of every change, as they would be stored.
    var written: [UInt8] { state.withLock(\.written) }

    func keep(_ changes: [Change], if preconditions: [Precondition]) async throws -> Revision {
        try state.withLock { state in
            if !state.interference.isEmpty {
                Self.apply(state.interference, to: &state)
                state.interference = []
            }
            guard preconditions.allSatisfy({ $0.holds(in: state.snapshot) }) else {
                throw ClusterError(.conflict, "it has changed meanwhile")
            }
            Self.apply(changes, to: &state)
            return state.snapshot.revision
        }
    }

    /// Puts records in past everyone's rules, as someone with access to the disk would.
    func put(_ changes: [Change]) { state.withLock { Self.apply(changes, to: &$0) } }

    /// Changes something right before the next write, so that what its writer has seen is old.
    func interfere(with changes: [Change]) { state.withLock { $0.interference = changes } }

    private static func apply(_ changes: [Change], to state: inout State) {
        let batch = ChangeBatch(
            revision: state.snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes)
        state.snapshot.apply(batch)
        state.written += batch.encoded
    }
}

/// A clock that a test sets.
final class SetTime: TimeSource {
    private let wall = Mutex(WallTime(nanoseconds: 1_000_000_000_000))

    func now() -> Now { Now(wall: wall.withLock { $0 }, uptime: Uptime(nanoseconds: 0)) }

    func advance(by duration: Duration) { wall.withLock { $0 = $0 + duration } }
}

/// The kind of error that a call ends with; `nil` when it succeeds.
func code<Value>(of call: () async throws -> Value) async -> ClusterError.Code? {
    do {
        _ = try await call()
        return nil
    } catch {
        return (error as? ClusterError)?.code
    }
}
