import NIOCore

/// After `101 Switching Protocols`, bytes pass both ways as they come. Such a connection never serves another request.
extension ClientConnection {
    /// The instance agreed to another protocol.
    func tunnelBegan() {
        phase = .tunnel
        exchange.status = 101
        exchange.hasResponse = true
        touch()
        if input.readableBytes > 0 {
            exchange.upstream?.write(input)
            exchange.upstream?.flush()
            input = ByteBuffer()
        }
        if hasInputEnded { clientEndedInput() }
        readMore()
    }

    /// Bytes from the client.
    func pass(_ buffer: ByteBuffer) {
        exchange.received += UInt64(buffer.readableBytes)
        exchange.upstream?.write(buffer)
        touch()
    }

    /// Bytes from the instance.
    func pass(_ buffer: ByteBuffer, from connection: UpstreamConnection) {
        send(buffer)
        connection.written = self
        touch()
    }

    /// The client sends nothing more, but may go on reading.
    func clientEndedInput() {
        exchange.upstream?.flush()
        if exchange.upstream?.hasInputEnded ?? true { close() } else { exchange.upstream?.closeOutput() }
    }

    /// The instance sends nothing more, but may go on reading.
    func upstreamEndedInput() {
        flush()
        if hasInputEnded { linger() } else { context?.close(mode: .output, promise: nil) }
    }
}
