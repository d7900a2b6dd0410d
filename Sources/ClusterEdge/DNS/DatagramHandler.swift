import NIOCore

/// Answers datagrams. Those that are read together are answered together.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let desk: DNSDesk
    /// The answers to what was read together, one behind the other. They are cut apart only when all are written:
    /// a piece that is held while others are written would mean a copy.
    private var answers = ByteBuffer()
    private var recipients: [(address: SocketAddress, length: Int)] = []

    /// Answers from `desk`, on its event loop.
    init(_ desk: DNSDesk) { self.desk = desk }

    /// How many datagrams are read at once, and how long each may be: longer ones are cut and so refused.
    static let readCount = 64
    static let readLength = 1280

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        // Nobody can be answered at port 0, and trying would be an error that closes the socket.
        guard envelope.remoteAddress.port != 0 else { return }
        let length = desk.answer(envelope.data, behind: &answers)
        if length > 0 { recipients.append((envelope.remoteAddress, length)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What cannot be sent now is dropped, as datagrams are: the client asks again.
        if context.channel.isWritable {
            for (address, length) in recipients {
                guard let answer = answers.readSlice(length: length) else { break }
                context.write(
                    wrapOutboundOut(AddressedEnvelope(remoteAddress: address, data: answer)), promise: nil)
            }
            context.flush()
        }
        recipients.removeAll(keepingCapacity: true)
        // What is sent is free again, and its memory is used anew unless some of it still waits.
        answers.clear()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An answer did not reach somebody. Others are served on; an error that ends the socket closes it by itself.
    }
}
