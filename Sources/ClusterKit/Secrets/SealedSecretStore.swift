/// Secrets sealed with a key that is kept elsewhere: what is stored is of no use without it.
public struct SealedSecretStore: SecretStore {
    private let keeper: any RecordKeeper

    /// Keeps its records with `keeper`.
    public init(keeper: any RecordKeeper) { self.keeper = keeper }

    public var seal: SealStatus {
        get async { SealStatus(isSealed: true, reason: "no key was given") }
    }

    private var sealed: ClusterError { ClusterError(.unavailable, "the store of secrets is sealed: no key was given") }

    public func read(_ path: SecretPath, version: Int?) async throws -> SecretValue { throw sealed }

    public func write(
        _ values: [String: ConfigValue], to path: SecretPath, expecting expected: Int?
    ) async throws -> SecretRecord.Version { throw sealed }

    public func change(_ path: SecretPath, _ change: SecretChange) async throws { throw sealed }

    public func record(of path: SecretPath) async throws -> SecretRecord? { keeper.snapshot.secrets[path] }

    public func list(_ path: SecretPath) async throws -> [String] { [] }
}
