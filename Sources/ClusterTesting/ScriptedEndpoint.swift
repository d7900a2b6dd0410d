import ClusterKit
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A tiny server on this machine that answers each connection with the same bytes: something for probers to ask.
///
/// It reads a request before it answers, a body of stated length included.
public final class ScriptedEndpoint: Sendable {
    /// What it does with a connection.
    public enum Answer: Sendable {
        /// Sends these bytes and closes.
        case bytes([UInt8])
        /// Sends the first bytes, then the second again and again for as long as they are taken.
        case endless([UInt8], [UInt8])
        /// Says nothing and keeps the connection.
        case nothing
        /// Does what is chosen for the head of the request.
        case chosen(@Sendable (_ head: String) -> Answer)
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var answer: Answer
        var visits = 0
        var bytesSent = 0
        var heads: [String] = []
        var bodies: [String] = []
        var isClosed = false

        init() { answer = .nothing }
    }

    /// Begins to serve on a free port.
    public init(_ answer: Answer) throws {
        let (listener, port) = try Self.listen()
        self.listener = listener
        self.port = port
        state.withLock { $0.answer = answer }
        try BlockingWork.start { self.serve() }
    }

    /// How many connections came.
    public var visits: Int { state.withLock(\.visits) }
    /// How many bytes were taken.
    public var bytesSent: Int { state.withLock(\.bytesSent) }
    /// The heads of the requests that came.
    public var heads: [String] { state.withLock(\.heads) }
    /// Their bodies, in the same order.
    public var bodies: [String] { state.withLock(\.bodies) }

    /// Answers differently from now on.
    public func answer(with answer: Answer) { state.withLock { $0.answer = answer } }

    /// Serves no more.
    public func close() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        _ = shutdown(listener, Int32(SHUT_RDWR))
        closeSocket(listener)
    }

    /// An answer of HTTP/1.1.
    public static func http(_ status: String, _ body: String = "", headers: [String] = []) -> Answer {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        return .bytes(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    private static func listen() throws -> (Int32, Int) {
        let (listener, port) = try QuietPort.bound()
        guard listenSocket(listener, 64) == 0 else {
            let reason = String(cString: strerror(errno))
            closeSocket(listener)
            throw ClusterEndpointError(description: "cannot listen on 127.0.0.1: \(reason)")
        }
        return (listener, port)
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            state.withLock { $0.visits += 1 }
            do {
                try BlockingWork.start {
                    self.attend(connection)
                    closeSocket(connection)
                }
            } catch {
                closeSocket(connection)
            }
        }
    }

    private func attend(_ connection: Int32) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var rest = Self.missing(in: request)
        while rest > 0 {
            let count = recv(connection, &buffer, min(rest, buffer.count), 0)
            guard count > 0 else { return }
            request += buffer[..<count]
            rest = Self.missing(in: request)
        }
        let head = Self.head(of: request).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let body = String(decoding: request.dropFirst(head.utf8.count), as: UTF8.self)
        var answer = state.withLock { state in
            state.heads.append(head)
            state.bodies.append(body)
            return state.answer
        }
        if case .chosen(let choose) = answer { answer = choose(head) }
        switch answer {
        case .chosen: return
        case .bytes(let bytes): _ = send(bytes, to: connection)
        case .endless(let first, let rest):
            guard send(first, to: connection) else { return }
            while send(rest, to: connection), !state.withLock(\.isClosed) {}
        case .nothing: while recv(connection, &buffer, buffer.count, 0) > 0 {}
        }
    }

    /// The bytes of a request up to the empty line, that included; `nil` while it has not come.
    private static func head(of request: [UInt8]) -> ArraySlice<UInt8>? {
        request.firstRange(of: [13, 10, 13, 10] as [UInt8]).map { request[..<$0.upperBound] }
    }

    /// How many bytes to read before a request can be answered: what of a body is not read would turn the end of the
    /// connection into a reset, which takes the answer with it.
    private static func missing(in request: [UInt8]) -> Int {
        guard let head = head(of: request) else { return 4096 }
        let lines = String(decoding: head, as: UTF8.self).lowercased().split(separator: "\r\n")
        let length = lines.first { $0.hasPrefix("content-length:") }.flatMap { line in
            Int(line.dropFirst("content-length:".count).drop { $0 == " " })
        }
        return max(0, head.count + min(length ?? 0, 1 << 20) - request.count)
    }

    private func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { sendBytes(connection, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            sent += count
            state.withLock { $0.bytesSent += count }
        }
        return true
    }
}

/// Why an endpoint did not begin.
struct ClusterEndpointError: Error, CustomStringConvertible {
    let description: String
}

func closeSocket(_ number: Int32) { _ = close(number) }
func bindSocket(_ number: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
    bind(number, address, size)
}
private func listenSocket(_ number: Int32, _ backlog: Int32) -> Int32 { listen(number, backlog) }

func streamSocket() -> Int32 {
    #if canImport(Glibc)
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
        let number = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return number
}

private func sendBytes(_ number: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Darwin)
        send(number, bytes, count, 0)
    #else
        send(number, bytes, count, Int32(MSG_NOSIGNAL))
    #endif
}
