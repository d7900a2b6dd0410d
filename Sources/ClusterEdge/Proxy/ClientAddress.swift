import NIOCore

/// Who a connection comes from, as routes compare it and as instances are told: made once for all its requests.
struct ClientAddress {
    /// Sixteen bytes, an IPv4 address in the form `::ffff:a.b.c.d`.
    var bytes: SIMD16<UInt8> = .zero
    /// The header lines that state it.
    var lines: [UInt8] = []

    init() {}

    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            bytes[10] = 0xFF
            bytes[11] = 0xFF
            // Behind family and port, on every system that has sockets.
            withUnsafeBytes(of: address.address) { source in
                for index in 0..<4 { bytes[12 + index] = source[4 + index] }
            }
        case .v6(let address):
            // Behind family, port and flow.
            withUnsafeBytes(of: address.address) { source in
                for index in 0..<16 { bytes[index] = source[8 + index] }
            }
        default: break
        }
        let text = address?.ipAddress ?? "unknown"
        lines = Array("X-Forwarded-For: \(text)\r\nX-Real-Ip: \(text)\r\nX-Forwarded-Proto: http\r\n".utf8)
    }
}
