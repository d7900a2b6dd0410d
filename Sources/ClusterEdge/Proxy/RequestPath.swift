import ClusterKit

/// Brings the path of a request into its one canonical form. What is matched is what is forwarded.
///
/// Percent-encoded unreserved bytes are decoded, all other encodings are in upper case, what may not stand in a path
/// as it is becomes encoded, and dot segments are resolved. Whatever some server may read otherwise is refused: encoded
/// delimiters and control bytes, backslashes, empty segments, parameters on dot segments, paths that leave the root.
enum RequestPath {
    /// Whether a path is canonical as it came: the usual case.
    @inline(__always)
    static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var previous: UInt8 = 0
        for index in range {
            let byte = bytes[index]
            if HTTPByte.isPlainPath(byte) {
                if byte == HTTPByte.slash && previous == HTTPByte.slash { return false }
            } else if byte == HTTPByte.dot {
                if previous == HTTPByte.slash { return false }
            } else {
                return false
            }
            previous = byte
        }
        return true
    }

    /// Appends the canonical form of a path that begins with `/` to `output`.
    static func canonicalize(
        _ path: UnsafeBufferPointer<UInt8>, allowing allowed: EncodedDelimiters, into output: inout [UInt8]
    ) throws(HTTPRefusal) {
        let start = output.count
        output.append(HTTPByte.slash)
        var index = 1
        while index < path.count {
            let byte = path[index]
            switch byte {
            case HTTPByte.percent:
                try decode(path, at: index, allowing: allowed, into: &output)
                index += 3
                continue
            case HTTPByte.slash:
                try endSegment(&output, from: start, isLast: false)
            case 0x5C: throw .bad("a backslash in the path: write / or %5C")
            case 0x23: throw .bad("a fragment in the request target")
            case 0..<0x21, 0x7F: throw .bad("a control byte or space in the path")
            default:
                if HTTPByte.isPath(byte) { output.append(byte) } else { encode(byte, into: &output) }
            }
            index += 1
        }
        try endSegment(&output, from: start, isLast: true)
    }

    private static func decode(
        _ path: UnsafeBufferPointer<UInt8>, at index: Int, allowing allowed: EncodedDelimiters,
        into output: inout [UInt8]
    ) throws(HTTPRefusal) {
        guard index + 2 < path.count, let high = HTTPByte.hex(path[index + 1]), let low = HTTPByte.hex(path[index + 2])
        else { throw .bad("a % in the path without two hexadecimal digits") }
        let byte = high << 4 | low
        if byte < 0x20 || byte == 0x7F { throw .bad("an encoded control byte in the path") }
        let delimiter = EncodedDelimiters(byte: byte)
        if !allowed.isSuperset(of: delimiter) { throw .bad("an encoded delimiter in the path: / \\ ; % ? or #") }
        if HTTPByte.isUnreserved(byte) { output.append(byte) } else { encode(byte, into: &output) }
    }

    private static func encode(_ byte: UInt8, into output: inout [UInt8]) {
        output.append(HTTPByte.percent)
        output.append(HTTPByte.digit(byte >> 4))
        output.append(HTTPByte.digit(byte & 15))
    }

    /// Looks at the segment that just ended, takes dot segments away, and opens the next one unless it was the last.
    private static func endSegment(_ output: inout [UInt8], from start: Int, isLast: Bool) throws(HTTPRefusal) {
        var head = output.count
        while head > start, output[head - 1] != HTTPByte.slash { head -= 1 }
        let count = output.count - head
        let dots = output[head...].prefix(3).prefix { $0 == HTTPByte.dot }.count
        if dots > 0 && dots < 3 && count > dots && output[head + dots] == 0x3B {
            throw .bad("a dot segment with parameters in the path")
        }
        if count == 0 {
            if !isLast { throw .bad("an empty segment in the path: two slashes in a row") }
        } else if dots == count && count == 1 {
            output.removeLast()
        } else if dots == count && count == 2 {
            guard head - 1 > start else { throw .bad("a path that leaves the root") }
            output.removeLast(3)
            while output.last != HTTPByte.slash { output.removeLast() }
        } else if !isLast {
            output.append(HTTPByte.slash)
        }
    }

    /// Whether a query may go on as it came.
    @inline(__always)
    static func isPlainQuery(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where !HTTPByte.isQuery(bytes[index]) { return false }
        return true
    }

    /// Appends a query; what may not stand in it as it is becomes encoded.
    static func canonicalizeQuery(
        _ query: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
    ) throws(HTTPRefusal) {
        for byte in query {
            if byte < 0x21 || byte == 0x7F { throw .bad("a control byte or space in the query") }
            if byte == 0x23 { throw .bad("a fragment in the request target") }
            if HTTPByte.isQuery(byte) { output.append(byte) } else { encode(byte, into: &output) }
        }
    }
}
