import Synchronization

/// Whether a server's store took the last write, for those who ask how the server is.
final class StoreCondition: Sendable {
    private let state = Mutex<String?>(nil)

    /// Why the last write was refused; `nil` when it was taken.
    var refusal: String? { state.withLock { $0 } }

    /// The store refused a write.
    func refuse(because reason: String) { state.withLock { $0 = reason } }

    /// The store took a write.
    func take() { state.withLock { $0 = nil } }
}

extension Server {
    /// Why the store refused the last write, a full disk for example; `nil` when it took it. Reads go on meanwhile, and
    /// the store is tried again after each `ServerConfiguration.storeRetry`.
    public var storeRefusal: String? { condition.refusal }
}
