/// How the end of a body is told, and how far it has come. It sees every byte of the body once and copies none.
enum BodyFraming: Equatable {
    /// There is no body.
    case none
    /// So many bytes are still to come.
    case length(UInt64)
    /// Chunks, until one of no bytes.
    case chunked(ChunkScanner)
    /// Everything until the other side closes.
    case untilClose

    /// Whether the body has ended.
    var isDone: Bool {
        switch self {
        case .none, .length(0): true
        case .chunked(let scanner): scanner.isDone
        default: false
        }
    }

    /// Reads on. Appends to `parts` what is to be passed on, and gives how many bytes belong to the body. What is
    /// passed on leaves out chunk extensions and trailers; with `keepsFraming` false also the frames of the chunks.
    mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, keepsFraming: Bool, into parts: inout [Range<Int>]
    ) throws(HTTPRefusal) -> Int {
        switch self {
        case .none: return 0
        case .length(let left):
            let count = left < UInt64(bytes.count) ? Int(left) : bytes.count
            if count > 0 { parts.append(0..<count) }
            self = .length(left - UInt64(count))
            return count
        case .untilClose:
            if !bytes.isEmpty { parts.append(0..<bytes.count) }
            return bytes.count
        case .chunked(var scanner):
            let count = try scanner.read(bytes, keepsFraming: keepsFraming, into: &parts)
            self = .chunked(scanner)
            return count
        }
    }
}

/// Follows a body in chunks, wherever reads cut it. Strict: CRLF only, at most 16 digits, no space before an extension.
struct ChunkScanner: Equatable {
    private enum State: UInt8 {
        case size, `extension`, sizeEnd, data, dataReturn, dataEnd, lineStart, trailer, trailerEnd, lastEnd, done
    }

    /// Bytes of extensions and trailers that one body may carry; they are thrown away, but somebody must read them.
    static let maximumAside = 8 * 1024

    private var state = State.size
    private var digits = 0
    private var left: UInt64 = 0
    private var aside = 0

    var isDone: Bool { state == .done }

    mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, keepsFraming: Bool, into parts: inout [Range<Int>]
    ) throws(HTTPRefusal) -> Int {
        var index = 0
        /// Where the part that is passed on began.
        var start: Int?
        while index < bytes.count && state != .done {
            if state == .data {
                let count = left < UInt64(bytes.count - index) ? Int(left) : bytes.count - index
                if start == nil { start = index }
                index += count
                left -= UInt64(count)
                if left == 0 { state = .dataReturn }
                continue
            }
            let passes = try step(bytes[index])
            if passes && keepsFraming {
                if start == nil { start = index }
            } else if let first = start {
                if first < index { parts.append(first..<index) }
                start = nil
            }
            index += 1
        }
        if let start, start < index { parts.append(start..<index) }
        return index
    }

    /// Takes one byte that frames the data; says whether it is passed on.
    private mutating func step(_ byte: UInt8) throws(HTTPRefusal) -> Bool {
        switch state {
        case .size: return try stepSize(byte)
        case .extension:
            if byte == HTTPByte.carriageReturn {
                state = .sizeEnd
                return true
            }
            try putAside(byte)
            return false
        case .sizeEnd:
            try expect(byte, HTTPByte.lineFeed)
            state = left == 0 ? .lineStart : .data
            digits = 0
            return true
        case .dataReturn:
            try expect(byte, HTTPByte.carriageReturn)
            state = .dataEnd
            return true
        case .dataEnd:
            try expect(byte, HTTPByte.lineFeed)
            state = .size
            return true
        case .lineStart where byte == HTTPByte.carriageReturn:
            state = .lastEnd
            return true
        case .lineStart:
            guard HTTPByte.isToken(byte) else { throw .bad("a trailer that is no header line") }
            try putAside(byte)
            state = .trailer
            return false
        case .trailer:
            if byte == HTTPByte.carriageReturn { state = .trailerEnd } else { try putAside(byte) }
            return false
        case .trailerEnd:
            try expect(byte, HTTPByte.lineFeed)
            state = .lineStart
            return false
        case .lastEnd:
            try expect(byte, HTTPByte.lineFeed)
            state = .done
            return true
        case .data, .done: return false
        }
    }

    private mutating func stepSize(_ byte: UInt8) throws(HTTPRefusal) -> Bool {
        if let value = HTTPByte.hex(byte) {
            guard digits < 16, left >> 60 == 0 else { throw .bad("a chunk size of more than 16 digits") }
            left = left << 4 | UInt64(value)
            digits += 1
            return true
        }
        guard digits > 0 else { throw .bad("a chunk without a size") }
        if byte == HTTPByte.carriageReturn {
            state = .sizeEnd
            return true
        }
        guard byte == 0x3B else { throw .bad("a chunk size that is no hexadecimal number") }
        try putAside(byte)
        state = .extension
        return false
    }

    private mutating func putAside(_ byte: UInt8) throws(HTTPRefusal) {
        guard HTTPByte.isFieldText(byte) else { throw .bad("a control byte in a chunk extension or trailer") }
        aside += 1
        guard aside <= Self.maximumAside else { throw HTTPRefusal(431, "chunk extensions and trailers above 8 KiB") }
    }

    private func expect(_ byte: UInt8, _ wanted: UInt8) throws(HTTPRefusal) {
        guard byte == wanted else { throw .bad("a chunk that does not end where it said") }
    }
}
