extension TimeZoneRules {
    /// Reads a file of the zone database (TZif, RFC 9636), of version 2 or later. What its last line states of years to
    /// come is written out.
    ///
    /// - Throws: `.invalid` for bytes that are no such file.
    package init(file bytes: [UInt8]) throws(ClusterError) {
        guard let rules = ZoneFileReader(bytes).rules() else {
            throw ClusterError(.invalid, "the file is no time zone of version 2 or later")
        }
        self = rules
    }

    /// A place whose clocks obey one rule in all years, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`. `nil` for a
    /// text that is none.
    package init?(posix text: String) {
        guard let rule = PosixZone(text) else { return nil }
        self.init(initialOffset: rule.standard, changes: [])
        extend(by: rule)
    }
}

/// Reads bytes of a zone file; anything unexpected ends in `nil`.
private struct ZoneFileReader {
    private struct Head {
        var isUniversal = 0
        var isStandard = 0
        var leaps = 0
        var times = 0
        var types = 0
        var letters = 0

        /// The size of the data behind the head, with times of `width` bytes.
        func size(_ width: Int) -> Int {
            times * width + times + types * 6 + letters + leaps * (width + 4) + isStandard + isUniversal
        }
    }

    private let bytes: [UInt8]
    /// Larger files are none.
    private static let limit = 1 << 20

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func rules() -> TimeZoneRules? {
        guard bytes.count <= Self.limit, let first = head(at: 0), bytes[4] >= UInt8(ascii: "2") else { return nil }
        let start = 44 + first.size(4)
        guard let head = head(at: start) else { return nil }
        let data = start + 44
        let footer = data + head.size(8)
        guard footer <= bytes.count, head.types > 0 else { return nil }
        let kinds = data + head.times * 8
        let types = kinds + head.times
        guard let initial = offset(0, types) else { return nil }
        var rules = TimeZoneRules(initialOffset: initial, changes: [])
        for place in 0..<head.times {
            let kind = Int(bytes[kinds + place])
            guard kind < head.types, let offset = offset(kind, types) else { return nil }
            let time = Int(Int64(bitPattern: number(at: data + place * 8, 8)))
            if let last = rules.changes.last, last.start >= time { return nil }
            // Far from all that is asked for, sums stay small.
            guard abs(time / 2) < 1 << 40 else { continue }
            if rules.offset(of: rules.changes.count) != offset {
                rules.changes.append(.init(start: time, offset: offset))
            }
        }
        guard let rule = PosixZone(line(at: footer)) else { return rules }
        rules.extend(by: rule)
        return rules
    }

    private func head(at place: Int) -> Head? {
        guard place + 44 <= bytes.count, bytes[place..<place + 4].elementsEqual("TZif".utf8) else { return nil }
        let counts = (0..<6).map { Int(number(at: place + 20 + $0 * 4, 4)) }
        guard counts.allSatisfy({ $0 <= Self.limit }) else { return nil }
        let head = Head(
            isUniversal: counts[0], isStandard: counts[1], leaps: counts[2], times: counts[3], types: counts[4],
            letters: counts[5])
        return head
    }

    private func number(at place: Int, _ width: Int) -> UInt64 {
        bytes[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func offset(_ kind: Int, _ types: Int) -> Int? {
        let offset = Int(Int32(bitPattern: UInt32(truncatingIfNeeded: number(at: types + kind * 6, 4))))
        return abs(offset) <= 26 * 3600 ? offset : nil
    }

    private func line(at place: Int) -> String {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\n") else { return "" }
        return String(decoding: bytes[(place + 1)...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}

extension TimeZoneRules {
    /// Writes out a rule for the years after the last change, which may lie beyond all that schedules know.
    fileprivate mutating func extend(by rule: PosixZone) {
        let last = changes.last?.start ?? .min
        let first = last == .min ? .min : CalendarDay(daysSince1970: last.split(by: 86_400).whole).year
        let years = CronExpression.years.lowerBound...CronExpression.years.upperBound + 1
        for year in years where year >= first {
            for change in rule.changes(in: year) where change.start > last { append(change) }
        }
    }

    /// Takes in the next change of a rule. A summer that begins before the one of the year before has ended does not
    /// end there: so a rule states one that lasts all year.
    private mutating func append(_ change: Change) {
        while let latest = changes.last, latest.start >= change.start { changes.removeLast() }
        if offset(of: changes.count) != change.offset { changes.append(change) }
    }
}
