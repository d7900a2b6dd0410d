import NIOCore

/// Answers the queries of one connection in their order (RFC 7766). A client that is slow to ask or slow to take its
/// answers is closed; one that does not take them is not read from.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let desk: DNSDesk
    private let limit: Int
    private let patience: TimeAmount
    private var waiting = ByteBuffer()
    private var deadline = NIODeadline.now()
    private var alarm: Scheduled<Void>?
    private var isCounted = false

    /// Answers from `desk`, on its event loop, unless `limit` connections are open.
    init(_ desk: DNSDesk, limit: Int, patience: TimeAmount) {
        self.desk = desk
        self.limit = limit
        self.patience = patience
    }

    func channelActive(context: ChannelHandlerContext) {
        guard desk.connections < limit else {
            desk.counts.refusedConnections += 1
            context.close(promise: nil)
            return
        }
        desk.connections += 1
        isCounted = true
        extend(context)
        watch(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        if isCounted { desk.connections -= 1 }
        isCounted = false
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isCounted else { return }
        var bytes = unwrapInboundIn(data)
        waiting.writeBuffer(&bytes)
        answer(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard isCounted, context.channel.isWritable else { return }
        extend(context)
        answer(context)
        if context.channel.isWritable { setReading(true, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        while context.channel.isWritable, let packet = next() {
            extend(context)
            // What is no query ends the connection: its bytes cannot be trusted any further.
            guard let answer = desk.answer(packet) else {
                context.close(promise: nil)
                return
            }
            context.write(wrapOutboundOut(answer), promise: nil)
        }
        context.flush()
        waiting.discardReadBytes()
        // After the flush: what the socket took at once made room again, and the rest of the queries is answered then.
        if !context.channel.isWritable { setReading(false, context) }
    }

    private func setReading(_ isOn: Bool, _ context: ChannelHandlerContext) {
        // It fails on a closed channel only, where nothing is read any more.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }

    private func next() -> ByteBuffer? {
        guard let length = waiting.getInteger(at: waiting.readerIndex, as: UInt16.self),
            waiting.readableBytes >= 2 + Int(length)
        else { return nil }
        waiting.moveReaderIndex(forwardBy: 2)
        return waiting.readSlice(length: Int(length))
    }

    private func extend(_ context: ChannelHandlerContext) { deadline = .now() + patience }

    /// Looks at the deadline when it was due; queries in the meantime only move it.
    private func watch(_ context: ChannelHandlerContext) {
        alarm = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            if self.deadline <= .now() { context.close(promise: nil) } else { self.watch(context) }
        }
    }
}
