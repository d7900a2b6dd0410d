extension SealKey {
    /// The most bytes that the data of one version may have, encoded.
    public static let largestSecret = 1024 * 1024

    /// Seals the data of one version: it can be opened under this key, at this path and as this version only.
    ///
    /// - Throws: `.tooLarge` for more than `largestSecret`, `.invalid` for values that are nested too deep to be
    ///   read again.
    public func seal(_ values: [String: ConfigValue], as id: SecretVersionID) throws -> SealedSecret {
        var plain = try Self.encode(values)
        defer { plain.wipe() }
        guard plain.count <= Self.largestSecret else {
            throw ClusterError(
                .tooLarge,
                "secret \(id.path) has \(plain.count) bytes; a version may have at most \(Self.largestSecret)")
        }
        let nonce = try RandomBytes.make(AESGCM.nonceLength)
        let sealed = try withBytes { key in
            try plain.withUnsafeBytes { bytes in
                try AESGCM.seal(bytes, key: key, nonce: nonce, associated: Self.associated(id, keyID: self.id))
            }
        }
        return SealedSecret(path: id.path, version: id.version, keyID: self.id, nonce: nonce, bytes: sealed)
    }

    /// Opens what `seal` made.
    ///
    /// - Throws: `.invalid` when another key sealed it, `.corrupt` when it was changed or stood elsewhere.
    public func open(_ sealed: SealedSecret) throws -> [String: ConfigValue] {
        guard sealed.keyID == id else {
            throw ClusterError(
                .invalid,
                "version \(sealed.version) of secret \(sealed.path) was sealed with key \(sealed.keyID), "
                    + "but the key here is \(id): give the key that sealed it")
        }
        guard sealed.nonce.count == AESGCM.nonceLength else { throw Self.damage(sealed) }
        let opened = try withBytes { key in
            try AESGCM.open(
                sealed.bytes, key: key, nonce: sealed.nonce, associated: Self.associated(sealed.id, keyID: id))
        }
        guard var plain = opened else { throw Self.damage(sealed) }
        defer { plain.wipe() }
        do {
            return try Self.decode(plain)
        } catch {
            throw ClusterError(
                .corrupt,
                "version \(sealed.version) of secret \(sealed.path) was opened but cannot be read: \(error); "
                    + "a newer program wrote it")
        }
    }

    private static func damage(_ sealed: SealedSecret) -> ClusterError {
        ClusterError(
            .corrupt,
            "version \(sealed.version) of secret \(sealed.path) was changed outside: its seal is broken. Bring it back "
                + "from a backup, or write it anew")
    }

    /// What the tag proves beside the data. Each part has its length in front, so that no two places look alike.
    private static func associated(_ id: SecretVersionID, keyID: String) -> [UInt8] {
        var writer = RecordWriter()
        writer.put(keyID)
        writer.put(id.path)
        writer.put(id.version)
        return writer.bytes
    }

    /// Reserves what is needed first: an array that grows leaves copies behind that nobody wipes.
    private static func encode(_ values: [String: ConfigValue]) throws -> [UInt8] {
        var size = 10
        for (name, value) in values { size += 10 + name.utf8.count + (try value.largestSize(depth: 0)) }
        var writer = RecordWriter(capacity: size)
        writer.put(values)
        return writer.bytes
    }

    /// Apart, so that nothing holds the bytes any more when they are wiped.
    private static func decode(_ plain: [UInt8]) throws(RecordError) -> [String: ConfigValue] {
        try Dictionary(decoding: plain)
    }
}

extension ConfigValue {
    /// No fewer bytes than the value takes when written. Throws for what could not be read again.
    fileprivate func largestSize(depth: Int) throws(ClusterError) -> Int {
        guard depth < Self.deepest else {
            throw ClusterError(.invalid, "a secret's values may be nested at most \(Self.deepest) deep")
        }
        var size = 11
        switch self {
        case .null, .bool, .int, .double: return size
        case .string(let text): size += text.utf8.count
        case .list(let values):
            for value in values { size += try value.largestSize(depth: depth + 1) }
        case .object(let values):
            for (name, value) in values { size += 10 + name.utf8.count + (try value.largestSize(depth: depth + 1)) }
        }
        return size
    }
}
