import ClusterKit
import FoundationEssentials

/// Secrets in a folder of files, for whoever backs those up already: a folder for each secret, in it what is known of
/// its versions, and a file of sealed bytes for each version.
///
/// `SecretRecord` knows the rules of versions and `SealKey` seals, so what is left to do is to read and write files.
/// An actor, because a change reads before it writes.
actor FolderSecretStore: SecretStore {
    private let folder: String
    private let key: SealKey

    init(folder: String, key: SealKey) {
        self.folder = folder
        self.key = key
    }

    /// The key came with the store, and stays.
    var seal: SealStatus { SealStatus(isSealed: false) }

    func read(_ path: SecretPath, version: Int?) throws -> SecretValue {
        try path.check()
        guard let record = try stored(path) else { throw ClusterError(.notFound, "there is no secret \(path)") }
        let version = try record.readable(version, at: now)
        let sealed = try SealedSecret(decoding: read(file(of: version.number, path)))
        // The seal tells where the bytes belong: a file that was moved here is found out.
        guard sealed.id == SecretVersionID(path, version.number) else {
            throw ClusterError(
                .corrupt, "version \(version.number) of secret \(path) was changed outside: its file moved")
        }
        return SecretValue(
            values: Secret(try key.open(sealed)), version: version, customMetadata: record.customMetadata)
    }

    func write(
        _ values: [String: ConfigValue], to path: SecretPath, expecting expected: Int?
    ) throws -> SecretRecord.Version {
        try path.check()
        var record = try stored(path) ?? SecretRecord(path: path, time: now)
        let (version, pruned) = try record.addVersion(expecting: expected, at: now)
        let sealed = try key.seal(values, as: SecretVersionID(path, version.number))
        try FileManager.default.createDirectory(atPath: place(path), withIntermediateDirectories: true)
        // The data first: a version that is known of can always be read.
        try write(sealed, to: file(of: version.number, path))
        try write(record, to: file(path))
        try remove(pruned, of: path)
        return version
    }

    func change(_ path: SecretPath, _ change: SecretChange) throws {
        try path.check()
        var old = try stored(path)
        if old == nil, case .settings = change { old = SecretRecord(path: path, time: now) }
        guard var record = old else { throw ClusterError(.notFound, "there is no secret \(path)") }
        let gone = try record.apply(change, at: now)
        if change == .remove {
            // What is not known of is not there, even if the rest of the folder should stay behind.
            try FileManager.default.removeItem(atPath: file(path))
            return try FileManager.default.removeItem(atPath: place(path))
        }
        try FileManager.default.createDirectory(atPath: place(path), withIntermediateDirectories: true)
        try write(record, to: file(path))
        try remove(gone, of: path)
    }

    func record(of path: SecretPath) throws -> SecretRecord? {
        try path.check()
        return try stored(path)
    }

    func list(_ path: SecretPath) throws -> [String] {
        try path.checkFolder()
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { try record(at: "\(folder)/\($0)/record")?.path }
            .names(below: path)
    }

    // MARK: - Files

    private var now: WallTime { SystemTime().now().wall }

    /// A secret's own folder. Its name is the path in hexadecimal digits, so that no path leads out of here and no two
    /// meet, whatever the file system makes of letters; which leaves room for 125 bytes.
    private func place(_ path: SecretPath) throws -> String {
        let name = path.encoded.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
        guard name.utf8.count < 256 else { throw ClusterError(.invalid, "\(path) is too long to name a folder") }
        return "\(folder)/\(name)"
    }

    private func file(_ path: SecretPath) throws -> String { try place(path) + "/record" }

    private func file(of version: Int, _ path: SecretPath) throws -> String { try place(path) + "/\(version)" }

    private func stored(_ path: SecretPath) throws -> SecretRecord? { try record(at: file(path)) }

    private func record(at file: String) throws -> SecretRecord? {
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        return try SecretRecord(decoding: read(file))
    }

    private func read(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file))) }

    private func write(_ value: some Stored, to file: String) throws {
        try Data(value.encoded).write(to: URL(filePath: file), options: .atomic)
    }

    private func remove(_ versions: [Int], of path: SecretPath) throws {
        for version in versions { try FileManager.default.removeItem(atPath: file(of: version, path)) }
    }
}
