/// Some names of a zone with the records that answer for them, as bytes that are ready to be sent. A service is a part,
/// and so are the machines; a change of one leaves the others as they are.
final class ZonePart: Sendable {
    /// A record as it is sent: its owner is a pointer to the question.
    struct Record {
        /// Where its bytes stand.
        var bytes: Range<Int>
        /// Where the record stands that says the address of this one's target; empty for none. Its first two bytes
        /// are a pointer that is set when it is sent.
        var glue: Range<Int>
    }

    /// Records of one type that answer together. Those with the same target stand next to each other.
    struct RecordSet {
        /// Their type.
        var type: RecordType
        /// Which they are.
        var records: Range<Int>
    }

    /// What is special about a name.
    enum Kind: Sendable {
        /// It is one of the zone.
        case plain
        /// Every address in hexadecimal digits exists below it.
        case addresses
        /// It is an address read backwards, and so outside of the zone.
        case reverse
    }

    /// A name.
    struct Entry {
        /// Where it stands, in lower case.
        var name: Range<Int>
        /// Its hash.
        var hash: UInt64
        /// What it is.
        var kind: Kind
        /// The sets that answer for it; none for a name that only has others below it.
        var sets: Range<Int>
    }

    /// All names and records.
    let bytes: [UInt8]
    /// All records.
    let records: [Record]
    /// All sets.
    let sets: [RecordSet]
    /// All names.
    let entries: [Entry]

    init(bytes: [UInt8], records: [Record], sets: [RecordSet], entries: [Entry]) {
        self.bytes = bytes
        self.records = records
        self.sets = sets
        self.entries = entries
    }

    /// Whether an entry is for the asked name.
    func entry(_ index: Int, isNamed name: UnsafeRawBufferPointer) -> Bool {
        let range = entries[index].name
        guard range.count == name.count else { return false }
        return bytes.withUnsafeBytes { WireName.equal(name, UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

/// A record before it is laid out.
struct ResourceRecord: Hashable {
    /// The address that belongs to a record's target.
    struct Glue: Hashable {
        /// The target; equal targets are told apart by nothing else.
        var target: WireName
        /// Its address.
        var address: NetworkAddress
    }

    /// The type.
    var type: RecordType
    /// What it says.
    var data: [UInt8]
    /// What belongs into the additional section with it.
    var glue: Glue?

    /// The address of the asked name.
    static func address(_ address: NetworkAddress) -> ResourceRecord {
        ResourceRecord(type: address.type, data: address.bytes)
    }

    /// Where a service is (RFC 2782). All instances are equal: priority and weight are 1.
    static func service(at target: WireName, port: UInt16, address: NetworkAddress?) -> ResourceRecord {
        ResourceRecord(
            type: .srv, data: [0, 1, 0, 1, UInt8(port >> 8), UInt8(port & 255)] + target.bytes,
            glue: address.map { Glue(target: target, address: $0) })
    }

    /// Free words, in as many strings as they need.
    static func text(_ text: String) -> ResourceRecord {
        var rest = Array(text.utf8.prefix(4096))[...]
        var data: [UInt8] = []
        repeat {
            let piece = rest.prefix(255)
            data.append(UInt8(piece.count))
            data += piece
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
        return ResourceRecord(type: .txt, data: data)
    }
}
