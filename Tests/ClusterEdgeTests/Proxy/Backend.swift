import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A web server that answers as it is told, and keeps what it was asked. It reads requests laxly, with a parser of its
/// own: a line may end in LF alone, and the first length counts.
final class Backend: Sendable {
    /// What to do about a request.
    enum Reply: Sendable {
        case send(String)
        /// Sends and closes.
        case finish(String)
        /// Closes without a word.
        case hangUp
        /// Waits.
        case nothing
        /// Sends these bytes again and again, so many times.
        case flood(head: String, chunk: Int, times: Int)
        /// From now on, everything that comes is sent back.
        case echo(String)
        /// Sends when the head is there, and the second when the body is.
        case interim(String, String)
        /// Sends after so many milliseconds.
        case later(String, Int64)
    }

    struct Request: Sendable, Equatable {
        var head: String
        var body: String
        /// Which connection it came over, from 1.
        var connection: Int
        var line: String { String(head.prefix { !$0.isNewline }) }
        func header(_ name: String) -> String? {
            head.split(whereSeparator: \.isNewline).dropFirst().first {
                $0.lowercased().hasPrefix(name.lowercased() + ":")
            }.map { $0.drop { $0 != ":" }.dropFirst().trimmed }
        }
    }

    struct State {
        var requests: [Request] = []
        var connections = 0
        var open = 0
        var received = 0
        var sent = 0
        /// Requests whose answer is to come later.
        var waiting = 0
        var channels: [any Channel] = []
    }

    let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)
    private let answer: @Sendable (Request) -> Reply

    init(_ answer: @escaping @Sendable (Request) -> Reply = { _ in .send(Backend.ok("hello")) }) {
        self.answer = answer
    }

    static func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Listens; gives the port.
    func start(port: Int = 0, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) async throws -> Int {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1024, high: 64 * 1024))
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(BackendHandler(self, self.answer))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.channel.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    /// Stops listening, and closes what is open: as the kernel does for a process that is killed.
    func stop() async {
        try? await channel.withLock { $0 }?.close().get()
        for channel in state.withLock({ $0.channels }) { try? await channel.close().get() }
    }

    /// Ends as a good server does when it is told to: accepts no more, answers what it was asked, and then closes.
    func retire() async throws {
        try? await channel.withLock { $0 }?.close().get()
        try await eventually("what is in flight ends") { state.withLock { $0.waiting } == 0 }
        await stop()
    }

    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }
    var open: Int { state.withLock { $0.open } }
    var sent: Int { state.withLock { $0.sent } }
    var received: Int { state.withLock { $0.received } }
}

private final class BackendHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let backend: Backend
    let answer: @Sendable (Backend.Request) -> Backend.Reply
    var bytes: [UInt8] = []
    var number = 0
    var floodLeft = 0
    var floodChunk = ByteBuffer()
    var isEcho = false
    var interim: String?

    init(_ backend: Backend, _ answer: @escaping @Sendable (Backend.Request) -> Backend.Reply) {
        self.backend = backend
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        number = backend.state.withLock { state in
            state.connections += 1
            state.open += 1
            state.channels.append(channel)
            return state.connections
        }
    }

    func channelInactive(context: ChannelHandlerContext) { backend.state.withLock { $0.open -= 1 } }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        if isEcho { write("bye", context) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        backend.state.withLock { $0.received += buffer.readableBytes }
        if isEcho {
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            return
        }
        bytes += buffer.readableBytesView
        while let request = LaxParser.next(&bytes, connection: number, early: { self.early($0, context) }) {
            backend.state.withLock { $0.requests.append(request) }
            act(answer(request), context)
            if isEcho { break }
        }
    }

    /// Sees the head of a request whose body is not there yet.
    private func early(_ request: Backend.Request, _ context: ChannelHandlerContext) {
        if interim == nil, case .interim(let first, let second) = answer(request) {
            interim = second
            write(first, context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { flood(context) }

    private func act(_ reply: Backend.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .send(let text): write(text, context)
        case .finish(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        case .hangUp: context.close(promise: nil)
        case .nothing: break
        case .flood(let head, let chunk, let times):
            write(head, context)
            floodChunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: chunk)
            floodLeft = times
            flood(context)
        case .echo(let text):
            isEcho = true
            write(text, context)
        case .interim(_, let second):
            interim = nil
            write(second, context)
        case .later(let text, let pause):
            backend.state.withLock { $0.waiting += 1 }
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(pause)) { [backend] in
                context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: text))).assumeIsolated().whenComplete {
                    _ in backend.state.withLock { $0.waiting -= 1 }
                }
            }
        }
    }

    private func flood(_ context: ChannelHandlerContext) {
        while floodLeft > 0 && context.channel.isWritable {
            floodLeft -= 1
            let count = floodChunk.readableBytes
            context.writeAndFlush(wrapOutboundOut(floodChunk)).assumeIsolated().whenSuccess { [backend] in
                backend.state.withLock { $0.sent += count }
            }
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

/// Reads requests the way a careless server might.
enum LaxParser {
    static func next(
        _ bytes: inout [UInt8], connection: Int, early: (Backend.Request) -> Void = { _ in }
    ) -> Backend.Request? {
        while let first = bytes.first, first == 13 || first == 10 { bytes.removeFirst() }
        guard let end = headEnd(bytes) else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let lines = head.split(whereSeparator: \.isNewline).map { $0.lowercased() }
        var request = Backend.Request(head: head, body: "", connection: connection)
        var used = end
        if lines.contains(where: { $0.hasPrefix("transfer-encoding") && $0.contains("chunked") }) {
            guard let (body, count) = chunks(bytes[end...]) else {
                early(request)
                return nil
            }
            request.body = body
            used += count
        } else if let line = lines.first(where: { $0.hasPrefix("content-length") }) {
            let length = Int(line.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
            guard bytes.count >= end + length else {
                early(request)
                return nil
            }
            request.body = String(decoding: bytes[end..<end + length], as: UTF8.self)
            used += length
        }
        bytes.removeFirst(used)
        return request
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        var lineStart = 0
        for index in bytes.indices where bytes[index] == 10 {
            if index == lineStart || (index == lineStart + 1 && bytes[lineStart] == 13) { return index + 1 }
            lineStart = index + 1
        }
        return nil
    }

    private static func chunks(_ bytes: ArraySlice<UInt8>) -> (String, Int)? {
        var index = bytes.startIndex
        var body: [UInt8] = []
        while let end = bytes[index...].firstIndex(of: 10) {
            let line = String(decoding: bytes[index..<end], as: UTF8.self)
            guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else { return nil }
            index = end + 1
            if size == 0 {
                while let end = bytes[index...].firstIndex(of: 10) {
                    let isEmpty = end - index <= 1
                    index = end + 1
                    if isEmpty { return (String(decoding: body, as: UTF8.self), index - bytes.startIndex) }
                }
                return nil
            }
            guard index + size < bytes.endIndex else { return nil }
            body += bytes[index..<index + size]
            index += size
            guard let next = bytes[index...].firstIndex(of: 10) else { return nil }
            index = next + 1
        }
        return nil
    }
}

extension Substring {
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" || $0.isNewline }.reversed())
    }
}
