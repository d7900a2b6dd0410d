import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The few file calls that the store makes itself. An error names the path and the system's reason.
enum Files {
    /// The error of the call that failed just now.
    static func failure(_ what: String, _ path: String) -> ClusterError {
        let code = errno
        let kind: ClusterError.Code = code == ENOSPC || code == EDQUOT ? .storeRefused : .unavailable
        return ClusterError(kind, "\(path): \(what): \(String(cString: strerror(code)))")
    }

    /// The size in bytes; `nil` when there is no such file.
    static func size(_ path: String) throws -> Int64? {
        var status = stat()
        if stat(path, &status) == 0 { return Int64(status.st_size) }
        guard errno == ENOENT else { throw failure("cannot be looked at", path) }
        return nil
    }

    /// Makes the folder, readable by its owner alone, and those above it.
    static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard errno == ENOENT, !parent.isEmpty else { throw failure("the folder cannot be made", path) }
        try makeFolder(parent)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("the folder cannot be made", path) }
    }

    /// The first bytes of a file, up to `limit`; `nil` when there is no such file.
    static func read(_ path: String, limit: Int = 4096) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("cannot be read", path)
        }
        defer { _ = close(file) }
        return try read(file, path, limit: limit)
    }

    /// The bytes of an open file from its start.
    static func read(_ file: Int32, _ path: String, limit: Int = 4096) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw failure("cannot be read", path) }
        return Array(bytes.prefix(count))
    }

    /// Replaces a file wholly, or leaves it as it is; durable when it returns.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("cannot be made", draft) }
        defer { _ = close(file) }
        let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(file) == 0 else { throw failure("cannot be written", draft) }
        try rename(draft, to: path)
    }

    /// Makes an empty file that its owner alone can read, in place of any of that name.
    static func makeEmpty(_ path: String) throws {
        try remove(path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("cannot be made", path) }
        _ = close(file)
    }

    /// Removes a file if it is there.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("cannot be removed", path) }
    }

    /// Renames a file within its folder; durable when it returns.
    static func rename(_ path: String, to target: String) throws {
        guard systemRename(path, target) == 0 else { throw failure("cannot be renamed to \(target)", path) }
        let folder = target.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened", folder) }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot be synchronized", folder) }
    }
}

/// The system's `rename`, which `Files.rename` hides.
private func systemRename(_ path: String, _ target: String) -> Int32 { rename(path, target) }
