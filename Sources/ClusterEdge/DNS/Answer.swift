/// An answer that is being written: the question again, then what is known, then what the server says about itself.
struct Answer {
    private let query: DNSQuery?
    private let flags: UInt16
    private var writer: AnswerWriter
    private var answers: UInt16 = 0
    private var authorities: UInt16 = 0
    private var additions: UInt16 = 0
    private var isTruncated = false
    /// Whether the server is the one that knows.
    var isAuthoritative = false

    /// The length of an OPT record without options.
    private static let extensionLength = 11

    /// Starts with header and question. Without a query only the header is answered.
    init(
        _ packet: UnsafeRawBufferPointer, _ query: DNSQuery?, limit: Int, into memory: UnsafeMutableRawBufferPointer
    ) {
        self.query = query
        // Room for the OPT record is kept free from the start.
        writer = AnswerWriter(memory, limit: limit - (query?.extension == nil ? 0 : Self.extensionLength))
        let end = query?.questionEnd ?? DNSQuery.headerLength
        // As in the query: the operation, and whether recursion or no checking is wanted.
        flags = 0x8000 | packet.number(at: 2) & 0x7910
        _ = writer.copy(UnsafeRawBufferPointer(rebasing: packet[..<end]))
    }

    /// Whether it answers nothing so far, for want of records.
    var isEmpty: Bool { answers == 0 && !isTruncated }

    /// Adds a record that is ready.
    mutating func put(_ record: [UInt8]) {
        if record.withUnsafeBytes({ writer.copy($0) }) { answers += 1 } else { isTruncated = true }
    }

    /// Adds a set of records, beginning with one that `turn` chooses, and the addresses of their targets. When not all
    /// fit, the answer says so; when only the addresses do not fit, they can be asked for.
    mutating func put(_ set: ZonePart.RecordSet, of part: ZonePart, turn: UInt64) {
        let count = set.records.count
        guard count > 0 else { return }
        let first = Int(truncatingIfNeeded: Self.spread(turn) % UInt64(count))
        let start = writer.count
        part.bytes.withUnsafeBytes { bytes in
            for step in 0..<count {
                let record = part.records[set.records.lowerBound + (first + step) % count]
                guard writer.copy(UnsafeRawBufferPointer(rebasing: bytes[record.bytes])) else {
                    isTruncated = true
                    return
                }
                answers += 1
            }
            if set.type == .srv { putGlue(set, of: part, bytes, first: first, from: start) }
        }
    }

    /// Adds the addresses of targets, each once: equal targets stand next to each other, but for those of the first,
    /// which may come again at the end.
    private mutating func putGlue(
        _ set: ZonePart.RecordSet, of part: ZonePart, _ bytes: UnsafeRawBufferPointer, first: Int, from start: Int
    ) {
        let count = set.records.count
        var position = start
        var last: Range<Int>?
        let opening = part.records[set.records.lowerBound + first].bytes
        for step in 0..<count {
            let record = part.records[set.records.lowerBound + (first + step) % count]
            defer {
                position += record.bytes.count
                last = record.bytes
            }
            guard !record.glue.isEmpty, !Self.haveSameTarget(last, record.bytes, bytes),
                step == 0 || !Self.haveSameTarget(opening, record.bytes, bytes)
            else { continue }
            // Owner, type, class, time to live and length take 12 bytes; priority, weight and port 6.
            let target = position + 18
            // A pointer reaches so far only; what stands beyond goes without.
            guard target < 0x4000 else { return }
            let owner = writer.count
            guard writer.copy(UnsafeRawBufferPointer(rebasing: bytes[record.glue])) else { return }
            writer.patch(UInt16(0xc000 | target), at: owner)
            additions += 1
        }
    }

    private static func haveSameTarget(
        _ left: Range<Int>?, _ right: Range<Int>, _ bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard let left, left.count == right.count else { return false }
        return bytes[left].dropFirst(18).elementsEqual(bytes[right].dropFirst(18))
    }

    /// Adds the address that a name spells, if that is of the asked type; says whether it is.
    mutating func put(address: UnsafeRawBufferPointer, asked: RecordType, timeToLive: UInt32) -> Bool {
        let type: RecordType = address.count == 4 ? .a : .aaaa
        guard asked == type || asked == .any else { return false }
        let isWritten =
            writer.put(UInt16(0xc000 | DNSQuery.headerLength)) && writer.put(type.number) && writer.put(1)
            && writer.put(UInt16(timeToLive >> 16)) && writer.put(UInt16(timeToLive & 0xffff))
            && writer.put(UInt16(address.count)) && writer.copy(address)
        if isWritten { answers += 1 } else { isTruncated = true }
        return true
    }

    /// Says who has the authority over a name that there is not, or has no such records.
    mutating func put(_ record: NegativeRecord, domainLength: Int) {
        guard let query else { return }
        let start = writer.count
        guard record.bytes.withUnsafeBytes({ writer.copy($0) }) else { return }
        let domain = DNSQuery.headerLength + query.nameLength - domainLength
        for pointer in record.pointers { writer.patch(UInt16(0xc000 | domain), at: start + pointer) }
        authorities += 1
    }

    /// Completes the answer.
    mutating func finish(_ code: ResponseCode) -> DNSOutcome {
        if let asked = query?.extension { putExtension(asked, code) }
        var flags = flags | (code.rawValue & 15)
        if isAuthoritative { flags |= 0x0400 }
        if isTruncated { flags |= 0x0200 }
        writer.patch(flags, at: 2)
        writer.patch(query == nil ? 0 : 1, at: 4)
        writer.patch(answers, at: 6)
        writer.patch(authorities, at: 8)
        writer.patch(additions, at: 10)
        return DNSOutcome(length: writer.count, type: query?.type, code: code, isTruncated: isTruncated)
    }

    private mutating func putExtension(_ asked: DNSQuery.Extension, _ code: ResponseCode) {
        writer.raiseLimit(by: Self.extensionLength)
        let room = UInt16(DNSTransport.datagramLimit)
        let isWritten =
            writer.put(byte: 0) && writer.put(RecordType.opt.number) && writer.put(room)
            && writer.put((code.rawValue >> 4) << 8) && writer.put(asked.wantsSecurity ? 0x8000 : 0) && writer.put(0)
        if isWritten { additions += 1 }
    }

    /// Numbers that follow each other give choices that do not: clients that ask for two types in turn would otherwise
    /// always meet the same record first.
    private static func spread(_ turn: UInt64) -> UInt64 {
        var mixed = turn &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        return mixed ^ (mixed >> 31)
    }
}
