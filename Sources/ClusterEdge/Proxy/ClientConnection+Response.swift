import ClusterKit
import NIOCore

/// The way of an answer to the client.
extension ClientConnection {
    var isHead: Bool { exchange.method == .head }
    var wantsUpgrade: Bool { exchange.wantsUpgrade }
    /// Whether the client knows answers before the answer.
    var takesInterim: Bool { exchange.isVersion11 }
    /// Whether the client knows chunks.
    var takesChunks: Bool { exchange.isVersion11 }

    /// An answer begins. Gives the line that tells the client what becomes of the connection; empty for none.
    func beginResponse(status: Int, framing: BodyFraming) -> StaticString {
        exchange.hasResponse = true
        exchange.status = status
        var isPersistent = exchange.isPersistent && hasSentRequest && !loop.isDraining
        if framing == .untilClose { isPersistent = false }
        if case .chunked = framing, !exchange.isVersion11 { isPersistent = false }
        exchange.isPersistent = isPersistent
        touch()
        if exchange.isVersion11 { return isPersistent ? "" : "Connection: close\r\n" }
        return isPersistent ? "Connection: keep-alive\r\n" : "Connection: close\r\n"
    }

    /// Takes bytes of the answer; they go out with the next flush.
    func send(_ buffer: ByteBuffer) {
        exchange.sent += UInt64(buffer.readableBytes)
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    func flush() { context?.flush() }

    func responseWentOn() { deadline = loop.now + loop.times.body }

    /// The answer is sent: the next request, or the end.
    func responseEnded() {
        exchange.upstream = nil
        let isPersistent = exchange.isPersistent && hasSentRequest && !loop.isDraining
        endExchange(aborted: false)
        guard isPersistent else { return linger() }
        phase = .head
        deadline = loop.now + loop.times.keepAlive
        if input.readableBytes > 0 || hasInputEnded {
            if hasInputEnded { flush() }
            advance()
        }
        if !isInRead { readMore() }
    }

    /// The request cannot be served: the client is told why. The connection stays when nothing of the request is left.
    func fail(_ refusal: HTTPRefusal) {
        guard phase == .exchange else { return }
        exchange.upstream?.abandon()
        exchange.upstream = nil
        exchange.status = refusal.status
        guard !exchange.hasResponse else { return close() }
        exchange.hasResponse = true
        let closes = !exchange.isPersistent || !hasSentRequest || loop.isDraining
        exchange.isPersistent = !closes
        send(refusal.answer(closes: closes, hasBody: !isHead, isVersion11: exchange.isVersion11))
        flush()
        responseEnded()
    }

    /// What came is no request that can be read on from: the client is told why, and the connection ends.
    func refuse(_ refusal: HTTPRefusal) {
        loop.counters.unrouted.record(.other, status: refusal.status, seconds: 0, received: 0, sent: 0, upgrade: false)
        context?.write(
            wrapOutboundOut(refusal.answer(closes: true, hasBody: true, isVersion11: true)), promise: nil)
        linger()
    }

    /// Counts what the exchange was, and lets go of its instance.
    func endExchange(aborted: Bool) {
        guard exchange.started > 0 else { return }
        let seconds = Double(NIODeadline.now().uptimeNanoseconds &- exchange.started) / 1e9
        // 499: the client left before it was answered, as nginx and Traefik count it.
        let status = exchange.status == 0 ? 499 : exchange.status
        let counters = exchange.state?.counters ?? loop.counters.unrouted
        counters.record(
            exchange.method, status: status, seconds: seconds, received: exchange.received, sent: exchange.sent,
            upgrade: exchange.wantsUpgrade)
        loop.counters.close(exchange.method, upgrade: exchange.wantsUpgrade)
        exchange.state?.counters.close(exchange.method, upgrade: exchange.wantsUpgrade)
        exchange.upstream?.abandon()
        exchange = Exchange()
    }
}

extension HTTPRefusal {
    /// The whole answer.
    func answer(closes: Bool, hasBody: Bool, isVersion11: Bool) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeString("HTTP/1.1 \(status) \(HTTPRefusal.phrase(status))\r\n")
        buffer.writeStaticString("Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n")
        buffer.writeString("Content-Length: \(reason.utf8CodeUnitCount + 1)\r\n")
        if closes {
            buffer.writeStaticString("Connection: close\r\n")
        } else if !isVersion11 {
            buffer.writeStaticString("Connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
        if hasBody {
            buffer.writeStaticString(reason)
            buffer.writeStaticString("\n")
        }
        return buffer
    }
}
