import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The standard streams.
enum Terminal {
    /// Takes what the commands of a task would write to the standard output, in its stead.
    @TaskLocal static var listener: (@Sendable ([UInt8]) -> Void)?

    /// Writes a line to the standard output.
    static func say(_ text: String) { write(Array((text + "\n").utf8), to: STDOUT_FILENO) }

    /// Writes a line to the standard error.
    static func complain(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Writes bytes to the standard output as they are. Ends the program when nobody reads them any more.
    static func write(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) {
        if descriptor == STDOUT_FILENO, let listener { return listener(bytes) }
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = systemWrite(descriptor, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { exit(descriptor == STDOUT_FILENO && errno != EPIPE ? 1 : 0) }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// The most bytes that are read of a file or the standard input.
    static let longestInput = 16 << 20

    /// All of the standard input, up to 16 MiB.
    static func standardInput() throws -> [UInt8] { try contents(of: STDIN_FILENO, called: "The standard input") }

    /// All of a file, up to 16 MiB. It may be a pipe or a device, as `/dev/stdin` is.
    static func contents(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ClusterError(.notFound, "The file \(path) cannot be read: \(reason(errno))")
        }
        defer { close(descriptor) }
        return try contents(of: descriptor, called: "The file \(path)")
    }

    private static func contents(of descriptor: Int32, called name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ClusterError(.invalid, "\(name) cannot be read: \(reason(errno))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= longestInput else {
                throw ClusterError(
                    .tooLarge, "\(name) has more than \(longestInput) bytes; a job file is smaller.")
            }
        }
    }

    private static func reason(_ number: Int32) -> String {
        switch number {
        case ENOENT, ENOTDIR: "there is no such file."
        case EACCES, EPERM: "you may not read it."
        case EISDIR: "it is a folder."
        default: String(cString: strerror(number)) + "."
        }
    }

    /// Whether a person looks at the standard output, so that lines may be rewritten.
    static var isInteractive: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    /// Whether a person can be asked: one that types, and sees the question.
    static var hasPerson: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes, count)
        #elseif canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Musl.write(descriptor, bytes, count)
        #endif
    }
}

/// How the program ends, by Nomad's numbers.
enum Ending: Int32, Error {
    /// All is well.
    case success = 0
    /// Something went wrong, and was said.
    case failure = 1
    /// A job was registered, but not all of it could be placed.
    case notPlaced = 2
    /// Nothing more happens until someone does something: a roll-out waits to be promoted, or is paused. Ours: Nomad's
    /// commands watch on.
    case awaitsPeople = 3
    /// A plan could not be made: 1 says that one would change something.
    case planError = 255

    func end() -> Never { exit(rawValue) }

    /// Ends with a number that is not Nomad's.
    static func end(with code: Int32) -> Never { exit(code) }
}
