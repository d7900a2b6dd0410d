/// Reads the head of an instance's response, as strictly as a request: a response that two readers could end at two
/// places would mix up the answers of two clients.
struct ResponseScanner {
    /// Header lines that a response may have.
    static let maximumFields = 250

    var status = 0
    /// How the end of the body is told, before the request's method has its say.
    var framing = BodyFraming.untilClose
    /// Whether the instance keeps the connection.
    var isPersistent = true
    /// Whether the first line says `HTTP/1.1`.
    var isVersion11 = true
    /// Lines that go no further, ascending; neighbors are one range.
    var cuts: [Range<Int>] = []
    /// The `Transfer-Encoding` line, for readers that know no chunks.
    var encodingLine = 0..<0
    /// What the instance changes to.
    var upgrade = 0..<0
    /// Where the header lines begin.
    var fields = 0

    private var options = ConnectionOptions()
    private var length: UInt64?
    private var hasLength: Bool { length != nil }
    private var hasConnection = false
    /// Lines that the response itself names as belonging to the connection are few; most responses name none.
    private var lines: [FieldLine] = []

    /// Reads the head that `bytes` hold from the first byte to the end of the empty line.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
        cuts.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        encodingLine = 0..<0
        upgrade = 0..<0
        options = ConnectionOptions()
        length = nil
        hasConnection = false
        try readStatusLine(bytes)
        var index = fields
        while index + 2 < bytes.count {
            let line = try FieldLine.read(bytes, at: index)
            lines.append(line)
            guard lines.count <= Self.maximumFields else { throw .badAnswer }
            if try isCut(line, bytes) { cut(index..<line.end) }
            index = line.end
        }
        try settle(bytes)
    }

    private mutating func readStatusLine(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
        guard bytes.count > 14, bytes[0] == 0x48, bytes[1] == 0x54, bytes[2] == 0x54, bytes[3] == 0x50,
            bytes[4] == 0x2F, bytes[5] == 0x31, bytes[6] == HTTPByte.dot, bytes[7] == 0x30 || bytes[7] == 0x31,
            bytes[8] == HTTPByte.space
        else { throw .badAnswer }
        isVersion11 = bytes[7] == 0x31
        status = 0
        for index in 9..<12 {
            guard HTTPByte.isDigit(bytes[index]) else { throw .badAnswer }
            status = status * 10 + Int(bytes[index] &- 0x30)
        }
        guard (100...599).contains(status) else { throw .badAnswer }
        guard bytes[12] == HTTPByte.space || bytes[12] == HTTPByte.carriageReturn else { throw .badAnswer }
        var index = 12
        while index < bytes.count, HTTPByte.isFieldText(bytes[index]) { index += 1 }
        guard index + 1 < bytes.count, bytes[index] == HTTPByte.carriageReturn,
            bytes[index + 1] == HTTPByte.lineFeed
        else { throw .badAnswer }
        fields = index + 2
    }

    /// Takes note of what a line means to the proxy; says whether it concerns this connection only.
    private mutating func isCut(_ line: FieldLine, _ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) -> Bool {
        let name = line.name
        switch (HTTPByte.lower(bytes[name.lowerBound]), name.count) {
        case (0x63, 10) where HTTPByte.spells("connection", bytes, name):
            hasConnection = true
            try options.read(bytes, line.value)
            return true
        case (0x63, 14) where HTTPByte.spells("content-length", bytes, name):
            let value = try FieldLine.length(bytes, line.value)
            guard !hasLength else { throw .badAnswer }
            length = value
            return false
        case (0x74, 17) where HTTPByte.spells("transfer-encoding", bytes, name):
            guard encodingLine.isEmpty, HTTPByte.spells("chunked", bytes, line.value) else { throw .badAnswer }
            encodingLine = name.lowerBound..<line.end
            return false
        case (0x75, 7) where HTTPByte.spells("upgrade", bytes, name):
            upgrade = line.value
            return true
        case (0x6B, 10): return HTTPByte.spells("keep-alive", bytes, name)
        case (0x70, 16): return HTTPByte.spells("proxy-connection", bytes, name)
        case (0x74, 7): return HTTPByte.spells("trailer", bytes, name)
        case (0x74, 2): return HTTPByte.spells("te", bytes, name)
        default: return false
        }
    }

    private mutating func cut(_ range: Range<Int>) {
        if let last = cuts.last, last.upperBound == range.lowerBound {
            cuts[cuts.count - 1] = last.lowerBound..<range.upperBound
        } else {
            cuts.append(range)
        }
    }

    private mutating func settle(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
        isPersistent = hasConnection ? !options.closes && (isVersion11 || options.keeps) : isVersion11
        if !options.others.isEmpty {
            for line in lines where isNamed(line.name, bytes) { cuts.append(line.name.lowerBound..<line.end) }
            cuts.sort { $0.lowerBound < $1.lowerBound }
        }
        if !encodingLine.isEmpty {
            guard !hasLength, isVersion11 else { throw .badAnswer }
            framing = .chunked(ChunkScanner())
        } else if let length {
            framing = .length(length)
        } else {
            framing = .untilClose
        }
    }

    /// Whether a line is one that `Connection` names; what frames the message is not the connection's to take away.
    private func isNamed(_ name: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if HTTPByte.spells("content-length", bytes, name) || HTTPByte.spells("transfer-encoding", bytes, name) {
            return false
        }
        return options.others.contains { other in
            other.count == name.count
                && zip(other, name).allSatisfy { HTTPByte.lower(bytes[$0]) == HTTPByte.lower(bytes[$1]) }
                && !cuts.contains { $0.contains(name.lowerBound) }
        }
    }
}
