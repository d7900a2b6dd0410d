import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A client that sends bytes as they are and keeps what comes.
final class RawClient: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isClosed = false
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let owner: RawClient
        init(_ owner: RawClient) { self.owner = owner }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            owner.state.withLock { $0.bytes += buffer.readableBytesView }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { owner.state.withLock { $0.isClosed = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { owner.state.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    static func connect(to port: Int, reading: Bool = true) async throws -> RawClient {
        let client = RawClient()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: reading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(client))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        client.channel.withLock { $0 = channel }
        return client
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        guard let channel = channel.withLock({ $0 }) else { return }
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends without waiting for the bytes to leave.
    func push(_ bytes: [UInt8]) {
        channel.withLock { $0 }?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    func startReading() { _ = channel.withLock { $0 }?.setOption(.autoRead, value: true) }
    func endOutput() async throws { try await channel.withLock { $0 }?.close(mode: .output).get() }
    func close() { channel.withLock { $0 }?.close(promise: nil) }

    var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var count: Int { state.withLock { $0.bytes.count } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func clear() { state.withLock { $0.bytes = [] } }

    /// What came until a condition held.
    @discardableResult
    func read(until isDone: (String) -> Bool, location: SourceLocation = #_sourceLocation) async throws -> String {
        try await eventually("the client got: \(text.prefix(300))", location: location) { isDone(self.text) }
        return text
    }

    /// Everything until the other side closed.
    func readToEnd(location: SourceLocation = #_sourceLocation) async throws -> String {
        try await eventually("the other side closes", location: location) { self.isClosed }
        return text
    }
}

/// Waits for a condition; fails when it does not come to hold in a long while.
func eventually(
    _ what: @autoclosure () -> String, location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("did not come: \(what())", sourceLocation: location)
    throw Missing()
}

struct Missing: Error {}

/// Expects that an answer has a status.
func expectStatus(_ status: String, _ answer: String, location: SourceLocation = #_sourceLocation) {
    #expect(
        answer.split(separator: " ").dropFirst().first.map(String.init) == status, "\(answer)",
        sourceLocation: location)
}
