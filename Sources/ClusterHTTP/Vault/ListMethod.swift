import NIOCore

/// Lets `LIST` requests through. It is a method of Vault's own, and the parser of HTTP refuses what it does not know:
/// so the word is replaced in front of the parser by `LINK`, which nobody uses and which is as long.
///
/// A request may begin where the connection does, and after something was answered. What begins there with
/// `LIST /v1/` is no body that is taken here, for those are JSON.
final class ListMethod: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What stands for `LIST` behind the parser.
    static let standIn = "LINK"

    private static let start = Array("LIST /v1/".utf8)
    private var mayBegin = true
    /// The first bytes of what may become a request, until there are enough to tell.
    private var held: ByteBuffer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard mayBegin else { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        if var first = held.take() {
            first.writeBuffer(&buffer)
            buffer = first
        }
        let head = buffer.readableBytesView.prefix(Self.start.count)
        let isAlike = Self.start.starts(with: head)
        guard !isAlike || head.count == Self.start.count else {
            held = buffer
            return
        }
        mayBegin = false
        if isAlike { buffer.setString(Self.standIn, at: buffer.readerIndex) }
        context.fireChannelRead(wrapInboundOut(buffer))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        mayBegin = true
        context.write(data, promise: promise)
    }
}

/// Puts a `ListMethod` in front of the parser of a connection.
final class ListMethodInstaller: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        // The only way in which it fails is that the connection is gone already.
        try? context.pipeline.syncOperations.addHandler(ListMethod(), position: .first)
    }
}
