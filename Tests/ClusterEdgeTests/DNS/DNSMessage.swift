/// A query as tests write it, byte by byte.
struct TestQuery {
    var id: UInt16 = 0x1234
    var flags: UInt16 = 0x0100
    var counts: [UInt16]?
    var name: String
    var type: UInt16 = 1
    var `class`: UInt16 = 1
    /// The payload size of an OPT record; `nil` for none.
    var payload: UInt16?
    var version: UInt8 = 0
    var options: UInt16 = 0

    init(_ name: String, _ type: UInt16 = 1, payload: UInt16? = nil) {
        self.name = name
        self.type = type
        self.payload = payload
    }

    var bytes: [UInt8] {
        let counts = counts ?? [1, 0, 0, payload == nil ? 0 : 1]
        var bytes = ([id, flags] + counts).flatMap(Self.pair)
        bytes += Self.wire(name) + Self.pair(type) + Self.pair(self.class)
        if let payload { bytes += [0, 0, 41] + Self.pair(payload) + [0, version] + Self.pair(options) + [0, 0] }
        return bytes
    }

    static func pair(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }

    static func wire(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }
}

/// An answer, read by the rules of RFC 1035 by code that knows nothing of the server's.
struct TestAnswer: Equatable {
    struct Record: Hashable, Comparable {
        var name: String
        var type: UInt16
        var timeToLive: UInt32
        var data: [UInt8]
        /// The data in words: addresses, targets with their ports, names.
        var text: String

        static func < (left: Self, right: Self) -> Bool {
            (left.type, left.name, left.text) < (right.type, right.name, right.text)
        }
    }

    var id: UInt16
    var flags: UInt16
    var question: String?
    var answers: [Record]
    var authorities: [Record]
    var additions: [Record]
    var size: Int

    var code: UInt16 {
        let high = additions.first { $0.type == 41 }.map { UInt16($0.timeToLive >> 24) } ?? 0
        return high << 4 | flags & 15
    }
    var isTruncated: Bool { flags & 0x0200 != 0 }
    var isAuthoritative: Bool { flags & 0x0400 != 0 }
    var texts: [String] { answers.map(\.text).sorted() }

    /// `nil` when the bytes are no message.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard let id = reader.number(), let flags = reader.number(), let questions = reader.number(), questions < 2,
            let counts = reader.counts()
        else { return nil }
        self.id = id
        self.flags = flags
        size = bytes.count
        if questions == 1 {
            guard let name = reader.name(), reader.number() != nil, reader.number() != nil else { return nil }
            question = name
        }
        var sections: [[Record]] = []
        for count in counts {
            var section: [Record] = []
            for _ in 0..<count {
                guard let record = reader.record() else { return nil }
                section.append(record)
            }
            sections.append(section)
        }
        guard reader.position == bytes.count else { return nil }
        (answers, authorities, additions) = (sections[0], sections[1], sections[2])
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func byte() -> UInt8? {
            guard position < bytes.count else { return nil }
            position += 1
            return bytes[position - 1]
        }

        mutating func number() -> UInt16? {
            guard let high = byte(), let low = byte() else { return nil }
            return UInt16(high) << 8 | UInt16(low)
        }

        mutating func counts() -> [UInt16]? {
            guard let one = number(), let two = number(), let three = number() else { return nil }
            return [one, two, three]
        }

        mutating func name() -> String? {
            var labels: [String] = []
            var end: Int?
            var hops = 0
            while let length = byte() {
                if length == 0 {
                    position = end ?? position
                    return labels.joined(separator: ".")
                }
                if length >= 0xc0 {
                    guard let low = byte(), hops < 10 else { return nil }
                    hops += 1
                    end = end ?? position
                    position = Int(length & 0x3f) << 8 | Int(low)
                    continue
                }
                guard position + Int(length) <= bytes.count, length < 64 else { return nil }
                labels.append(String(decoding: bytes[position..<(position + Int(length))], as: UTF8.self))
                position += Int(length)
            }
            return nil
        }

        mutating func record() -> Record? {
            guard let name = name(), let type = number(), number() != nil, let high = number(), let low = number(),
                let length = number(), position + Int(length) <= bytes.count
            else { return nil }
            let end = position + Int(length)
            let data = Array(bytes[position..<end])
            guard let text = text(type, data), position <= end else { return nil }
            position = end
            return Record(
                name: name, type: type, timeToLive: UInt32(high) << 16 | UInt32(low), data: data, text: text)
        }

        mutating func text(_ type: UInt16, _ data: [UInt8]) -> String? {
            switch type {
            case 1: return data.count == 4 ? data.map { String($0) }.joined(separator: ".") : nil
            case 28: return data.count == 16 ? data.map { String($0, radix: 16) }.joined(separator: " ") : nil
            case 33:
                guard let priority = number(), let weight = number(), let port = number() else { return nil }
                return name().map { "\(priority) \(weight) \(port) \($0)" }
            case 2, 12: return name()
            case 6:
                guard let server = name(), let mailbox = name() else { return nil }
                return position + 20 <= bytes.count ? "\(server) \(mailbox) \(data.suffix(4))" : nil
            case 16: return String(decoding: data.dropFirst(), as: UTF8.self)
            default: return String(describing: data)
            }
        }
    }
}
