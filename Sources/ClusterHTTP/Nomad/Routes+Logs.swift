import ClusterClient
import ClusterKit
import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The output of tasks.
extension APIServer {
    static func logRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.logs, .readLogs) { request in
                let id = try request.allocationID()
                guard let allocation = request.server.snapshot.allocations[id] else {
                    return .missing("alloc not found", at: Watch(.allocation(id)).revision(in: request.server.snapshot))
                }
                var source = LogSource(
                    server: request.server, caller: request.caller, allocation: id,
                    request: try logRequest(request, of: allocation), isPlain: try request.query.flag("plain"),
                    isFollowing: try request.query.flag("follow"), patience: configuration.streamHeartbeat)
                // The first piece decides about the status: whether there is such a task, and whether its machine
                // answers.
                try await source.begin()
                return APIAnswer(content: .stream(source, type: source.isPlain ? "text/plain" : "application/json"))
            }
        ]
    }

    private static func logRequest(
        _ request: APIRequest, of allocation: Allocation
    ) throws(ClusterError) -> LogRequest {
        let query = request.query
        guard let task = query["task"], !task.isEmpty else {
            throw ClusterError(.invalid, "must provide task name: add task=NAME")
        }
        let word = query["type"] ?? query["logtype"] ?? ""
        guard let stream = LogStream(rawValue: word) else {
            throw ClusterError(.invalid, "must provide log type (stdout/stderr): type is \"\(word)\"")
        }
        if let group = request.server.snapshot.job(of: allocation)?.group(allocation.group), group.task(task) == nil {
            throw ClusterError(.notFound, "unknown task name \"\(task)\" in allocation \(allocation.id.short)")
        }
        let fromEnd: Bool
        switch query["origin"] ?? "start" {
        case "start", "": fromEnd = false
        case "end": fromEnd = true
        case let other: throw ClusterError(.invalid, "origin must be \"start\" or \"end\", not \"\(other)\"")
        }
        return LogRequest(
            task: task, stream: stream, offset: try query.number("offset") ?? 0, fromEnd: fromEnd,
            limit: LogSource.pieceSize)
    }
}

/// A task's output, piece by piece, as bytes or in frames.
struct LogSource: PieceSource {
    /// The most bytes that are asked for at a time.
    static let pieceSize = 64 << 10

    let server: Server
    let caller: Caller
    let allocation: AllocationID
    /// What is asked next.
    var request: LogRequest
    let isPlain: Bool
    let isFollowing: Bool
    /// How long to wait for output before showing that the stream lives.
    let patience: Duration
    /// What was found and not yet sent.
    private var found: LogChunk?
    private var isOver = false

    init(
        server: Server, caller: Caller, allocation: AllocationID, request: LogRequest, isPlain: Bool,
        isFollowing: Bool, patience: Duration
    ) {
        self.server = server
        self.caller = caller
        self.allocation = allocation
        self.request = request
        self.isPlain = isPlain
        self.isFollowing = isFollowing
        self.patience = patience
    }

    /// Asks for the first piece without waiting for output.
    mutating func begin() async throws { found = try await ask(atMost: .zero) }

    mutating func next() async throws -> [UInt8]? {
        while !isOver {
            let chunk: LogChunk
            if let found {
                chunk = found
                self.found = nil
            } else {
                guard !Task.isShuttingDownGracefully else { return nil }
                chunk = try await ask(atMost: isFollowing ? patience : .zero)
            }
            advance(past: chunk)
            if !chunk.data.isEmpty { return isPlain ? chunk.data : Self.frame(chunk) }
            // A plain stream has no way to say nothing.
            if !isOver, isFollowing { return isPlain ? [] : Array("{}".utf8) }
        }
        return nil
    }

    private func ask(atMost wait: Duration) async throws -> LogChunk {
        var request = request
        request.wait = wait
        let (server, allocation, caller, asked) = (server, allocation, caller, request)
        return try await cancelWhenGracefulShutdown {
            try await server.logs(of: allocation, asked, as: caller)
        }
    }

    private mutating func advance(past chunk: LogChunk) {
        let (end, overflow) = chunk.offset.addingReportingOverflow(chunk.data.count)
        isOver = chunk.isEnd || overflow || (chunk.data.isEmpty && !isFollowing)
        request.offset = end
        request.fromEnd = false
    }

    /// The offset is where the data ends, as Nomad counts.
    private static func frame(_ chunk: LogChunk) -> [UInt8] {
        AnswerWriter.bytes(capacity: chunk.data.count * 4 / 3 + 128) { writer in
            writer.object {
                $0.field("Data", Data(chunk.data).base64EncodedString())
                $0.field("File", "alloc/logs/\(chunk.file)")
                $0.field("Offset", chunk.offset.addingReportingOverflow(chunk.data.count).partialValue)
            }
        }
    }
}
