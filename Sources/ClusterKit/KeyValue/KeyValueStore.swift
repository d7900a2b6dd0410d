/// Plain values under keys, for whoever wants to keep a little state in the cluster. It behaves as Consul's does.
///
/// Reads are of the newest durable state and wait for nothing; what is written is durable when the call returns.
public struct KeyValueStore: Sendable {
    /// The most bytes that a key may have.
    public static let longestKey = 1024

    private let keeper: any RecordKeeper

    /// Keeps its records with `keeper`, a `Server` usually.
    public init(keeper: any RecordKeeper) { self.keeper = keeper }

    // MARK: - Reading

    /// What is kept under `key`.
    public func get(_ key: String) -> KeyRecord? { keeper.snapshot.keys[key] }

    /// All that is kept under keys that begin with `prefix`, in the order of the keys.
    public func list(prefix: String) -> [KeyRecord] { keeper.snapshot.keys.below(prefix) }

    /// The keys that begin with `prefix`, in order. With a separator, each key ends behind the first one after the
    /// prefix, and what falls together then stands once: the folders.
    public func keys(prefix: String, separator: String = "") -> [String] {
        keeper.snapshot.keys.names(prefix, separator: separator)
    }

    // MARK: - Writing

    /// Puts `value` under `key`, and gives whether it did.
    ///
    /// - Parameters:
    ///   - flags: a number of the caller's own, kept beside the value.
    ///   - revision: write only if the record was last changed in this revision; `.zero` means that there must be
    ///     none. `nil` does not ask.
    /// - Throws: `.tooLarge` for a value of more than `KeyRecord.largestValue` bytes, `.invalid` for what cannot be a
    ///   key.
    public func put(
        _ key: String, _ value: [UInt8], flags: UInt64 = 0, cas revision: Revision? = nil
    ) async throws -> Bool {
        try Self.check(key)
        guard value.count <= KeyRecord.largestValue else {
            throw ClusterError(
                .tooLarge,
                "the value of key \(key) has \(value.count) bytes; at most \(KeyRecord.largestValue) are kept")
        }
        return try await keeper.keep { snapshot in
            let old = snapshot.keys[key]
            let last = old?.modifyRevision ?? .zero
            if let revision, revision != last { return KeptDraft(false) }
            var record = old ?? KeyRecord(key: key, value: [])
            record.value = value
            record.flags = flags
            // As in Consul, what is there already does not become newer: nobody is woken for nothing.
            if let old, old == record { return KeptDraft(true) }
            return KeptDraft(true, changes: [.putKey(record)], if: [.key(key, unchangedSince: last)])
        }
    }

    /// Takes a key away, and gives whether it is gone. What was not there is gone.
    ///
    /// - Parameter revision: only if the record was last changed in this revision; `.zero`, which stands for none,
    ///   takes nothing away. `nil` does not ask.
    public func delete(_ key: String, cas revision: Revision? = nil) async throws -> Bool {
        try Self.check(key)
        return try await keeper.keep { snapshot in
            guard let old = snapshot.keys[key] else { return KeptDraft(true) }
            if let revision, revision != old.modifyRevision { return KeptDraft(false) }
            return KeptDraft(
                true, changes: [.removeKey(key)], if: [.key(key, unchangedSince: old.modifyRevision)])
        }
    }

    /// Takes all keys away that begin with `prefix`, in one step, and gives how many there were. The empty prefix is
    /// that of every key.
    public func delete(prefix: String) async throws -> Int {
        try await keeper.keep { snapshot in
            let keys = snapshot.keys.names(prefix)
            return KeptDraft(keys.count, changes: keys.map { .removeKey($0) })
        }
    }

    /// Refuses what cannot be a key: nothing, a `/` in front, control characters, more than `longestKey` bytes.
    public static func check(_ key: String) throws(ClusterError) {
        guard !key.isEmpty else { throw ClusterError(.invalid, "the name of the key is missing") }
        guard key.utf8.first != UInt8(ascii: "/") else {
            throw ClusterError(.invalid, "key \(key) begins with `/`: leave that out")
        }
        guard key.utf8.count <= longestKey else {
            throw ClusterError(.invalid, "a key of \(key.utf8.count) bytes is too long: at most \(longestKey)")
        }
        guard !key.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw ClusterError(.invalid, "a key holds a control character: leave it out")
        }
    }
}

extension KeyTable {
    /// The keys that begin with `prefix`, cut behind the first separator that follows, each once and in order.
    public func names(_ prefix: String, separator: String = "") -> [String] {
        let records = below(prefix)
        let separator = Array(separator.utf8)
        guard !separator.isEmpty else { return records.map(\.key) }
        let start = prefix.utf8.count
        var names: [String] = []
        for record in records {
            let name = record.key.cut(behind: separator, from: start)
            if name != names.last { names.append(name) }
        }
        return names
    }
}

extension String {
    fileprivate func cut(behind separator: [UInt8], from start: Int) -> String {
        let bytes = Array(utf8)
        var index = start
        while index + separator.count <= bytes.count {
            if bytes[index..<index + separator.count].elementsEqual(separator) {
                return String(decoding: bytes[..<(index + separator.count)], as: UTF8.self)
            }
            index += 1
        }
        return self
    }
}
