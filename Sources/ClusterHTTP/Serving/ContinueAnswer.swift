import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Bids clients go on that ask before they send a body (RFC 9110, section 10.1.1): curl waits for a second else with
/// each body above 1 MiB. Who asks while earlier requests are still answered is bidden once they are: answers come in
/// the order of the requests (RFC 9112, section 9.3.2).
final class ContinueAnswer: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How many requests have begun whose answers have not ended.
    private var open = 0
    /// Whether the newest of them waits to be bidden.
    private var isWaiting = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let request):
            open += 1
            isWaiting = request.headerFields[.expect]?.lowercased() == "100-continue"
            bidIfItIsTime(context)
        // It has not waited.
        case .body, .end: isWaiting = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        context.write(data, promise: promise)
        guard isEnd else { return }
        open -= 1
        bidIfItIsTime(context)
    }

    private func bidIfItIsTime(_ context: ChannelHandlerContext) {
        guard isWaiting, open == 1 else { return }
        isWaiting = false
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
}
