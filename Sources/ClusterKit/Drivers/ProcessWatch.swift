import ClusterShimCore
import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Waits for the end of a process that need not be a child; no thread is blocked meanwhile.
final class ProcessWatch: Sendable {
    private struct State {
        var ended: Bool?
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    private init() {}

    /// Returns whether the process has ended, true at once when it is gone already. `limit` bounds the wait; `nil`
    /// waits for as long as it takes. Throws `CancellationError`.
    static func end(of process: ProcessIdentity, within limit: Duration? = nil) async throws -> Bool {
        let watch = ProcessWatch()
        guard let source = watch.source(for: process) else {
            return try await poll(process, within: limit)
        }
        defer { source.cancel() }
        source.activate()
        if !process.isRunning { watch.settle(true) }
        if let limit {
            let nanoseconds = Int(clamping: max(0, limit.nanoseconds))
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak watch] in
                watch?.settle(false)
            }
        }
        let ended = await withTaskCancellationHandler {
            await withCheckedContinuation { watch.register($0) }
        } onCancel: {
            watch.settle(false)
        }
        if !ended { try Task.checkCancellation() }
        return ended
    }

    private func register(_ waiter: CheckedContinuation<Bool, Never>) {
        let ended = state.withLock { state in
            if state.ended == nil { state.waiter = waiter }
            return state.ended
        }
        if let ended { waiter.resume(returning: ended) }
    }

    private func settle(_ ended: Bool) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.ended == nil else { return nil }
            state.ended = ended
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: ended)
    }

    #if canImport(Darwin)
        private func source(for process: ProcessIdentity) -> (any DispatchSourceProtocol)? {
            let source = DispatchSource.makeProcessSource(
                identifier: process.pid, eventMask: .exit, queue: .global())
            source.setEventHandler { self.settle(true) }
            return source
        }
    #else
        private func source(for process: ProcessIdentity) -> (any DispatchSourceProtocol)? {
            guard let handle = process.openHandle() else { return nil }
            let number = handle.release()
            let source = DispatchSource.makeReadSource(fileDescriptor: number, queue: .global())
            source.setEventHandler { self.settle(true) }
            source.setCancelHandler { close(number) }
            return source
        }
    #endif

    /// The way of systems that have no handle for a process, and of processes that are gone.
    private static func poll(_ process: ProcessIdentity, within limit: Duration?) async throws -> Bool {
        let start = ContinuousClock.now
        while process.isRunning {
            if let limit, ContinuousClock.now - start >= limit { return false }
            try await Task.sleep(for: .milliseconds(50))
        }
        return true
    }
}
