/// All that the server answers, at one revision of the catalog. It never changes; a newer one takes its place whole.
///
/// Answers are laid out when the zone is built. A question costs one look into a table of hashes and some copying.
struct DNSZone: Sendable {
    /// A place in the table; `part` is -1 where there is none.
    private struct Slot {
        var tag: UInt32 = 0
        var part: Int32 = -1
        var entry: Int32 = 0
    }

    /// What the server says before it has learned of any catalog: that it cannot say.
    let isKnown: Bool
    /// The name of the zone, in lower case.
    let domain: WireName
    /// The record that goes with negative answers: its owner and two names in it point to the zone's name.
    let negative: NegativeRecord
    /// What a datagram says when all types are asked for at once (RFC 8482).
    let refusalOfAny: [UInt8]
    /// How long others may remember an answer, in seconds.
    let timeToLive: UInt32
    /// How many names there are.
    let nameCount: Int
    private let parts: [ZonePart]
    private let slots: [Slot]

    /// Puts parts together. Where two have a name, the first that has records for it answers.
    init(domain: WireName, parts: [ZonePart], isKnown: Bool, serial: UInt32, timeToLive: UInt32) {
        self.domain = domain.folded
        self.parts = parts
        self.isKnown = isKnown
        self.timeToLive = timeToLive
        negative = NegativeRecord(serial: serial)
        let words = [UInt8(7)] + Array("RFC8482".utf8) + [0]
        refusalOfAny = ZonePartBuilder.head(.hinfo, timeToLive: timeToLive, length: words.count) + words
        var size = 16
        while size < 2 * parts.reduce(0, { $0 + $1.entries.count }) { size *= 2 }
        var slots = [Slot](repeating: Slot(), count: size)
        for (index, part) in parts.enumerated() {
            for entry in part.entries.indices { Self.insert(entry, of: index, into: &slots, parts) }
        }
        self.slots = slots
        nameCount = slots.count { $0.part >= 0 }
    }

    private static func insert(_ index: Int, of part: Int, into slots: inout [Slot], _ parts: [ZonePart]) {
        let entry = parts[part].entries[index]
        let new = Slot(tag: UInt32(truncatingIfNeeded: entry.hash >> 32), part: Int32(part), entry: Int32(index))
        parts[part].bytes.withUnsafeBytes { bytes in
            let name = UnsafeRawBufferPointer(rebasing: bytes[entry.name])
            var place = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
            while slots[place].part >= 0 {
                let old = slots[place]
                let other = parts[Int(old.part)]
                if old.tag == new.tag, other.entry(Int(old.entry), isNamed: name) {
                    if other.entries[Int(old.entry)].sets.isEmpty { slots[place] = new }
                    return
                }
                place = (place + 1) & (slots.count - 1)
            }
            slots[place] = new
        }
    }

    /// The part and entry of a name; `nil` if there is no such name.
    @inline(__always)
    func find(_ name: UnsafeRawBufferPointer) -> (part: ZonePart, entry: ZonePart.Entry)? {
        let hash = WireName.hash(name)
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        // At most half of the places are taken, so there is an empty one.
        while slots[place].part >= 0 {
            let slot = slots[place]
            if slot.tag == tag {
                let part = parts[Int(slot.part)]
                if part.entry(Int(slot.entry), isNamed: name) { return (part, part.entries[Int(slot.entry)]) }
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Whether a name is the zone's or stands below it: whether to answer for it.
    func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        let start = name.count - domain.bytes.count
        guard start >= 0 else { return false }
        var position = 0
        while position < start { position += Int(name[position]) + 1 }
        guard position == start else { return false }
        for offset in 0..<domain.bytes.count where WireName.fold(name[start + offset]) != domain.bytes[offset] {
            return false
        }
        return true
    }

    /// The bytes of the address that a name spells in hexadecimal digits, as `7f000001.addr.consul` does.
    func spelledAddress<R>(_ name: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        guard let length = name.first, length == 8 || length == 32, name.count > Int(length) + 1,
            case let above = UnsafeRawBufferPointer(rebasing: name[(Int(length) + 1)...]),
            find(above)?.entry.kind == .addresses
        else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { address in
            for index in 0..<(Int(length) / 2) {
                guard let high = Self.digit(name[2 * index + 1]), let low = Self.digit(name[2 * index + 2]) else {
                    return nil
                }
                address[index] = high << 4 | low
            }
            return body(UnsafeRawBufferPointer(rebasing: address[..<(Int(length) / 2)]))
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x61 + 10
        default: nil
        }
    }
}

/// The start of the zone's authority as it goes with negative answers. How long those may be remembered is 0: an outage
/// of a moment must not be made longer by a cache.
struct NegativeRecord: Sendable {
    /// The record.
    let bytes: [UInt8]
    /// Where pointers to the name of the zone stand in it.
    let pointers: [Int]

    /// The data of the record with these names in it.
    static func data(_ server: [UInt8], _ mailbox: [UInt8], serial: UInt32) -> [UInt8] {
        let times: [UInt32] = [serial, 3600, 600, 86400, 0]
        return server + mailbox
            + times.flatMap { [UInt8($0 >> 24), UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)] }
    }

    init(serial: UInt32) {
        let server = [2] + Array("ns".utf8) + [0, 0]
        let mailbox = [10] + Array("hostmaster".utf8) + [0, 0]
        let data = Self.data(server, mailbox, serial: serial)
        let head = ZonePartBuilder.head(.soa, timeToLive: 0, length: data.count)
        bytes = head + data
        pointers = [0, head.count + server.count - 2, head.count + server.count + mailbox.count - 2]
    }
}
