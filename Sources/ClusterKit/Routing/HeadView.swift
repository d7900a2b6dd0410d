import Patterns

/// The parts of a request while its bytes are open: what tests of rules look at. It may not leave the closure that it
/// is given to.
struct HeadView {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let fields: UnsafeBufferPointer<RequestHead.Field>
    let method: UnsafeBufferPointer<UInt8>
    let path: UnsafeBufferPointer<UInt8>
    let query: UnsafeBufferPointer<UInt8>
    let host: UnsafeBufferPointer<UInt8>
    let client: SIMD16<UInt8>

    /// Opens a request; `nil` when its parts do not stand in its bytes.
    static func with<Result>(_ head: borrowing RequestHead, _ body: (HeadView) -> Result) -> Result? {
        let (method, path, query, host, client) = (head.method, head.path, head.query, head.host, head.client)
        return head.bytes.withUnsafeBufferPointer { bytes in
            guard bytes.holds(method), bytes.holds(path), bytes.holds(query), bytes.holds(host) else { return nil }
            return head.fields.withUnsafeBufferPointer { fields in
                body(
                    HeadView(
                        bytes: bytes, fields: fields, method: UnsafeBufferPointer(rebasing: bytes[method]),
                        path: UnsafeBufferPointer(rebasing: bytes[path]),
                        query: UnsafeBufferPointer(rebasing: bytes[query]),
                        host: UnsafeBufferPointer(rebasing: bytes[host]), client: client))
            }
        }
    }

    /// Whether there is a header line of a name, given in lower case, with exactly this value.
    func hasField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        hasField(name) { $0.isEqual(to: value) }
    }

    /// Whether there is a header line of a name, given in lower case, with a value that matches.
    func hasField(_ name: UnsafeBufferPointer<UInt8>, matching pattern: Pattern) -> Bool {
        hasField(name) { pattern.matches(utf8: $0) }
    }

    private func hasField(
        _ name: UnsafeBufferPointer<UInt8>, where isWanted: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        for field in fields where field.name.count == name.count {
            guard bytes.holds(field.name), bytes.holds(field.value) else { continue }
            var isSame = true
            for index in 0..<name.count where RuleMatcher.lower(bytes[field.name.lowerBound + index]) != name[index] {
                isSame = false
                break
            }
            if isSame, isWanted(UnsafeBufferPointer(rebasing: bytes[field.value])) { return true }
        }
        return false
    }

    /// Whether the first parameter of a name has a value; an empty value stands for any.
    func hasParameter(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        parameter(name) { value.isEmpty || Self.decodes(query, $0, to: value) } ?? false
    }

    /// Whether some parameter of a name has a value that matches.
    func hasParameter(_ name: UnsafeBufferPointer<UInt8>, matching pattern: Pattern) -> Bool {
        parameter(name) { part in Self.decoding(query, part) { pattern.matches(utf8: $0) } ? true : nil } ?? false
    }

    /// The first answer about the value of a parameter of this name.
    private func parameter(_ name: UnsafeBufferPointer<UInt8>, _ answer: (Range<Int>) -> Bool?) -> Bool? {
        var start = 0
        while start < query.count {
            var end = start
            var equals = -1
            while end < query.count, query[end] != UInt8(ascii: "&") {
                if equals < 0, query[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            let nameEnd = equals < 0 ? end : equals
            if Self.decodes(query, start..<nameEnd, to: name),
                let answer = answer((equals < 0 ? end : equals + 1)..<end)
            {
                return answer
            }
            start = end + 1
        }
        return nil
    }

    /// Whether a part of a query stands for these bytes.
    private static func decodes(
        _ query: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, to wanted: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var place = part.lowerBound
        for expected in wanted {
            guard place < part.upperBound, decodedByte(query, &place, part.upperBound) == expected else { return false }
        }
        return place == part.upperBound
    }

    /// Shows what a part of a query stands for.
    private static func decoding(
        _ query: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: part.count) { buffer in
            var (place, count) = (part.lowerBound, 0)
            while place < part.upperBound {
                buffer.initializeElement(at: count, to: decodedByte(query, &place, part.upperBound))
                count += 1
            }
            return body(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// The next byte that a query stands for: `+` for a space, `%XX` for a byte.
    private static func decodedByte(_ query: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ end: Int) -> UInt8 {
        let byte = query[place]
        place += 1
        if byte == UInt8(ascii: "+") { return UInt8(ascii: " ") }
        if byte == UInt8(ascii: "%"), place + 1 < end, let high = PathPattern.hexadecimal(query[place]),
            let low = PathPattern.hexadecimal(query[place + 1])
        {
            place += 2
            return high << 4 | low
        }
        return byte
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func holds(_ range: Range<Int>) -> Bool { range.lowerBound >= 0 && range.upperBound <= count }

    func isEqual(to other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
