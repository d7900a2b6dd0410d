import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Holds a data folder for one store: a locked file that names the process. The system lets go of it when the process
/// ends, however it ends.
final class FolderLock: Sendable {
    private let file: Int32

    /// Takes the lock, or says which process has it.
    init(folder: String) throws {
        let path = folder + "/lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Files.failure("cannot be opened", path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            defer { _ = close(file) }
            guard errno == EWOULDBLOCK else { throw Files.failure("cannot be locked", path) }
            let text = (try? Files.read(file, path, limit: 32)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let holder = text.split(separator: "\n").first.map { "process \($0)" } ?? "another process"
            throw ClusterError(
                .inUse,
                "data folder \(folder) is in use by \(holder): stop it, or give this server a folder of its own")
        }
        let name = Array("\(getpid())\n".utf8)
        // The name only helps people: the lock holds without it, on a full disk too.
        if ftruncate(file, 0) == 0 { _ = name.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) } }
        self.file = file
    }

    /// Unlocks before it closes: a child that is being started at this moment still holds a copy of the descriptor.
    deinit {
        _ = flock(file, LOCK_UN)
        _ = close(file)
    }
}
