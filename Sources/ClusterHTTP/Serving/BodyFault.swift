import Hummingbird
import NIOCore
import ServiceLifecycle

/// Why the body of a request did not come: a client's doing, and the end of its connection.
enum BodyFault: Error, CustomStringConvertible {
    /// The rest did not come in time, or the server shuts down.
    case overdue
    /// The connection ended, or what came is no HTTP.
    case cut(any Error)

    var status: Int {
        switch self {
        case .overdue: 408
        case .cut: 400
        }
    }

    var description: String {
        switch self {
        case .overdue: "the body of the request did not come in time; send all of it at once"
        case .cut(let error): "the body of the request was cut off (\(error)); send all of it"
        }
    }
}

extension RequestBody {
    /// All of the body, when it comes within `limit` and before the server shuts down.
    ///
    /// Throws `NIOTooManyBytesError` when it is longer than `size`, and a `BodyFault` when it does not come.
    func collect(upTo size: Int, within limit: Duration) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                do {
                    return try await collect(upTo: size)
                } catch let error as NIOTooManyBytesError {
                    throw error
                } catch {
                    throw BodyFault.cut(error)
                }
            }
            group.addTask {
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: limit) }
                return nil
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() ?? nil else { throw BodyFault.overdue }
            return body
        }
    }
}
