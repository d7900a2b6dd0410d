/// What is secret: values under paths, in versions.
///
/// A conformer's promises: no value is ever in a log, or in clear where it is stored; the numbers of versions only
/// grow, from 1, for as long as the secret is not removed; what was destroyed cannot be read again; of several writers
/// that expect the same version, one succeeds. All methods throw `ClusterError`: `.unavailable` while the store is
/// sealed, `.notFound` for what was never written, `.conflict` when another version is current than was expected,
/// `.invalid` for a path that `SecretPath.check` refuses. `SecretStoreConformance` checks this.
public protocol SecretStore: Sendable {
    /// Whether secrets can be read now.
    var seal: SealStatus { get async }

    /// One version, the current one by default. Throws `.notFound` when there is none, or it is deleted or destroyed.
    func read(_ path: SecretPath, version: Int?) async throws -> SecretValue

    /// Writes the next version. `expected` is the version that must be current, 0 for none at all; `nil` does not ask,
    /// and throws `.invalid` where the secret requires to be asked. Gives what is known of the new version once it is
    /// durable.
    func write(
        _ values: [String: ConfigValue], to path: SecretPath, expecting expected: Int?
    ) async throws -> SecretRecord.Version

    /// Deletes, brings back or destroys versions, changes the rules of a secret, or removes it wholly. Only the rules
    /// may be set before there is a version. A secret that is written again after its removal begins at version 1.
    func change(_ path: SecretPath, _ change: SecretChange) async throws

    /// What is known of a secret without its data; `nil` when there is none. Needs no key.
    func record(of path: SecretPath) async throws -> SecretRecord?

    /// The names below a path, in order; those that have names below them end in `/`. Needs no key.
    func list(_ path: SecretPath) async throws -> [String]
}

/// Whether secrets can be read.
public struct SealStatus: Hashable, Sendable {
    /// Whether the store lacks its key.
    public var isSealed: Bool
    /// Why, and what to do, for people.
    public var reason: String

    /// States whether secrets can be read.
    public init(isSealed: Bool, reason: String = "") {
        self.isSealed = isSealed
        self.reason = reason
    }
}

/// The data of one version.
public struct SecretValue: Sendable {
    /// The values by name.
    public var values: Secret<[String: ConfigValue]>
    /// What is known of the version.
    public var version: SecretRecord.Version
    /// The free words of the secret.
    public var customMetadata: [String: String]

    /// Holds the data of a version.
    public init(
        values: Secret<[String: ConfigValue]>, version: SecretRecord.Version, customMetadata: [String: String] = [:]
    ) {
        self.values = values
        self.version = version
        self.customMetadata = customMetadata
    }
}

/// What may be done to a secret beside reading and writing.
public enum SecretChange: Hashable, Sendable {
    /// These versions are deleted, and can be brought back; the current one when the list is empty.
    case delete([Int])
    /// These versions are brought back.
    case undelete([Int])
    /// The data of these versions is gone for good.
    case destroy([Int])
    /// The rules change; `nil` leaves one as it is.
    case settings(
        maxVersions: Int?, requiresCheckAndSet: Bool?, deleteVersionAfter: Duration?, customMetadata: [String: String]?
    )
    /// The secret is gone with all its versions.
    case remove
}
