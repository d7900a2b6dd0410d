/// One header line, with its parts found and its bytes checked.
struct FieldLine {
    /// The name.
    var name: Range<Int>
    /// The value, without the spaces around it.
    var value: Range<Int>
    /// Where the next line begins.
    var end: Int
    /// Whether the name holds an underscore.
    var hasUnderscore: Bool

    /// Reads the line that begins at `start` and ends in CRLF.
    @inline(__always)
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(HTTPRefusal) -> FieldLine {
        var index = start
        var hasUnderscore = false
        while index < bytes.count, HTTPByte.isToken(bytes[index]) {
            if bytes[index] == 0x5F { hasUnderscore = true }
            index += 1
        }
        guard index < bytes.count, bytes[index] == HTTPByte.colon, index > start else {
            throw reason(bytes, start, index)
        }
        let name = start..<index
        index += 1
        while index < bytes.count, bytes[index] == HTTPByte.space || bytes[index] == HTTPByte.tab { index += 1 }
        let value = index
        while index < bytes.count, HTTPByte.isFieldText(bytes[index]) { index += 1 }
        guard index + 1 < bytes.count, bytes[index] == HTTPByte.carriageReturn,
            bytes[index + 1] == HTTPByte.lineFeed
        else { throw .bad("a control byte in a header line") }
        var end = index
        while end > value, bytes[end - 1] == HTTPByte.space || bytes[end - 1] == HTTPByte.tab { end -= 1 }
        return FieldLine(name: name, value: value..<end, end: index + 2, hasUnderscore: hasUnderscore)
    }

    private static func reason(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ index: Int) -> HTTPRefusal {
        guard index < bytes.count else { return .bad("a header line without a colon") }
        let isBlank = bytes[index] == HTTPByte.space || bytes[index] == HTTPByte.tab
        if index == start && isBlank { return .bad("a header line that goes on the line before") }
        if isBlank { return .bad("a space before the colon of a header line") }
        if bytes[index] == HTTPByte.colon { return .bad("a header line without a name") }
        return .bad("a header line whose name is no token")
    }

    /// A `Content-Length`: digits only, and no more than a signed number holds.
    static func length(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) throws(HTTPRefusal) -> UInt64 {
        guard (1...18).contains(value.count) else { throw .bad("a Content-Length that is not 1 to 18 digits") }
        var length: UInt64 = 0
        for index in value {
            guard HTTPByte.isDigit(bytes[index]) else { throw .bad("a Content-Length that is not 1 to 18 digits") }
            length = length * 10 + UInt64(bytes[index] &- 0x30)
        }
        return length
    }
}
