import Synchronization

/// Secrets sealed with a key that is kept elsewhere: what is stored is of no use without it.
///
/// The data of each version is a record of its own, sealed by AES-256-GCM at its place; what is known of the versions
/// stands beside it in clear. Both change in one batch. Without a key the store is sealed: what there is can be
/// listed, but neither read nor changed.
public final class SealedSecretStore: SecretStore {
    private struct State {
        var key: SealKey?
        /// Whether there are records that name this key: it is the right one.
        var isProven = false
    }

    private let keeper: any RecordKeeper
    private let maxVersions: Int
    private let time: any TimeSource
    private let state: Mutex<State>

    /// Keeps its records with `keeper`.
    ///
    /// - Parameters:
    ///   - key: opens the store; without one it is sealed until `unseal`. A key that did not seal what is there leaves
    ///     it sealed, and `seal` says so.
    ///   - maxVersions: how many versions are kept of a secret that does not say.
    ///   - time: where the times of versions come from.
    public init(
        keeper: any RecordKeeper, key: SealKey? = nil, maxVersions: Int = SecretRecord.keptVersions,
        time: any TimeSource = SystemTime()
    ) {
        self.keeper = keeper
        self.maxVersions = maxVersions
        self.time = time
        state = Mutex(State(key: key))
    }

    // MARK: - The key

    public var seal: SealStatus {
        get async {
            do {
                _ = try usableKey()
                return SealStatus(isSealed: false)
            } catch {
                return SealStatus(isSealed: true, reason: error.message)
            }
        }
    }

    /// Opens the store. The key stays in memory until `reseal`.
    ///
    /// - Throws: `.invalid` when it is not the key that sealed what is there; the store stays as it was.
    public func unseal(with key: SealKey) throws(ClusterError) {
        let isProven = try check(key)
        state.withLock { $0 = State(key: key, isProven: isProven) }
    }

    /// Drops the key: from now on the store is sealed.
    public func reseal() { state.withLock { $0 = State() } }

    /// The key, when there is one and it is the right one.
    private func usableKey() throws(ClusterError) -> SealKey {
        let state = state.withLock { $0 }
        guard let key = state.key else {
            throw ClusterError(
                .unavailable, "the store of secrets is sealed: start the server with --seal-key FILE")
        }
        if state.isProven { return key }
        let isProven: Bool
        do {
            isProven = try check(key)
        } catch {
            throw ClusterError(.unavailable, "the store of secrets is sealed: \(error)")
        }
        if isProven { self.state.withLock { if $0.key === key { $0.isProven = true } } }
        return key
    }

    /// Gives whether there is anything that this key sealed. A record or two that name another key are a matter of
    /// those records; when all do, the key is the wrong one.
    private func check(_ key: SealKey) throws(ClusterError) -> Bool {
        var others: Set<String> = []
        for record in keeper.snapshot.sealed.unordered {
            if record.keyID == key.id { return true }
            others.insert(record.keyID)
        }
        guard !others.isEmpty else { return false }
        throw ClusterError(
            .invalid,
            "the secrets here were sealed with key \(others.sorted().joined(separator: ", ")), but the one given is "
                + "\(key.id): give the key file that the store was made with")
    }

    // MARK: - Secrets

    public func read(_ path: SecretPath, version: Int?) async throws -> SecretValue {
        try path.check()
        let key = try usableKey()
        let snapshot = keeper.snapshot
        guard let record = snapshot.secrets[path] else { throw Self.unknown(path) }
        let version = try record.readable(version, at: time.now().wall)
        guard let sealed = snapshot.sealed[SecretVersionID(path, version.number)] else {
            throw ClusterError(
                .corrupt, "the data of version \(version.number) of secret \(path) is missing: it was changed outside")
        }
        return SecretValue(
            values: Secret(try key.open(sealed)), version: version, customMetadata: record.customMetadata)
    }

    public func write(
        _ values: [String: ConfigValue], to path: SecretPath, expecting expected: Int?
    ) async throws -> SecretRecord.Version {
        try path.check()
        return try await keeper.keep { snapshot in
            let key = try usableKey()
            let now = time.now().wall
            let old = snapshot.secrets[path]
            var record = old ?? SecretRecord(path: path, time: now)
            let (version, pruned) = try record.addVersion(expecting: expected, maxVersions: maxVersions, at: now)
            let sealed = try key.seal(values, as: SecretVersionID(record.path, version.number))
            return KeptDraft(
                version, changes: [.putSecret(record), .putSealed(sealed)] + Self.removals(of: pruned, record.path),
                if: [.secret(path, unchangedSince: old?.modifyRevision ?? .zero)])
        }
    }

    /// Needs the key, except to remove a secret: so that a store whose key is lost can be cleared for a new one.
    /// `.settings` may come before the first version.
    public func change(_ path: SecretPath, _ change: SecretChange) async throws {
        try path.check()
        try await keeper.keep { snapshot in
            if change != .remove { _ = try usableKey() }
            let now = time.now().wall
            let old = snapshot.secrets[path]
            let unchanged = Precondition.secret(path, unchangedSince: old?.modifyRevision ?? .zero)
            var isSetting = false
            if case .settings = change { isSetting = true }
            guard var record = old ?? (isSetting ? SecretRecord(path: path, time: now) : nil) else {
                throw Self.unknown(path)
            }
            let gone = try record.apply(change, at: now)
            if change == .remove { return KeptDraft((), changes: [.removeSecret(path)], if: [unchanged]) }
            return KeptDraft(
                (), changes: [.putSecret(record)] + Self.removals(of: gone, record.path), if: [unchanged])
        }
    }

    public func record(of path: SecretPath) async throws -> SecretRecord? {
        try path.check()
        return keeper.snapshot.secrets[path]
    }

    public func list(_ path: SecretPath) async throws -> [String] {
        try path.checkFolder()
        return keeper.snapshot.secrets.unordered.map(\.path).names(below: path)
    }

    private static func removals(of versions: [Int], _ path: SecretPath) -> [Change] {
        versions.map { .removeSealed(SecretVersionID(path, $0)) }
    }

    private static func unknown(_ path: SecretPath) -> ClusterError {
        ClusterError(.notFound, "there is no secret \(path)")
    }
}
