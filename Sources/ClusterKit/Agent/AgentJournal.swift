import CLinux
import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The agent's memory on disk: its identity and one small file for each allocation, so that an agent that starts again
/// finds its tasks.
///
/// Files are replaced by renaming, so a killed agent leaves the old or the new one. They are not forced to disk:
/// after a loss of power no task runs any more that a lost file could have named, and whoever reads them learns that
/// the machine was started anew. A file that cannot be read is set aside under the ending `.damaged` and never keeps
/// the agent from starting.
package final class AgentJournal: Sendable {
    /// The node's identifier, made when the folder was first used.
    package let node: NodeID
    private let folder: String
    private let lock: Int32

    private static let ending = ".record"
    private static let view = "view"
    private static let mark: [UInt8] = Array("CKA1".utf8)

    /// Opens the data folder for this agent alone; makes it when it is not there. Throws `.inUse` when another agent
    /// has it.
    package init(dataFolder: String, using entropy: inout Entropy) throws {
        folder = dataFolder + "/state"
        try Self.makeFolders(dataFolder)
        let data = try OpenFolder(path: dataFolder)
        _ = try data.make("state", mode: 0o700)
        let path = dataFolder + "/agent.lock"
        lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw ClusterError(.internal, SystemFailure("open \(path)").description) }
        guard cluster_lock(lock) == 0 else {
            close(lock)
            throw ClusterError(
                .inUse, "the data folder \(dataFolder) is used by another agent; stop that one or name another folder")
        }
        do {
            node = try Self.identity(in: dataFolder, using: &entropy)
        } catch {
            close(lock)
            throw error
        }
    }

    deinit { close(lock) }

    private static func makeFolders(_ path: String) throws {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw ClusterError(.invalid, "the data folder must be an absolute path, not \"\(path)\"")
        }
        var built = ""
        for step in path.split(separator: "/") {
            built += "/\(step)"
            if mkdir(built, 0o711) != 0, errno != EEXIST, errno != EISDIR {
                throw ClusterError(.internal, SystemFailure("make the folder \(built)").description)
            }
        }
    }

    /// A damaged identity is not replaced: the servers would count the old node as lost with all that runs on it.
    private static func identity(in dataFolder: String, using entropy: inout Entropy) throws -> NodeID {
        let path = dataFolder + "/node-id"
        if let bytes = try read(path) {
            let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            if let id = NodeID(text) { return id }
            throw ClusterError(
                .corrupt,
                "\(path) does not hold a node's identifier; restore it, or delete it to join as a new node")
        }
        let id: NodeID = entropy.identifier()
        try write(Array("\(id)\n".utf8), to: path, durably: true)
        return id
    }

    // MARK: - Records

    /// Reads all records; gives those that are whole, by identifier, whether the machine was started anew since a view
    /// was kept, and a line for each file that was set aside.
    package func load() throws -> (
        records: [AllocationRecord], seen: ViewStamp, machineRestarted: Bool, damaged: [String]
    ) {
        var records: [AllocationRecord] = []
        var seen = SeenView(stamp: .zero, boot: nil)
        var damaged: [String] = []
        for name in try OpenFolder(path: folder).names() {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(".new") {
                unlink(path)
            } else if name == Self.view {
                do throws(RecordError) {
                    guard let bytes = try? Self.read(path) else { throw RecordError("the file cannot be read") }
                    seen = try SeenView(decoding: Self.payload(of: bytes))
                } catch {
                    damaged.append("the newest view in \(path) is damaged (\(error)); older ones are not told apart")
                }
            } else if name.hasSuffix(Self.ending) {
                do throws(RecordError) {
                    guard let bytes = try? Self.read(path) else { throw RecordError("the file cannot be read") }
                    let record = try Self.decode(bytes)
                    guard name == "\(record.id)\(Self.ending)" else {
                        throw RecordError("it is of allocation \(record.id)")
                    }
                    records.append(record)
                } catch {
                    let aside = path + ".damaged"
                    rename(path, aside)
                    damaged.append("the record \(path) is damaged (\(error)); it was set aside as \(aside)")
                }
            }
        }
        return (records, seen.stamp, seen.boot != ProcessIdentity.boot, damaged)
    }

    /// Keeps the newest view that was seen.
    package func remember(_ stamp: ViewStamp) throws {
        let view = SeenView(stamp: stamp, boot: ProcessIdentity.boot)
        try Self.write(Self.sealed(view.encoded), to: "\(folder)/\(Self.view)", durably: false)
    }

    /// Keeps a record in place of the older one.
    package func write(_ record: AllocationRecord) throws {
        try Self.write(Self.encode(record), to: "\(folder)/\(record.id)\(Self.ending)", durably: false)
    }

    /// Removes a record. One that is not there is no error.
    package func forget(_ id: AllocationID) {
        unlink("\(folder)/\(id)\(Self.ending)")
    }

    // MARK: - Bytes

    /// A mark, a checksum of what follows it, and the record.
    package static func encode(_ record: AllocationRecord) -> [UInt8] { sealed(record.encoded) }

    private static func sealed(_ payload: [UInt8]) -> [UInt8] {
        var writer = RecordWriter(capacity: payload.count + 16)
        writer.fixed(checksum(payload[...]))
        return mark + writer.bytes + payload
    }

    /// Reads what `encode` wrote; anything else gives an error.
    package static func decode(_ bytes: [UInt8]) throws(RecordError) -> AllocationRecord {
        try AllocationRecord(decoding: payload(of: bytes))
    }

    private static func payload(of bytes: [UInt8]) throws(RecordError) -> [UInt8] {
        guard bytes.starts(with: mark) else { throw RecordError("it does not begin with the mark of a record") }
        var reader = RecordReader(Array(bytes.dropFirst(mark.count)))
        let sum = try reader.fixed()
        let payload = bytes.dropFirst(mark.count + 8)
        guard sum == checksum(payload) else { throw RecordError("its checksum is wrong") }
        return Array(payload)
    }

    /// FNV-1a of 64 bits: against decay, not against malice.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return sum
    }

    /// The bytes of a file, `nil` when there is none.
    private static func read(_ path: String) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw ClusterError(.internal, SystemFailure("open \(path)").description)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unistdRead(file, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw ClusterError(.internal, SystemFailure("read \(path)").description)
            }
            bytes += buffer[..<count]
        }
    }

    private static func unistdRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.read(file, buffer, count)
        #elseif canImport(Glibc)
            Glibc.read(file, buffer, count)
        #else
            Musl.read(file, buffer, count)
        #endif
    }

    private static func unistdWrite(_ file: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.write(file, buffer, count)
        #elseif canImport(Glibc)
            Glibc.write(file, buffer, count)
        #else
            Musl.write(file, buffer, count)
        #endif
    }

    private static func write(_ bytes: [UInt8], to path: String, durably: Bool) throws {
        let fresh = path + ".new"
        let file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw ClusterError(.internal, SystemFailure("make \(fresh)").description) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                $0.baseAddress.map { unistdWrite(file, $0, bytes.count - written) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = SystemFailure("write \(fresh)")
                close(file)
                unlink(fresh)
                throw ClusterError(.internal, failure.description)
            }
            written += count
        }
        if durably { fsync(file) }
        close(file)
        guard rename(fresh, path) == 0 else {
            throw ClusterError(.internal, SystemFailure("rename \(fresh)").description)
        }
    }
}

/// The newest view that was seen, and in which run of the machine; older agents did not say.
private struct SeenView: Stored {
    var stamp: ViewStamp
    var boot: String?

    init(stamp: ViewStamp, boot: String?) {
        self.stamp = stamp
        self.boot = boot
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        self.init(stamp: try reader.next(), boot: try reader.next(or: nil))
    }

    func write(to writer: inout RecordWriter) {
        writer.put(stamp)
        writer.put(boot)
    }
}
