import AsyncHTTPClient
public import ClusterKit
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where to begin with a task's output.
public enum LogOrigin: Hashable, Sendable {
    /// So many bytes after the first one that is kept.
    case start(offset: Int)
    /// So many bytes before the last one.
    case end(offset: Int)
}

extension ClusterClient {
    /// What a task has written so far.
    public func logs(
        of allocation: String, task: String, stream: LogStream = .stdout, from origin: LogOrigin = .start(offset: 0)
    ) async throws -> [UInt8] {
        var request = logRequest(allocation, task, stream, origin)
        request.query.append(("plain", "true"))
        return try await send(request).body
    }

    /// What a task has written and what it writes from now on, until it has ended for good.
    public func followLogs(
        of allocation: String, task: String, stream: LogStream = .stdout, from origin: LogOrigin = .start(offset: 0)
    ) async throws -> LogBytes {
        var request = logRequest(allocation, task, stream, origin)
        request.query.append(("follow", "true"))
        request.isStream = true
        return LogBytes(body: try await open(request).body)
    }

    private func logRequest(
        _ allocation: String, _ task: String, _ stream: LogStream, _ origin: LogOrigin
    ) -> OutgoingRequest {
        var query = [(name: "task", value: task), (name: "type", value: stream.rawValue)]
        switch origin {
        case .start(let offset): query += [("origin", "start"), ("offset", "\(offset)")]
        case .end(let offset): query += [("origin", "end"), ("offset", "\(offset)")]
        }
        return OutgoingRequest(endpoint: .logs, argument: allocation, query: query)
    }
}

/// The output of a task as it is written; ends when the task has ended for good.
public struct LogBytes: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body

    /// Begins to read. May be called once.
    public func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator()) }

    /// Hands out one piece after another.
    public struct Iterator: AsyncIteratorProtocol {
        var chunks: HTTPClientResponse.Body.AsyncIterator
        private var frames = FrameSplitter()

        init(chunks: HTTPClientResponse.Body.AsyncIterator) { self.chunks = chunks }

        /// The next piece; waits until there is one.
        public mutating func next() async throws -> [UInt8]? {
            while true {
                while let frame = frames.next() {
                    guard let bytes = try Self.bytes(of: frame) else { continue }
                    return bytes
                }
                guard let chunk = try await chunks.next(isolation: #isolation) else { return nil }
                try frames.append(chunk.readableBytesView)
            }
        }

        /// The output in a frame; `nil` in one that only says that the connection lives.
        private static func bytes(of frame: [UInt8]) throws -> [UInt8]? {
            guard let frame = try? JSONDecoder().decode(LogFrame.self, from: Data(frame)) else {
                throw ClusterError(.unavailable, "the server sent output in a form that is not understood")
            }
            return frame.data.map(Array.init)
        }
    }
}

private struct LogFrame: Decodable {
    var data: Data?
    enum CodingKeys: String, CodingKey { case data = "Data" }
}
