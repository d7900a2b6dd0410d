/// Lays out names and records as a part of a zone.
struct ZonePartBuilder {
    private let timeToLive: UInt32
    private var bytes: [UInt8] = []
    private var records: [ZonePart.Record] = []
    private var sets: [ZonePart.RecordSet] = []
    private var entries: [ZonePart.Entry] = []
    private var places: [WireName: Int] = [:]
    private var groups: [[ResourceRecord]: Range<Int>] = [:]

    /// Starts with nothing; all records may be remembered for so many seconds.
    init(timeToLive: UInt32) { self.timeToLive = timeToLive }

    /// Lets a name have these records, and all names between it and `top` exist. A name keeps the first records that it
    /// was given.
    mutating func add(
        _ name: WireName?, below top: WireName? = nil, kind: ZonePart.Kind = .plain, _ answer: [ResourceRecord] = []
    ) {
        guard let name = name?.folded else { return }
        let group = group(answer)
        if let place = places[name] {
            if entries[place].sets.isEmpty { entries[place].sets = group }
        } else {
            places[name] = entries.count
            let start = bytes.count
            bytes += name.bytes
            entries.append(
                ZonePart.Entry(
                    name: start..<bytes.count, hash: name.bytes.withUnsafeBytes(WireName.hash), kind: kind, sets: group)
            )
        }
        let top = top?.folded
        var above = top == nil ? nil : name.parent
        while let next = above, next != top, next.bytes.count > (top?.bytes.count ?? 0) {
            if places[next] == nil { add(next) }
            above = next.parent
        }
    }

    /// The finished part.
    consuming func part() -> ZonePart {
        ZonePart(bytes: bytes, records: records, sets: sets, entries: entries)
    }

    /// Where the sets of these records stand; names that answer alike share them.
    private mutating func group(_ answer: [ResourceRecord]) -> Range<Int> {
        if let known = groups[answer] { return known }
        let start = sets.count
        for type in Set(answer.map(\.type)).sorted(by: { $0.number < $1.number }) {
            let first = records.count
            // In order of their bytes, so that equal catalogs give equal zones; an address named twice counts once.
            for record in Set(answer.filter { $0.type == type }).sorted(by: ResourceRecord.comesBefore) { lay(record) }
            sets.append(ZonePart.RecordSet(type: type, records: first..<records.count))
        }
        groups[answer] = start..<sets.count
        return start..<sets.count
    }

    private mutating func lay(_ record: ResourceRecord) {
        let start = bytes.count
        append(record.type, record.data)
        let end = bytes.count
        if let glue = record.glue { append(glue.address.type, glue.address.bytes) }
        records.append(ZonePart.Record(bytes: start..<end, glue: end..<bytes.count))
    }

    private mutating func append(_ type: RecordType, _ data: [UInt8]) {
        bytes += Self.head(type, timeToLive: timeToLive, length: data.count)
        bytes += data
    }

    /// The head of a record whose owner is the asked name.
    static func head(_ type: RecordType, timeToLive: UInt32, length: Int) -> [UInt8] {
        let pointer = UInt16(0xc000 | DNSQuery.headerLength)
        return [
            pointer, type.number, 1, UInt16(timeToLive >> 16), UInt16(timeToLive & 0xffff), UInt16(clamping: length),
        ].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }
}

extension ResourceRecord {
    /// Equal targets come together: a target stands before the port here.
    static func comesBefore(_ left: ResourceRecord, _ right: ResourceRecord) -> Bool {
        func key(_ record: ResourceRecord) -> [UInt8] {
            record.type == .srv ? Array(record.data.dropFirst(6) + record.data.prefix(6)) : record.data
        }
        return key(left).lexicographicallyPrecedes(key(right))
    }
}
