/// What a query says, found in one pass over its bytes. Nothing of it is copied.
struct DNSQuery {
    /// What the bytes are.
    enum Reading {
        /// Nothing that is answered: too short to be a query, or itself an answer.
        case silence
        /// Something that has an identifier, but cannot be answered.
        case refusal(ResponseCode)
        /// A query.
        case query(DNSQuery)
    }

    /// What the client says about itself in an OPT record (RFC 6891).
    struct Extension {
        /// The longest datagram that it takes.
        var payload: Int
        /// The version of EDNS that it speaks.
        var version: UInt8
        /// Whether it wants DNSSEC: shown back, as RFC 3225 asks.
        var wantsSecurity: Bool
    }

    /// How many bytes the asked name takes; it starts behind the header.
    var nameLength: Int
    /// What is asked for.
    var type: RecordType
    /// The class; only 1, the Internet, is served.
    var `class`: UInt16
    /// What the client says about itself.
    var `extension`: Extension?

    /// The length of a header.
    static let headerLength = 12
    /// How many pointers a compressed name may go through.
    static let maximumHops = 16

    /// The length of header and question.
    var questionEnd: Int { Self.headerLength + nameLength + 4 }

    /// Reads a packet. Whatever it holds, nothing outside of it is looked at, and the time is bounded by its length.
    static func read(_ packet: UnsafeRawBufferPointer) -> Reading {
        guard packet.count >= headerLength, packet[2] & 0x80 == 0 else { return .silence }
        guard packet[2] & 0x78 == 0 else { return .refusal(.notImplemented) }
        // One question, and nothing but additional records behind it.
        guard packet.number(at: 4) == 1, packet.number(at: 6) == 0, packet.number(at: 8) == 0,
            let nameEnd = plainNameEnd(in: packet), nameEnd + 4 <= packet.count
        else { return .refusal(.malformed) }
        var query = DNSQuery(
            nameLength: nameEnd - headerLength, type: RecordType(number: packet.number(at: nameEnd)),
            class: packet.number(at: nameEnd + 2))
        guard query.readAdditional(packet, count: packet.number(at: 10)) else { return .refusal(.malformed) }
        return .query(query)
    }

    /// Where the asked name ends. It is the first name of the packet, so there is nothing that it could point to.
    private static func plainNameEnd(in packet: UnsafeRawBufferPointer) -> Int? {
        var position = headerLength
        while position < packet.count {
            let length = Int(packet[position])
            guard length <= 63 else { return nil }
            position += length + 1
            guard position - headerLength <= 255 else { return nil }
            if length == 0 { return position <= packet.count ? position : nil }
        }
        return nil
    }

    private mutating func readAdditional(_ packet: UnsafeRawBufferPointer, count: UInt16) -> Bool {
        var position = questionEnd
        for _ in 0..<count {
            let start = position
            guard let nameEnd = Self.nameEnd(in: packet, at: position), nameEnd + 10 <= packet.count else {
                return false
            }
            position = nameEnd + 10 + Int(packet.number(at: nameEnd + 8))
            guard position <= packet.count else { return false }
            guard packet.number(at: nameEnd) == RecordType.opt.number else { continue }
            // It belongs to no name, and there is at most one.
            guard nameEnd == start + 1, self.extension == nil else { return false }
            self.extension = Extension(
                payload: Int(packet.number(at: nameEnd + 2)), version: packet[nameEnd + 5],
                wantsSecurity: packet[nameEnd + 6] & 0x80 != 0)
        }
        return position == packet.count
    }

    /// Where a name ends that may be compressed. Pointers go strictly backwards, and only so often.
    private static func nameEnd(in packet: UnsafeRawBufferPointer, at start: Int) -> Int? {
        var (position, end, hops, total) = (start, Int?.none, 0, 0)
        while position < packet.count {
            let length = Int(packet[position])
            if length & 0xc0 == 0xc0 {
                guard position + 2 <= packet.count else { return nil }
                let target = Int(packet.number(at: position) & 0x3fff)
                hops += 1
                guard target >= headerLength, target < position, hops <= maximumHops else { return nil }
                end = end ?? position + 2
                position = target
                continue
            }
            guard length <= 63 else { return nil }
            position += length + 1
            total += length + 1
            guard total <= 255 else { return nil }
            if length == 0 { return end ?? position }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// The two bytes at `offset` as a number; whoever calls has seen that they are there.
    @inline(__always)
    func number(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
}
