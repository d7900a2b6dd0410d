import ClusterKit
import NIOCore

/// One connection of a client: reads requests one after the other, and for each waits until its answer is sent.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase { case head, exchange, tunnel, lingering, closed }

    let loop: ProxyLoop
    /// Where it stands among the loop's connections.
    var place = 0
    /// When to give up, in nanoseconds.
    var deadline: UInt64
    var phase = Phase.head
    var exchange = Exchange()
    /// Tells apart what a connection to an instance was opened for.
    var generation: UInt64 = 0
    /// What has come and is not used up.
    var input = ByteBuffer()
    /// The head as it goes to the instance: kept until the answer begins, for another try.
    var requestHead = ByteBuffer()
    /// Whether the client will send nothing more.
    var hasInputEnded = false
    var client = ClientAddress()
    var context: ChannelHandlerContext?
    /// Whether reads are being handed in just now: what they cause is flushed when they are all there.
    private(set) var isInRead = false
    private var finder = HeadFinder()
    private var isHeadBegun = false
    private var isAdvancing = false
    private var isPaused = false
    private var isOutputClosed = false

    init(_ loop: ProxyLoop) {
        self.loop = loop
        deadline = loop.now + loop.times.head
    }

    var isWritable: Bool { context?.channel.isWritable ?? true }

    // MARK: - From the network

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        client = ClientAddress(context.channel.remoteAddress)
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if loop.connections.add() > loop.configuration.maximumConnections {
            refuse(.crowded)
        } else if loop.isDraining {
            close()
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        isInRead = true
        switch phase {
        case .tunnel: pass(buffer)
        case .lingering, .closed: break
        case .head, .exchange:
            if input.readableBytes == 0 {
                input = buffer
            } else {
                input.discardReadBytes()
                input.writeBuffer(&buffer)
            }
            advance()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isInRead = false
        exchange.upstream?.flush()
        readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        touch()
        exchange.upstream?.resume()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        hasInputEnded = true
        switch phase {
        case .head: linger()
        case .lingering: if isOutputClosed { close() }
        case .exchange: clientLeft()
        case .tunnel: clientEndedInput()
        case .closed: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        loop.connections.remove()
        loop.remove(self)
        phase = .closed
        endExchange(aborted: true)
    }

    // MARK: - Reading

    /// Asks for more, unless what is there must first be taken by the other side.
    func readMore() {
        isPaused = !mayRead
        if !isPaused { context?.read() }
    }

    private var mayRead: Bool {
        switch phase {
        case .head, .lingering: true
        case .exchange:
            input.readableBytes < loop.configuration.bufferLimit / 4 && (exchange.upstream?.isWritable ?? true)
        case .tunnel: exchange.upstream?.isWritable ?? true
        case .closed: false
        }
    }

    /// Reads on after the instance took what was waiting for it.
    func resume() {
        touch()
        if isPaused { readMore() }
    }

    /// Does with what has come all that can be done.
    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        while input.readableBytes > 0 {
            if phase == .head {
                guard readHead() else { break }
            } else if phase == .exchange {
                let before = input.readableBytes
                forwardBody()
                if phase == .exchange || input.readableBytes == before { break }
            } else {
                break
            }
        }
        isAdvancing = false
        // A buffer is sixteen KiB, which an idle connection need not hold.
        if input.readableBytes == 0 { input = ByteBuffer() }
        if phase == .head && hasInputEnded { linger() }
    }

    /// Reads a head; says whether there was a whole one.
    private func readHead() -> Bool {
        do throws(HTTPRefusal) {
            if !isHeadBegun { try beginHead() }
            let end = try input.withUnsafeReadableBytes { bytes throws(HTTPRefusal) in try finder.end(in: bytes) }
            let configuration = loop.configuration
            let line = finder.firstLine > 0 ? finder.firstLine : input.readableBytes
            if line > configuration.maximumRequestLine { throw HTTPRefusal(414, "a first line above the limit") }
            if (end ?? input.readableBytes) > configuration.maximumHead {
                throw HTTPRefusal(431, "a head above the limit")
            }
            guard let end else { return false }
            try input.withUnsafeReadableBytes { bytes throws(HTTPRefusal) in
                try loop.scanner.read(UnsafeRawBufferPointer(rebasing: bytes[..<end]), configuration: configuration)
            }
            input.moveReaderIndex(forwardBy: end)
            finder.reset()
            isHeadBegun = false
        } catch {
            refuse(error)
            return false
        }
        begin()
        return true
    }

    /// Looks at the first byte: one empty line before a request is forgiven, and what can be no method is refused
    /// without waiting for its end.
    private func beginHead() throws(HTTPRefusal) {
        let bytes = input.readableBytesView.prefix(2)
        if bytes.first == HTTPByte.carriageReturn {
            guard bytes.count == 2 else { return }
            guard bytes.last == HTTPByte.lineFeed else { throw .bad("a CR without LF before the request") }
            input.moveReaderIndex(forwardBy: 2)
        }
        guard let first = input.readableBytesView.first else { return }
        guard HTTPByte.isToken(first) else { throw .bad("a request that does not begin with a method") }
        isHeadBegun = true
        deadline = loop.now + loop.times.head
    }

    // MARK: - Time and end

    /// Something went on: the time limit begins anew.
    func touch() {
        switch phase {
        case .exchange:
            if !hasSentRequest || exchange.hasResponse {
                deadline = loop.now + loop.times.body
            } else {
                deadline = loop.now + (hasInputEnded ? loop.times.linger : loop.times.response)
            }
        case .tunnel: deadline = loop.now + loop.times.tunnel
        default: break
        }
    }

    func timedOut() {
        switch phase {
        case .head:
            if isHeadBegun { refuse(.slowHead) } else { close() }
        case .exchange:
            // Who has not taken the answers before is told nothing more.
            if exchange.hasResponse || hasInputEnded || !isWritable {
                close()
            } else {
                fail(hasSentRequest ? .slowAnswer : .slowBody)
            }
        case .tunnel, .lingering, .closed: close()
        }
    }

    /// The proxy is to end: whoever waits for no answer is closed, also within a head. Of those that have got their
    /// last answer, the ones to which it is still going out are left to get it.
    func drain() {
        switch phase {
        case .head: close()
        case .lingering: if isOutputClosed { close() }
        case .exchange, .tunnel, .closed: break
        }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        endExchange(aborted: true)
        context?.close(promise: nil)
    }

    /// Ends the connection after what was sent has gone out. Closing at once, with input unread, would reset it and
    /// might take the answer away from the client.
    func linger() {
        guard phase != .closed, phase != .lingering, let context else { return }
        phase = .lingering
        input = ByteBuffer()
        deadline = loop.now + loop.times.body
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.isOutputClosed = true
            if self.hasInputEnded { self.close() }
            self.deadline = self.loop.now + self.loop.times.linger
        }
        context.flush()
        context.close(mode: .output, promise: promise)
        readMore()
    }
}
