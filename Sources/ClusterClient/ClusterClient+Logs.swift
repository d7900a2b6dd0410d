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

    /// What a task has written so far, a piece at a time: each says where it ends.
    public func logPieces(
        of allocation: String, task: String, stream: LogStream = .stdout, from origin: LogOrigin = .start(offset: 0)
    ) async throws -> LogPieces {
        var request = logRequest(allocation, task, stream, origin)
        request.isStream = true
        return LogPieces(body: try await open(request).body, server: server)
    }

    /// What a task has written and what it writes from now on, until it has ended for good.
    ///
    /// Ends with `.unavailable` when the server or the node's agent goes away meanwhile: ask again from where the last
    /// piece ended.
    public func followLogs(
        of allocation: String, task: String, stream: LogStream = .stdout, from origin: LogOrigin = .start(offset: 0)
    ) async throws -> LogPieces {
        var request = logRequest(allocation, task, stream, origin)
        request.query.append(("follow", "true"))
        request.isStream = true
        return LogPieces(body: try await open(request).body, server: server)
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

/// A part of a task's output.
public struct LogPiece: Hashable, Sendable {
    /// The output.
    public var bytes: [UInt8]
    /// Where it ends, in bytes after the first one that the task ever wrote; `nil` from servers that do not say.
    public var end: Int?

    /// States a piece.
    public init(bytes: [UInt8], end: Int?) {
        self.bytes = bytes
        self.end = end
    }
}

/// The output of a task as it comes.
public struct LogPieces: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body
    let server: String

    /// Begins to read. May be called once.
    public func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator(), server: server) }

    /// Hands out one piece after another.
    public struct Iterator: AsyncIteratorProtocol {
        var chunks: HTTPClientResponse.Body.AsyncIterator
        let server: String
        private var frames = FrameSplitter()

        init(chunks: HTTPClientResponse.Body.AsyncIterator, server: String) {
            self.chunks = chunks
            self.server = server
        }

        /// The next piece; waits until there is one.
        public mutating func next() async throws -> LogPiece? {
            while true {
                while let frame = frames.next() {
                    guard let piece = try Self.piece(of: frame) else { continue }
                    return piece
                }
                guard let chunk = try await chunk() else { return nil }
                try frames.append(chunk.readableBytesView)
            }
        }

        private mutating func chunk() async throws -> ByteBuffer? {
            do {
                return try await chunks.next(isolation: #isolation)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                try Task.checkCancellation()
                throw ClusterError(
                    .unavailable, "\(server) broke off the output: it, or the agent of the node, went away")
            }
        }

        /// The output in a frame; `nil` in one that only says that the connection lives.
        private static func piece(of frame: [UInt8]) throws -> LogPiece? {
            guard let frame = try? JSONDecoder().decode(LogFrame.self, from: Data(frame)) else {
                throw ClusterError(.unavailable, "the server sent output in a form that is not understood")
            }
            return frame.data.map { LogPiece(bytes: Array($0), end: frame.offset) }
        }
    }
}

private struct LogFrame: Decodable {
    var data: Data?
    var offset: Int?

    enum CodingKeys: String, CodingKey {
        case data = "Data"
        case offset = "Offset"
    }
}
