public import ClusterKit

/// One version of a secret, as Vault's clients see it.
public struct SecretWire: Sendable {
    /// The values by name.
    public var values: Secret<[String: ConfigValue]>
    /// What is known of the version.
    public var version: SecretVersionWire
    /// Free words of the secret, which are no secret themselves.
    public var words: [String: String]
}

/// What is known of one version of a secret.
public struct SecretVersionWire: Hashable, Sendable {
    /// The number, from 1.
    public var number: Int
    /// When it was written, in the form of RFC 3339.
    public var created: String
    /// When it was deleted; empty for never.
    public var deleted: String
    /// Whether its data is gone for good.
    public var isDestroyed: Bool
}

/// What is known of a secret without its data.
public struct SecretRecordWire: Sendable {
    /// The newest version that was ever written.
    public var currentVersion: Int
    /// How many versions are kept; 0 takes the server's own number.
    public var maxVersions: Int
    /// Whether each write must name the version that it replaces.
    public var requiresCheckAndSet: Bool
    /// The kept versions, oldest first.
    public var versions: [SecretVersionWire]
    /// Free words.
    public var words: [String: String]
}

extension SecretWire {
    init?(_ data: JSONValue) {
        guard case .object(let values) = data["data"], let metadata = data["metadata"] else { return nil }
        self.values = Secret(values.configValues)
        version = SecretVersionWire(metadata, number: metadata["version"]?.integer ?? 0)
        words = metadata["custom_metadata"]?.texts ?? [:]
    }
}

extension SecretVersionWire {
    init(_ data: JSONValue, number: Int) {
        self.number = number
        created = data["created_time"]?.text ?? ""
        deleted = data["deletion_time"]?.text ?? ""
        isDestroyed = data["destroyed"] == .bool(true)
    }
}

extension SecretRecordWire {
    init(_ data: JSONValue) {
        currentVersion = data["current_version"]?.integer ?? 0
        maxVersions = data["max_versions"]?.integer ?? 0
        requiresCheckAndSet = data["cas_required"] == .bool(true)
        words = data["custom_metadata"]?.texts ?? [:]
        let members = data["versions"]?.members ?? []
        versions = members.compactMap { name, value in Int(name).map { SecretVersionWire(value, number: $0) } }
            .sorted { $0.number < $1.number }
    }
}

extension JSONValue {
    subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }

    var integer: Int? { if case .integer(let number) = self { number } else { nil } }

    var members: [(name: String, value: JSONValue)] {
        if case .object(let object) = self { object.members } else { [] }
    }

    var texts: [String: String] {
        Dictionary(members.compactMap { member in member.value.text.map { (member.name, $0) } }) { _, last in last }
    }
}
