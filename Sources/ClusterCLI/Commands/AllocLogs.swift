import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc logs`
struct AllocLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Prints what a task has written, and with -f what it goes on to write.")

    @Argument(help: "The allocation, or the beginning of its identifier.")
    var allocation: String

    @Argument(help: "The task; may be left out when there is only one.")
    var task: String?

    @OptionGroup var connection: Connection

    @Flag(name: .customShort("f"), help: "Go on until the task has ended.")
    var follow = false

    @Flag(help: "The standard error instead of the standard output.")
    var stderr = false

    @Flag(help: "Only the end: the last 10 lines, or as many as -n says.")
    var tail = false

    @Option(name: .customShort("n"), help: "How many lines of the end; implies -tail.", transform: NumberInput.whole)
    var lines: Int?

    @Option(name: .customShort("c"), help: "How many bytes of the end; implies -tail.", transform: NumberInput.whole)
    var bytes: Int?

    @Option(name: .customLong("task"), help: .hidden) var taskFlag: String?

    /// How far back lines are looked for: more bytes than that are no end of a log.
    private static let window = 4 << 20

    func validate() throws {
        guard !connection.json else {
            throw ValidationError("-json: what a task has written is printed as it is; leave -json out.")
        }
        guard lines == nil || bytes == nil else {
            throw ValidationError("-n counts lines and -c bytes of the end; leave one of them out.")
        }
        if let lines, lines < 0 { throw ValidationError("-n must be 0 or more, not \(lines)") }
        if let bytes, bytes < 0 { throw ValidationError("-c must be 0 or more, not \(bytes)") }
    }

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findAllocation(allocation, connection).value
            let name = try chosenTask(of: found)
            let stream: LogStream = stderr ? .stderr : .stdout
            let start = try await start(client, found.id, name, stream)
            guard follow else {
                Terminal.write(try await client.logs(of: found.id, task: name, stream: stream, from: start))
                return
            }
            try await LogFollow(client: client, allocation: found, task: name, stream: stream).run(from: start)
        }
    }

    /// Where the wanted end begins, in bytes after the first: what is written meanwhile does not move it.
    private func start(
        _ client: ClusterClient, _ id: String, _ task: String, _ stream: LogStream
    ) async throws -> LogOrigin {
        guard tail || lines != nil || bytes != nil else { return .start(offset: 0) }
        var (end, place) = ([UInt8](), 0)
        // Where bytes are counted, only the last is looked at: it tells where the log ends.
        let origin = LogOrigin.end(offset: bytes == nil ? Self.window : 1)
        for try await piece in try await client.logPieces(of: id, task: task, stream: stream, from: origin) {
            if bytes == nil { end += piece.bytes }
            place = max(0, piece.end ?? place)
        }
        let length = bytes ?? Self.length(ofLast: lines ?? 10, in: end)
        return .start(offset: max(0, place - length))
    }

    /// How many bytes the last `count` lines have; a last line without an end counts as one.
    static func length(ofLast count: Int, in text: [UInt8]) -> Int {
        guard count > 0 else { return 0 }
        var left = count
        for index in text.indices.reversed() where text[index] == UInt8(ascii: "\n") && index != text.count - 1 {
            left -= 1
            if left == 0 { return text.count - index - 1 }
        }
        return text.count
    }

    private func chosenTask(of allocation: AllocationWire) throws -> String {
        let names = Set((allocation.tasks ?? [:]).keys).union((allocation.resources?.tasks ?? [:]).keys).sorted()
        if let wanted = task ?? taskFlag {
            guard names.isEmpty || names.contains(wanted) else {
                throw ClusterError(
                    .notFound,
                    "Allocation \"\(allocation.id)\" has no task \"\(wanted)\" but \(names.joined(separator: ", "))."
                )
            }
            return wanted
        }
        guard let only = names.first else {
            throw ClusterError(
                .notFound, "Nothing is known yet of the tasks of allocation \"\(allocation.id)\"; name one, or wait.")
        }
        guard names.count == 1 else {
            throw ClusterError(
                .invalid,
                "Allocation \"\(allocation.id)\" has several tasks; name one of \(names.joined(separator: ", ")).")
        }
        return only
    }
}
