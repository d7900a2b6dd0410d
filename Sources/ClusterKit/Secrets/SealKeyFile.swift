import COpenSSL

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SealKey {
    /// Reads a key file: 64 hexadecimal digits, or 44 characters of base64, and perhaps a line break.
    ///
    /// - Parameters:
    ///   - path: a regular file of at most 4 KiB that nobody else can read.
    ///   - dataFolder: where the sealed secrets are. Whoever gets hold of that folder must not find the key in it.
    ///   - allowsUnlockedMemory: whether a key may lie in memory that the system can swap out, where it offers no
    ///     other.
    /// - Throws: `.notFound`, `.denied` for a file that others can read, `.invalid` for one that is no key or lies in
    ///   the data folder, `.unavailable` where memory cannot be locked.
    public convenience init(
        file path: String, outside dataFolder: String? = nil, allowsUnlockedMemory: Bool = false
    ) throws {
        let file = SealKeyFile(path: path)
        if let dataFolder { try file.check(outside: dataFolder) }
        try self.init(try file.key(allowsUnlockedMemory: allowsUnlockedMemory))
    }

    /// Makes a key, and a file of it that only this user can read; returns once that is durable.
    ///
    /// - Throws: as `init(file:)`, and `.inUse` when there is a file already: a key is never overwritten.
    public static func create(
        file path: String, outside dataFolder: String? = nil, allowsUnlockedMemory: Bool = false
    ) throws -> SealKey {
        let file = SealKeyFile(path: path)
        if let dataFolder { try file.check(outside: dataFolder) }
        let key = try SealKey.generate(allowsUnlockedMemory: allowsUnlockedMemory)
        try key.withBytes { try file.create(from: $0) }
        return key
    }
}

/// A file that holds a seal key.
struct SealKeyFile {
    static let largest = 4096
    let path: String

    // MARK: - Reading

    func key(allowsUnlockedMemory: Bool) throws -> SecureBytes {
        // Without waiting for a writer, should it be a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("cannot be opened", code: errno == ENOENT ? .notFound : .denied) }
        defer { close(descriptor) }
        try checkOwner(descriptor)
        return try withUnsafeTemporaryAllocation(byteCount: Self.largest + 1, alignment: 1) { buffer in
            defer { OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            var count = 0
            while count < buffer.count {
                let step = read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                guard step >= 0 else {
                    if errno == EINTR { continue }
                    throw failure("cannot be read", code: .unavailable)
                }
                if step == 0 { break }
                count += step
            }
            guard count <= Self.largest else { throw mistake("has more than \(Self.largest) bytes") }
            return try SecureBytes(count: AESGCM.keyLength, allowsUnlockedMemory: allowsUnlockedMemory) { key in
                guard KeyText.decode(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: key) else {
                    throw mistake("holds neither 64 hexadecimal digits nor 44 characters of base64")
                }
            }
        }
    }

    /// Looks at the open file, so that nobody can put another in its place meanwhile.
    private func checkOwner(_ descriptor: Int32) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be looked at", code: .denied) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw mistake("is not a regular file") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw ClusterError(
                .denied,
                "the key file \(path) belongs to user \(status.st_uid), who could change it: give it to the "
                    + "user that runs this, or to root")
        }
        // Root may let one group read its file: that is how a key reaches a service that runs as another user.
        let allowed: mode_t = status.st_uid == 0 && geteuid() != 0 ? 0o740 : 0o700
        let mode = status.st_mode & 0o777
        guard mode & ~allowed == 0 else {
            throw ClusterError(
                .denied,
                "the key file \(path) is open to others (mode \(String(mode, radix: 8))): run `chmod 600 "
                    + "\(path)`, and if others may have read it, make a new key")
        }
    }

    // MARK: - Making

    /// Writes the digits of a key to a new file.
    func create(from key: UnsafeRawBufferPointer) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw ClusterError(.inUse, "the key file \(path) is there already, and a key is never overwritten")
            }
            throw failure("cannot be made", code: .denied)
        }
        defer { close(descriptor) }
        do {
            guard fchmod(descriptor, 0o600) == 0 else { throw failure("cannot be kept from others", code: .denied) }
            try withUnsafeTemporaryAllocation(byteCount: 2 * key.count + 1, alignment: 1) { text in
                defer { OPENSSL_cleanse(text.baseAddress, text.count) }
                KeyText.encode(key, into: text)
                let written = write(descriptor, text.baseAddress, text.count)
                guard written == text.count, fsync(descriptor) == 0 else {
                    throw failure("cannot be written", code: .unavailable)
                }
            }
            try syncFolder()
        } catch {
            unlink(path)
            throw error
        }
    }

    /// The name of a new file is durable only once its folder is.
    private func syncFolder() throws {
        let folder = open(Self.split(path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("lies in a folder that cannot be opened", code: .denied) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("lies in a folder that cannot be synced", code: .unavailable) }
    }

    // MARK: - Its place

    /// Refuses a place in `folder`, also by way of links.
    func check(outside folder: String) throws {
        let place = Self.resolved(path)
        let folder = Self.resolved(folder)
        guard place == folder || place.utf8.starts(with: (folder == "/" ? "/" : folder + "/").utf8) else { return }
        throw mistake("lies in the data folder \(folder), with what it seals: move it out of there")
    }

    /// The path without links and `..`; what is not there yet stands as it is.
    private static func resolved(_ path: String) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let (folder, name) = split(path)
        guard folder != path, !name.isEmpty else { return path }
        let parent = resolved(folder)
        return parent == "/" ? "/" + name : parent + "/" + name
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        var parts = path.split(separator: "/")
        let name = parts.popLast().map(String.init) ?? ""
        let folder = parts.joined(separator: "/")
        if path.hasPrefix("/") { return ("/" + folder, name) }
        return (folder.isEmpty ? "." : folder, name)
    }

    private func mistake(_ what: String) -> ClusterError { ClusterError(.invalid, "the key file \(path) \(what)") }

    private func failure(_ what: String, code: ClusterError.Code) -> ClusterError {
        ClusterError(code, "the key file \(path) \(what): \(String(cString: strerror(errno)))")
    }
}
