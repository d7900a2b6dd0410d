/// What a shim is told: which program to run and where its output goes. It travels through a socket, never through the
/// command line or a file, because arguments and environment may hold secrets.
package struct TaskOrder: Hashable, Sendable {
    /// The shim's own folder, private to this start of the task: the traces and the exit record.
    package var state: String
    /// The program: an absolute path.
    package var program: String
    /// All arguments, the program's name first.
    package var arguments: [String]
    /// The whole environment, each as `KEY=value`.
    package var environment: [String]
    /// The working directory.
    package var folder: String
    /// The folder of the rotated output files.
    package var logs: String
    /// The task's name, which the output files begin with.
    package var task: String
    /// How many output files are kept for each stream.
    package var logFiles: Int
    /// The exact size in bytes of each output file but the newest.
    package var logFileSize: Int
    /// The folder of the control group to join; empty for none.
    package var group: String
    /// Until when the task may run; `nil` for as long as it takes.
    package var lease: OrderedLease?

    /// Gives an order.
    package init(
        state: String, program: String, arguments: [String], environment: [String] = [], folder: String = "/",
        logs: String, task: String, logFiles: Int = 10, logFileSize: Int = 10 << 20, group: String = ""
    ) {
        self.state = state
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.logs = logs
        self.task = task
        self.logFiles = logFiles
        self.logFileSize = logFileSize
        self.group = group
    }
}

extension TaskOrder {
    /// The form of the bytes. A shim of another form refuses the order; both come from one installation.
    private static let form: UInt64 = 2

    /// The bytes that `init(bytes:)` reads.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func put(_ number: Int) {
            withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { bytes.append(contentsOf: $0) }
        }
        func put(_ text: String) {
            put(text.utf8.count)
            bytes.append(contentsOf: text.utf8)
        }
        func put(_ texts: [String]) {
            put(texts.count)
            for text in texts { put(text) }
        }
        put(Int(Self.form))
        put(state)
        put(program)
        put(arguments)
        put(environment)
        put(folder)
        put(logs)
        put(task)
        put(logFiles)
        put(logFileSize)
        put(group)
        put(lease == nil ? 0 : 1)
        if let lease {
            put(Int(lease.end))
            put(Int(lease.signal))
            put(Int(lease.grace))
        }
        return bytes
    }

    /// Reads an order; `nil` when it is incomplete or of another form.
    package init?(bytes: [UInt8]) {
        var reader = Reader(rest: bytes[...])
        guard reader.number() == Int(Self.form), let state = reader.text(), let program = reader.text(),
            let arguments = reader.texts(), let environment = reader.texts(), let folder = reader.text(),
            let logs = reader.text(), let task = reader.text(), let logFiles = reader.number(),
            let logFileSize = reader.number(), let group = reader.text(), let leases = reader.number()
        else { return nil }
        let lease = leases == 1 ? reader.lease() : nil
        guard leases == (lease == nil ? 0 : 1), reader.rest.isEmpty else { return nil }
        self.init(
            state: state, program: program, arguments: arguments, environment: environment, folder: folder,
            logs: logs, task: task, logFiles: logFiles, logFileSize: logFileSize, group: group)
        self.lease = lease
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func number() -> Int? {
            guard rest.count >= 8 else { return nil }
            var number: UInt64 = 0
            for byte in rest.prefix(8).reversed() { number = number << 8 | UInt64(byte) }
            rest.removeFirst(8)
            return Int(exactly: number)
        }

        mutating func lease() -> OrderedLease? {
            guard let end = number(), let signal = number().flatMap(Int32.init(exactly:)), let grace = number() else {
                return nil
            }
            return OrderedLease(end: Int64(end), signal: signal, grace: Int64(grace))
        }

        mutating func text() -> String? {
            guard let count = number(), count <= rest.count else { return nil }
            defer { rest.removeFirst(count) }
            return String(decoding: rest.prefix(count), as: UTF8.self)
        }

        mutating func texts() -> [String]? {
            guard let count = number(), count <= rest.count else { return nil }
            var texts: [String] = []
            for _ in 0..<count {
                guard let text = text() else { return nil }
                texts.append(text)
            }
            return texts
        }
    }
}
