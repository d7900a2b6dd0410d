import NIOCore

/// One connection to an instance. It reads the answers and hands them to the client whose request it carries.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase { case idle, head, body, tunnel, closed }

    /// Bodies up to this size are copied behind a head that is written anew, which spares a second write.
    static let copyLimit = 4096
    /// How many interim answers may come before the answer.
    static let maximumInterim = 16

    let upstream: Upstream
    let loop: ProxyLoop
    var phase = Phase.idle
    /// Whose request this carries.
    var client: ClientConnection?
    /// Since when nothing uses it.
    private(set) var idleSince: UInt64 = 0
    /// Whether it carried a request before the present one.
    private(set) var isReused = false
    /// Whether any byte of the present answer has come.
    var hasAnswered = false
    var framing = BodyFraming.none
    var keepsFraming = true
    var isPersistent = true
    var hasInputEnded = false
    var partial = ByteBuffer()
    var finder = HeadFinder()
    /// How many interim answers to the present request have come.
    var interimCount = 0
    /// Who has been written to since the last flush.
    var written: ClientConnection?
    private var context: ChannelHandlerContext?
    /// Nothing is read before there is a request.
    private var isPaused = true

    init(_ upstream: Upstream, loop: ProxyLoop) {
        self.upstream = upstream
        self.loop = loop
    }

    var isWritable: Bool { context?.channel.isWritable ?? true }

    // MARK: - From the client

    /// Carries a request from now on.
    func begin(for client: ClientConnection) {
        self.client = client
        phase = .head
        hasAnswered = false
        framing = .none
        interimCount = 0
        finder.reset()
        if client.isWritable { resume() }
    }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }

    func flush() { context?.flush() }

    /// Reads on after the client took what was waiting for it.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        context?.read()
    }

    /// Nothing more comes from the client.
    func closeOutput() { context?.close(mode: .output, promise: nil) }

    /// The client is gone, or its request was answered otherwise: what comes now is nobody's.
    func abandon() {
        client = nil
        written = nil
        close()
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        context?.close(promise: nil)
    }

    // MARK: - From the network

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        switch phase {
        case .head:
            hasAnswered = true
            readHead(buffer)
        case .body: readBody(buffer)
        case .tunnel: client?.pass(buffer, from: self)
        // Nobody asked for anything: what comes could only be taken for an answer to somebody else.
        case .idle:
            upstream.forget(self)
            close()
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let client = written {
            written = nil
            client.flush()
        }
        guard phase != .closed else { return }
        // Also before an answer: the client may not have taken the ones to the requests before.
        if let client, !client.isWritable {
            isPaused = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { client?.resume() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        hasInputEnded = true
        if phase == .tunnel {
            client?.upstreamEndedInput()
        } else {
            inputEnded()
            close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        upstream.open -= 1
        let was = phase
        inputEnded()
        phase = .closed
        if was == .tunnel { client?.close() }
        client = nil
    }

    private func inputEnded() {
        switch phase {
        case .idle: upstream.forget(self)
        case .head:
            let client = client
            let isStale = isReused && !hasAnswered
            phase = .closed
            self.client = nil
            context?.close(promise: nil)
            client?.upstreamFailed(isStale: isStale)
        case .body:
            if framing == .untilClose {
                endResponse(hasLeftover: false)
            } else {
                let client = client
                self.client = nil
                client?.close()
            }
        case .tunnel, .closed: break
        }
        if let client = written {
            written = nil
            client.flush()
        }
    }

    // MARK: - End of an answer

    /// The answer has ended: the connection waits for another request, or is closed.
    func endResponse(hasLeftover: Bool) {
        guard let client else { return }
        self.client = nil
        let isReusable = isPersistent && !hasLeftover && !hasInputEnded && client.hasSentRequest
        if isReusable && upstream.isListed && !loop.isDraining
            && upstream.idle.count < loop.configuration.maximumIdlePerTarget
        {
            phase = .idle
            isReused = true
            idleSince = loop.now
            upstream.park(self)
        } else {
            phase = .closed
            context?.close(promise: nil)
        }
        client.responseEnded()
    }
}
