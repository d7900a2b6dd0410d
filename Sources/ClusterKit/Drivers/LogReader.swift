import ClusterShimCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads the rotated output of tasks. The folder belongs to the tasks too, so nothing in it is trusted: links, pipes
/// and everything else that is not a plain file of its own is passed over, and names cannot lead out of the folder.
public struct LogReader: Sendable {
    private let folder: String
    private let fileSize: Int

    /// The most bytes that one answer holds, whatever is asked for.
    public static let mostBytes = 4 << 20
    private static let pause = Duration.milliseconds(50)

    /// Reads below `folder`, an absolute path, files of exactly `fileSize` bytes each but the newest.
    public init(folder: String, fileSize: Int) {
        self.folder = folder
        self.fileSize = max(1, fileSize)
    }

    /// Reads the output of the tasks of one allocation.
    public init(folders: TaskFolders, rotation: LogRotation) {
        self.init(folder: folders.logs, fileSize: Self.fileSize(of: rotation))
    }

    /// The size in bytes at which a new file is begun.
    static func fileSize(of rotation: LogRotation) -> Int {
        let (size, overflow) = max(1, rotation.fileSizeMiB).multipliedReportingOverflow(by: 1 << 20)
        return overflow ? .max : size
    }

    /// Answers a request, waiting for the first byte as long as the request says. `isOver` says whether the task has
    /// ended for good. Throws `ClusterError` with `.invalid` for a name that cannot be a task's, `.notFound` without
    /// a folder.
    public func chunk(for request: LogRequest, isOver: @Sendable () -> Bool) async throws -> LogChunk {
        let start = ContinuousClock.now
        while true {
            let chunk = try read(request, isOver: isOver())
            if !chunk.data.isEmpty || chunk.isEnd || request.limit <= 0 { return chunk }
            let rest = request.wait - (ContinuousClock.now - start)
            guard rest > .zero else { return chunk }
            try await Task.sleep(for: min(rest, Self.pause))
        }
    }

    /// Answers a request with what is there now. `isOver` must have been found out before.
    public func read(_ request: LogRequest, isOver: Bool) throws -> LogChunk {
        guard !request.task.isEmpty, !request.task.utf8.contains(UInt8(ascii: "/")), !request.task.utf8.contains(0)
        else { throw ClusterError(.invalid, "\"\(request.task)\" cannot be a task's name") }
        guard let folder = Descriptor.openFolder(folder) else {
            throw ClusterError(.notFound, "there is no output in \(folder): \(reason(errno))")
        }
        let name = LogName(task: request.task, stream: request.stream.rawValue)
        let files = parts(of: name, in: folder)
        guard let newest = files.last else {
            return LogChunk(data: [], offset: 0, file: name.file(0), isEnd: isOver)
        }
        let end = newest.start + newest.length
        let wanted = max(0, request.offset)
        var position = request.fromEnd ? end - min(wanted, end) : min(wanted, end)
        var room = min(max(0, request.limit), Self.mostBytes)
        var chunk = LogChunk(data: [], offset: position, file: name.file(newest.index), isEnd: false)
        for part in files where part.start + part.length > position && room > 0 {
            if chunk.data.isEmpty {
                position = max(position, part.start)
                chunk.offset = position
                chunk.file = name.file(part.index)
            }
            guard part.start <= position else { break }
            let bytes = read(part, of: name, in: folder, from: position - part.start, count: room)
            chunk.data += bytes
            position += bytes.count
            room -= bytes.count
            // After a file that is shorter than it was, or gone, the next answer begins with the next file.
            if bytes.isEmpty, !chunk.data.isEmpty { break }
        }
        chunk.isEnd = isOver && position >= end
        return chunk
    }

    private struct Part {
        var index: Int
        var start: Int
        var length: Int
    }

    private func parts(of name: LogName, in folder: borrowing Descriptor) -> [Part] {
        var parts: [Part] = []
        for index in name.indices(in: names(in: folder)) {
            let (start, overflow) = index.multipliedReportingOverflow(by: fileSize)
            guard !overflow, let file = open(name.file(index), in: folder), let length = Self.length(of: file),
                !start.addingReportingOverflow(length).overflow
            else { continue }
            parts.append(Part(index: index, start: start, length: min(length, fileSize)))
        }
        return parts
    }

    private func read(
        _ part: Part, of name: LogName, in folder: borrowing Descriptor, from offset: Int, count: Int
    ) -> [UInt8] {
        let count = min(count, part.length - offset)
        guard count > 0, let file = open(name.file(part.index), in: folder), Self.length(of: file) != nil else {
            return []
        }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = retrying {
                    pread(file.number, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
                }
                guard got > 0 else { return }
                filled += got
            }
        }
    }

    private func open(_ name: String, in folder: borrowing Descriptor) -> Descriptor? {
        Descriptor.open(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }

    /// The length of a plain file that has no other name; `nil` for anything else.
    private static func length(of file: borrowing Descriptor) -> Int? {
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            return nil
        }
        return Int(status.st_size)
    }
}
