#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a task ended, as its shim leaves it in the state folder.
package struct ExitRecord: Hashable, Sendable {
    /// The exit code; 0 when a signal ended it.
    package var code: Int32
    /// The signal that ended it, or 0.
    package var signal: Int32
    /// Whether the system ended it because its control group used more memory than it may.
    package var outOfMemory = false
    /// Whether its shim was gone first, so that nobody knows how it ended.
    package var isLost = false
    /// Nanoseconds since 1970.
    package var time: Int64
    /// Bytes of output that could not be written.
    package var dropped = 0

    /// Records an end.
    package init(code: Int32 = 0, signal: Int32 = 0, time: Int64) {
        self.code = code
        self.signal = signal
        self.time = time
    }

    /// The name of the finished record in the state folder.
    package static let file = "exit"
    private static let draft = "exit.draft"
    private static let length = 256

    private var padded: [UInt8] {
        let text =
            "code \(code)\nsignal \(signal)\nmemory \(outOfMemory ? 1 : 0)\nlost \(isLost ? 1 : 0)\n"
            + "time \(time)\ndropped \(dropped)\n"
        return Array(text.utf8) + Array(repeating: UInt8(ascii: "\n"), count: max(0, Self.length - text.utf8.count))
    }

    /// Claims the record's room on the disk, so that a disk that is full later cannot take the exit status away.
    package static func reserve(in folder: borrowing Descriptor) -> Bool {
        guard let file = Descriptor.open(draft, in: folder, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
        else { return false }
        return file.write(ExitRecord(time: 0).padded)
    }

    /// Writes the record over its reserved room and shows it under its name in one step.
    package func write(in folder: borrowing Descriptor) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_NOFOLLOW
        guard let file = Descriptor.open(Self.draft, in: folder, flags, mode: 0o600), file.write(padded) else {
            return false
        }
        return renameat(folder.number, Self.draft, folder.number, Self.file) == 0
    }

    /// Reads the record of a task that ended; `nil` while there is none.
    package static func read(in folder: String) -> ExitRecord? {
        guard let text = contents(of: folder + "/" + file) else { return nil }
        var record = ExitRecord(time: 0)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let value = Int64(parts[1]) else { continue }
            switch parts[0] {
            case "code": record.code = Int32(truncatingIfNeeded: value)
            case "signal": record.signal = Int32(truncatingIfNeeded: value)
            case "memory": record.outOfMemory = value == 1
            case "lost": record.isLost = value == 1
            case "time": record.time = value
            case "dropped": record.dropped = Int(value)
            default: continue
            }
        }
        return record
    }
}
