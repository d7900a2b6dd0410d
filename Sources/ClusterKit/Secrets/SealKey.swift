/// The key that seals secrets: 256 bits in OpenSSL's secure heap, which nothing hands out again.
public final class SealKey: Sendable {
    /// Names the key without giving anything of it away: what is sealed names the key that opens it.
    public let id: String
    private let bytes: SecureBytes

    /// Takes `bytes` over.
    init(_ bytes: SecureBytes) throws {
        guard bytes.count == AESGCM.keyLength else {
            throw ClusterError(.invalid, "a seal key has \(AESGCM.keyLength) bytes, not \(bytes.count)")
        }
        self.bytes = bytes
        id = try bytes.withBytes { key in
            try Digest.authenticationCode(of: "clusterkit-seal", key: key).prefix(8).hexadecimal
        }
    }

    /// A new key that lasts as long as the process: what it seals is lost with it.
    ///
    /// - Parameter allowsUnlockedMemory: whether a key may lie in memory that the system can swap out, where it
    ///   offers no other.
    public static func generate(allowsUnlockedMemory: Bool = false) throws -> SealKey {
        try SealKey(
            SecureBytes(count: AESGCM.keyLength, allowsUnlockedMemory: allowsUnlockedMemory, fill: RandomBytes.fill))
    }

    /// Whether the system promised not to swap keys out to a disk. Where it did not, a host should warn.
    public var isInLockedMemory: Bool { SecureHeap.state == .locked }

    /// Lets `body` read the key. It must not keep the pointer.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try bytes.withBytes(body)
    }
}

extension SealKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(seal key \(id))" }
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
