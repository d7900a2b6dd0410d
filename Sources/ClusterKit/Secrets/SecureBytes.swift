import COpenSSL

/// A few bytes in OpenSSL's secure heap: memory that is not swapped out and not part of a core dump, between pages
/// that nobody may touch, and wiped when it is given back. Never changed once filled.
final class SecureBytes: Sendable {
    let count: Int
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer

    /// Lets `fill` write `count` bytes.
    init(
        count: Int, allowsUnlockedMemory: Bool, fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        try SecureHeap.check(SecureHeap.state, allowsUnlockedMemory: allowsUnlockedMemory)
        guard let base = CRYPTO_secure_zalloc(count, #fileID, #line) else {
            throw OpenSSLFailure.error("find room for a key in its secure heap")
        }
        self.count = count
        self.base = base
        try fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    deinit { CRYPTO_secure_clear_free(base, count, #fileID, #line) }

    /// Lets `body` read the bytes. It must not keep the pointer.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}

/// The memory that OpenSSL keeps for keys: one for the process.
enum SecureHeap {
    enum State: Hashable {
        /// Set up, and the system promised not to swap it out.
        case locked
        /// Set up, but the system may swap it out.
        case unlocked
        /// There is none.
        case missing
    }

    /// Enough for hundreds of keys, and small enough for the least that systems let a process lock: 64 KiB.
    private static let size = 16 * 1024

    /// Sets it up when first asked. OpenSSL has one for the process, which is why this is one value for all; a host
    /// that set up its own before keeps it.
    static let state: State = {
        if CRYPTO_secure_malloc_initialized() == 1 { return .locked }
        switch CRYPTO_secure_malloc_init(size, AESGCM.keyLength) {
        case 1: return .locked
        case 2: return .unlocked
        default:
            ERR_clear_error()
            return .missing
        }
    }()

    /// Refuses memory that may end up on a disk, unless that is allowed.
    static func check(_ state: State, allowsUnlockedMemory: Bool) throws(ClusterError) {
        guard state != .locked, !allowsUnlockedMemory else { return }
        throw ClusterError(
            .unavailable,
            "the system does not let this process lock \(size / 1024) KiB of memory, so that the seal key could be "
                + "swapped out to a disk: raise the limit (`ulimit -l`, `LimitMEMLOCK=` in a systemd unit), or allow "
                + "memory that is not locked")
    }
}
