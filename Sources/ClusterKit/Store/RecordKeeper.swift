/// What must still be true when kept records are written: otherwise nothing is, and `.conflict` says so.
public enum Precondition: Hashable, Sendable {
    /// The key was last changed in this revision; `.zero` means that there is none.
    case key(String, unchangedSince: Revision)
    /// The secret was last changed in this revision; `.zero` means that there is none.
    case secret(SecretPath, unchangedSince: Revision)
}

/// Where parts of a server keep records of their own: keys and secrets. A `Server` is one.
public protocol RecordKeeper: Sendable {
    /// The newest durable state.
    var snapshot: Snapshot { get }

    /// Writes changes of keys and secrets, all or nothing, and gives the revision once that is durable.
    ///
    /// - Throws: `.conflict` when a precondition does not hold, `.storeRefused` when the disk is full, `.invalid` for
    ///   changes of anything else.
    func keep(_ changes: [Change], if preconditions: [Precondition]) async throws -> Revision
}

extension Precondition {
    /// Whether it holds in `snapshot`.
    public func holds(in snapshot: Snapshot) -> Bool {
        switch self {
        case .key(let key, let revision): (snapshot.keys[key]?.modifyRevision ?? .zero) == revision
        case .secret(let path, let revision): (snapshot.secrets[path]?.modifyRevision ?? .zero) == revision
        }
    }
}

extension Change {
    /// Whether it is about a key or a secret.
    package var isKept: Bool {
        switch self {
        case .putKey, .removeKey, .putSecret, .removeSecret, .putSealed, .removeSealed: true
        default: false
        }
    }
}
