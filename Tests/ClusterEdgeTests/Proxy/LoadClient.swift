import NIOCore
import NIOPosix
import Synchronization

/// Sends request after request over one connection, each when the one before is answered; connects again when the
/// connection ends, for as long as it is wanted. Counts the answers.
final class LoadClient: Sendable {
    struct Tally: Sendable {
        /// Requests that were sent.
        var sent = 0
        /// Answers with 200 and the expected body.
        var good = 0
        /// The first lines of other answers, and words for requests that got none.
        var bad: [String] = []
    }

    let tally: Mutex<Tally>
    let expected: String
    private let count: Int
    private let isEnough: Flag
    private let request: @Sendable (Int) -> String

    private init(
        _ count: Int, until isEnough: Flag, expected: String, _ request: @escaping @Sendable (Int) -> String
    ) {
        tally = Mutex(Tally())
        self.count = count
        self.isEnough = isEnough
        self.expected = expected
        self.request = request
    }

    /// Runs as many clients at once, each with so many requests, and with more until it is enough; gives the sum of
    /// what they got.
    static func run(
        _ clients: Int, each count: Int, until isEnough: Flag, to port: Int, expecting expected: String,
        _ request: @escaping @Sendable (Int) -> String
    ) async throws -> Tally {
        try await withThrowingTaskGroup(of: Tally.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    try await LoadClient(count, until: isEnough, expected: expected, request).run(port)
                }
            }
            var sum = Tally()
            for try await tally in group {
                sum.sent += tally.sent
                sum.good += tally.good
                sum.bad += tally.bad
            }
            return sum
        }
    }

    private func run(_ port: Int) async throws -> Tally {
        while !isOver {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(LoadHandler(self))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.closeFuture.get()
        }
        return tally.withLock { $0 }
    }

    private var isOver: Bool { tally.withLock { $0.sent >= count } && isEnough.isSet }

    /// The next request; `nil` when all are sent.
    fileprivate func next() -> String? {
        if isOver { return nil }
        return tally.withLock { tally in
            tally.sent += 1
            return request(tally.sent)
        }
    }
}

private final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let client: LoadClient
    private var answer = ""
    private var isWaiting = false

    init(_ client: LoadClient) { self.client = client }

    func channelActive(context: ChannelHandlerContext) { send(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer += String(buffer: unwrapInboundIn(data))
        guard let end = answer.firstRange(of: "\r\n\r\n"),
            let line = answer.split(separator: "\r\n").first(where: { $0.hasPrefix("Content-Length: ") }),
            let length = Int(line.dropFirst(16)), answer[end.upperBound...].utf8.count >= length
        else { return }
        isWaiting = false
        client.tally.withLock { tally in
            if answer.hasPrefix("HTTP/1.1 200 ") && answer[end.upperBound...] == client.expected {
                tally.good += 1
            } else {
                tally.bad.append(String(answer.prefix(200)))
            }
        }
        answer.contains("Connection: close") ? context.close(promise: nil) : send(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isWaiting { client.tally.withLock { $0.bad.append("closed after \(answer.utf8.count) bytes") } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func send(_ context: ChannelHandlerContext) {
        guard let request = client.next() else { return context.close(promise: nil) }
        answer = ""
        isWaiting = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }
}
