/// The host that a request names, taken apart.
struct RequestHost: Equatable {
    /// The name or address, without port and without a dot at its end.
    var name: Range<Int>
    /// The digits of the port; empty for none.
    var port: Range<Int>
    /// Whether the name holds capital letters.
    var hasCapitals: Bool

    /// Reads a `Host` value or an authority: a name of letters, digits and `-._~`, or an address in brackets, and
    /// perhaps a port.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) throws(HTTPRefusal) {
        guard !range.isEmpty else { throw .bad("an empty Host") }
        guard range.count <= 260 else { throw .bad("a Host of more than 260 bytes") }
        var end = range.lowerBound
        hasCapitals = false
        if bytes[end] == 0x5B {
            end += 1
            while end < range.upperBound, Self.isAddress(bytes[end]) { end += 1 }
            guard end < range.upperBound, bytes[end] == 0x5D, end - range.lowerBound > 2 else {
                throw .bad("an address in the Host without its bracket")
            }
            end += 1
        } else {
            while end < range.upperBound, HTTPByte.isUnreserved(bytes[end]) {
                if bytes[end] &- 0x41 < 26 { hasCapitals = true }
                end += 1
            }
        }
        name = range.lowerBound..<end
        port = end..<end
        if end < range.upperBound {
            guard bytes[end] == HTTPByte.colon else { throw .bad("a Host with a byte that no name holds") }
            port = end + 1..<range.upperBound
            guard (1...5).contains(port.count), port.allSatisfy({ HTTPByte.isDigit(bytes[$0]) }) else {
                throw .bad("a Host whose port is no number")
            }
        }
        if name.count > 1, bytes[name.upperBound - 1] == HTTPByte.dot { name = name.lowerBound..<name.upperBound - 1 }
        guard !name.isEmpty else { throw .bad("an empty Host") }
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        HTTPByte.hex(byte) != nil || byte == HTTPByte.colon || byte == HTTPByte.dot
    }
}
