import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Notices SIGINT and SIGTERM instead of dying of them.
final class SignalWatch: Sendable {
    private struct State {
        var told: Int32?
        var waiting: [UInt64: CheckedContinuation<Int32?, Never>] = [:]
        var next: UInt64 = 0
    }

    static let signals = [SIGINT, SIGTERM]

    private let state = Mutex(State())
    // Dispatch's own queue guards the sources; the types merely do not say so.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// Notices `numbers`: none where a test tells them itself.
    init(_ numbers: [Int32] = SignalWatch.signals) {
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        // A command that does not read its input is no reason to die.
        signal(SIGPIPE, SIG_IGN)
        for (number, source) in zip(numbers, sources) {
            source.setEventHandler { [weak self] in self?.tell(number) }
            source.activate()
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Whether a signal came.
    var isTold: Bool { state.withLock { $0.told != nil } }

    /// Takes note of a signal; the first is the one that counts.
    func tell(_ signal: Int32) {
        let waiting = state.withLock { state in
            state.told = state.told ?? signal
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: signal) }
    }

    /// Waits for a signal; `nil` when the task is canceled before.
    func told() async -> Int32? {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Int32?? in
                    if let told = state.told { return told }
                    if Task.isCancelled { return .some(nil) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }

    /// Does `work` unless a signal comes before it is done; then it is canceled and `nil` comes back.
    func unlessTold<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                _ = await self.told()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
