#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The names of a stream's output files: `web.stdout.0`, `web.stdout.1` and so on, the highest number the newest.
package struct LogName: Hashable, Sendable {
    /// All but the number.
    package let prefix: String

    /// Names the files of one stream of a task: `stdout` or `stderr`.
    package init(task: String, stream: String) { prefix = task + "." + stream + "." }

    /// The name of a file by its number.
    package func file(_ index: Int) -> String { prefix + String(index) }

    /// The numbers of the files among `names`, lowest first.
    package func indices(in names: [String]) -> [Int] { names.compactMap(index).sorted() }

    private func index(of name: String) -> Int? {
        guard name.utf8.count > prefix.utf8.count, name.hasPrefix(prefix) else { return nil }
        let digits = name.utf8.dropFirst(prefix.utf8.count)
        // Within 15 digits no number overflows; a leading zero would give two files one number.
        guard digits.count <= 15, digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var index = 0
        for digit in digits {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return nil }
            index = index * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return index
    }
}

/// Writes one stream of a task into files of exactly one size, so that file `n` begins at byte `n * size` of all that
/// was ever written, however many older files were deleted. A file is opened once and never looked up by name again;
/// what cannot be written is dropped and counted, and the task goes on.
package struct RotatingLog: ~Copyable {
    private let folder: Descriptor
    private let name: LogName
    private let files: Int
    private let size: Int
    private var file: Descriptor?
    private var index: Int
    private var length = 0
    /// How many bytes could not be written.
    package private(set) var dropped = 0

    /// Goes on behind what an earlier start of the task wrote.
    package init(in folder: consuming Descriptor, name: LogName, files: Int, size: Int) {
        self.name = name
        self.files = max(1, files)
        self.size = max(1, size)
        index = name.indices(in: names(in: folder)).last ?? 0
        self.folder = folder
        open(index)
    }

    /// Whether the newest file is open for writing.
    package var isOpen: Bool { file != nil }

    /// Appends bytes, beginning new files and deleting the oldest as needed.
    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if file == nil || length >= size { open(file == nil ? index : index + 1) }
            let room = size - length
            guard let number = file?.number, room > 0 else {
                dropped += rest.count
                return
            }
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(room))
            let written = retrying { systemWrite(number, part.baseAddress, part.count) }
            guard written > 0 else {
                dropped += rest.count
                return
            }
            length += written
            rest = rest.dropFirst(written)
        }
    }

    /// Opens file `wanted`, or the next one when that is full. The folder belongs to the task too: whatever stands
    /// there that is not a plain file of its own is removed, never followed.
    private mutating func open(_ wanted: Int) {
        let flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK
        var candidate = wanted
        for _ in 0..<8 {
            let title = name.file(candidate)
            if let opened = Descriptor.open(title, in: folder, flags) {
                var status = stat()
                let isOwn =
                    fstat(opened.number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
                if isOwn {
                    guard status.st_size < size else {
                        candidate += 1
                        continue
                    }
                    return take(opened, candidate, length: Int(status.st_size))
                }
                _ = unlinkat(folder.number, title, 0)
            } else if errno == ELOOP || errno == ENXIO {
                _ = unlinkat(folder.number, title, 0)
            } else if errno != ENOENT && errno != EISDIR {
                return
            }
            let exclusive = flags | O_CREAT | O_EXCL
            if let created = Descriptor.open(title, in: folder, exclusive, mode: 0o640) {
                return take(created, candidate, length: 0)
            }
            guard errno == EEXIST else { return }
            candidate += 1
        }
    }

    private mutating func take(_ opened: consuming Descriptor, _ candidate: Int, length: Int) {
        file = consume opened
        index = candidate
        self.length = length
        for old in name.indices(in: names(in: folder)) where old <= candidate - files {
            _ = unlinkat(folder.number, name.file(old), 0)
        }
    }
}

private func systemWrite(_ number: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(number, bytes, count)
}
