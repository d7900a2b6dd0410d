/// What is served at Vault's port: the store of secrets itself.
extension Endpoint {
    /// Whether secrets can be read, by status.
    public static let vaultHealth = Endpoint(.read, "/v1/sys/health")
    /// Whether the store is sealed.
    public static let vaultSealStatus = Endpoint(.read, "/v1/sys/seal-status")
    /// Whether the store was ever set up.
    public static let vaultInitialization = Endpoint(.read, "/v1/sys/init")
    /// Which server leads.
    public static let vaultLeader = Endpoint(.read, "/v1/sys/leader")
    /// The engines, by where they are mounted.
    public static let vaultMounts = Endpoint(.read, "/v1/sys/mounts")
    /// The engines as user interfaces ask for them.
    public static let vaultInterfaceMounts = Endpoint(.read, "/v1/sys/internal/ui/mounts")
    /// The engine that serves a path: how clients learn which version of it they talk to.
    public static let vaultInterfaceMount = Endpoint(.read, "/v1/sys/internal/ui/mounts/:path")
    /// What the caller's token may do.
    public static let vaultTokenSelf = Endpoint(.read, "/v1/auth/token/lookup-self")
}

/// What is served at Vault's port: secrets in versions.
extension Endpoint {
    /// One version of a secret.
    public static let secret = Endpoint(.read, "/v1/secret/data/:path")
    /// Writes the next version.
    public static let writeSecret = Endpoint(.write, "/v1/secret/data/:path")
    /// Writes the next version as a change of the current one.
    public static let patchSecret = Endpoint(.patch, "/v1/secret/data/:path")
    /// Deletes the current version.
    public static let deleteSecret = Endpoint(.delete, "/v1/secret/data/:path")
    /// Deletes versions.
    public static let deleteSecretVersions = Endpoint(.write, "/v1/secret/delete/:path")
    /// Brings deleted versions back.
    public static let undeleteSecretVersions = Endpoint(.write, "/v1/secret/undelete/:path")
    /// Removes the data of versions for good.
    public static let destroySecretVersions = Endpoint(.write, "/v1/secret/destroy/:path")
    /// What is known of a secret without its data.
    public static let secretMetadata = Endpoint(.read, "/v1/secret/metadata/:path")
    /// The names below a path.
    public static let secretNames = Endpoint(.list, "/v1/secret/metadata/:path")
    /// The names of all secrets at the top.
    public static let topSecretNames = Endpoint(.list, "/v1/secret/metadata")
    /// Changes the rules of a secret.
    public static let setSecretMetadata = Endpoint(.write, "/v1/secret/metadata/:path")
    /// Removes a secret with all its versions.
    public static let removeSecret = Endpoint(.delete, "/v1/secret/metadata/:path")
    /// The rules of all secrets.
    public static let secretConfiguration = Endpoint(.read, "/v1/secret/config")
}
