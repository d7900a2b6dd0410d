import Synchronization

/// Holds orders to stop back until those who route to instances have taken note: an instance is out of rotation before
/// it is told to stop.
package final class WithdrawalGate: Sendable {
    private struct State {
        var nextMember: UInt64 = 0
        var reached: [UInt64: Revision] = [:]
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: (revision: Revision, continuation: CheckedContinuation<Void, Never>)] = [:]

        var slowest: Revision? { reached.values.min() }
    }

    private let state = Mutex(State())

    package init() {}

    /// Takes part from now on; what one that just came has not seen yet is not waited for.
    package func join() -> UInt64 {
        state.withLock { state in
            state.nextMember += 1
            return state.nextMember
        }
    }

    /// Takes part no more.
    package func leave(_ member: UInt64) {
        release { $0.reached[member] = nil }
    }

    /// Says how far one has come.
    package func member(_ member: UInt64, reached revision: Revision) {
        release { $0.reached[member] = revision }
    }

    /// Waits until all have come as far as `revision`, at most `limit`. With nobody to wait for it returns at once.
    package func wait(for revision: Revision, atMost limit: Duration) async {
        guard state.withLock({ $0.slowest.map { $0 < revision } ?? false }) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(for: revision) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func release(_ change: (inout State) -> Void) {
        let ready = state.withLock { state in
            change(&state)
            let slowest = state.slowest
            let ids = state.waiters.filter { slowest == nil || $0.value.revision <= slowest ?? .zero }.keys
            return ids.compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
        }
        for waiter in ready { waiter.resume() }
    }

    private func wait(for revision: Revision) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    guard let slowest = state.slowest, slowest < revision, !Task.isCancelled else { return true }
                    state.waiters[id] = (revision, continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id)?.continuation }?.resume()
        }
    }
}
