import ClusterEdge
import ClusterKit
import NIOCore
import NIOPosix
import Synchronization

/// Runs a server on a free port as long as `body` does.
func withServer(
    _ registry: ScriptedRegistry, _ configuration: DNSConfiguration = DNSConfiguration(port: 0),
    metrics: any MetricSink = NoMetrics(), _ body: (Int) async throws -> Void
) async throws {
    let server = DNSServer(registry: registry, configuration: configuration, metrics: metrics)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        guard let port = await server.port else { return try await group.waitForAll() }
        await registry.isFollowed()
        try await body(port)
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// A client of others' making: it waits for one answer after the other.
struct DatagramClient {
    private let channel: any Channel
    private let answers: Inbox
    private let server: SocketAddress

    init(_ port: Int) async throws {
        server = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let answers = Inbox()
        self.answers = answers
        channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramReader(answers))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: ByteBuffer(bytes: bytes)))
    }

    /// Asks, and passes over answers to earlier questions.
    func ask(_ query: TestQuery) async throws -> TestAnswer? {
        try await send(query.bytes)
        while let bytes = await answers.next() {
            guard let answer = TestAnswer(bytes) else { return nil }
            if answer.id == query.id, answer.question != nil { return answer }
        }
        return nil
    }

    func close() async throws { try await channel.close() }
}

/// A client over TCP.
struct StreamClient {
    private let channel: any Channel
    private let answers: Inbox

    init(_ port: Int) async throws {
        let answers = Inbox()
        self.answers = answers
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamReader(answers))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// The next answer; `nil` when the server closed.
    func next() async throws -> TestAnswer? { await answers.next().flatMap { TestAnswer($0) } }

    func ask(_ query: TestQuery) async throws -> TestAnswer? {
        try await send(TestQuery.pair(UInt16(query.bytes.count)) + query.bytes)
        return try await next()
    }

    func close() async throws { try await channel.close() }
}

/// Messages in the order in which they came.
final class Inbox: Sendable {
    private let continuation: AsyncStream<[UInt8]>.Continuation
    private let iterator: Mutex<AsyncStream<[UInt8]>>

    init() {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        self.continuation = continuation
        iterator = Mutex(stream)
    }

    func put(_ bytes: [UInt8]) { continuation.yield(bytes) }
    func end() { continuation.finish() }

    func next() async -> [UInt8]? {
        var iterator = iterator.withLock { $0 }.makeAsyncIterator()
        return await iterator.next()
    }
}

private final class DatagramReader: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let inbox: Inbox
    init(_ inbox: Inbox) { self.inbox = inbox }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.put(Array(unwrapInboundIn(data).data.readableBytesView))
    }
    func channelInactive(context: ChannelHandlerContext) { inbox.end() }
}

private final class StreamReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox
    private var waiting = ByteBuffer()
    init(_ inbox: Inbox) { self.inbox = inbox }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        waiting.writeBuffer(&bytes)
        while let message = waiting.readLengthPrefixedSlice(as: UInt16.self) {
            inbox.put(Array(message.readableBytesView))
        }
    }
    func channelInactive(context: ChannelHandlerContext) { inbox.end() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Keeps what it is told.
final class CollectedMetrics: MetricSink {
    private let samples = Mutex<[Sample]>([])

    func record(_ samples: [Sample]) { self.samples.withLock { $0 += samples } }

    /// The sum of what a counter has grown by.
    func total(_ name: String, _ labels: [String]? = nil) -> Double {
        samples.withLock { samples in
            samples.filter { $0.metric.name == name && (labels == nil || $0.labels == labels) }.reduce(0) {
                sum, sample in
                if case .increment(let value) = sample.reading { sum + value } else { sum }
            }
        }
    }

    func eventually(within limit: Duration = .seconds(120), _ isTrue: (CollectedMetrics) -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if isTrue(self) { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return isTrue(self)
    }
}

/// Something that happens once.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
