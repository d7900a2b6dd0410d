import ClusterKit
import Synchronization

/// Lets one simulation run at a time: each takes a processor for as long as it lasts, and memory like the state of the
/// cluster. Others wait in the order in which they came.
final class SimulationTurn: Sendable {
    private enum Answer: Sendable {
        case turn, tooMany, abandoned
    }

    private struct State {
        var isTaken = false
        var nextWaiter: UInt64 = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Answer, Never>)] = []
    }

    private let mostWaiting: Int
    private let state = Mutex(State())

    /// Lets so many wait, each of which may hold a long question.
    init(mostWaiting: Int = 8) { self.mostWaiting = mostWaiting }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Runs `body` once its turn has come.
    ///
    /// - Throws: `.unavailable` when too many wait, `CancellationError` when the caller's task was canceled before its
    ///   turn, and what `body` throws.
    func take<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        switch await wait() {
        case .turn: break
        case .abandoned: throw CancellationError()
        case .tooMany:
            throw ClusterError(
                .unavailable,
                "another what-if is played, and \(mostWaiting) wait for it; ask again in a while")
        }
        defer { pass() }
        return try await body()
    }

    private func wait() async -> Answer {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Answer? in
                    if Task.isCancelled { return .abandoned }
                    if !state.isTaken {
                        state.isTaken = true
                        return .turn
                    }
                    if state.waiters.count >= mostWaiting { return .tooMany }
                    state.waiters.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: .abandoned)
        }
    }

    private func pass() {
        let next = state.withLock { state in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() as Optional }
            state.isTaken = false
            return nil
        }
        next?.continuation.resume(returning: .turn)
    }
}
