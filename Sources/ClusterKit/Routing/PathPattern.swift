/// A path as rules and middlewares state it, in the form in which requests are compared.
package struct PathPattern: Hashable, Sendable {
    /// How a path is compared with it.
    package enum Kind: Hashable, Sendable {
        /// The path is this one.
        case whole
        /// The path is this one or stands below it: `/api` covers `/api` and `/api/x`, and not `/apis`. One that ends
        /// in `/` covers all that begin with it, as written.
        case prefix
    }

    let kind: Kind
    /// The bytes, escaped as a request's path is.
    let bytes: [UInt8]

    init(prefix text: String) {
        kind = .prefix
        bytes = Self.canonical(text)
    }

    init(whole text: String) {
        kind = .whole
        bytes = Self.canonical(text)
    }

    func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { Self.matches($0, kind, path) }
    }

    static func matches(
        _ pattern: UnsafeBufferPointer<UInt8>, _ kind: Kind, _ path: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let count = pattern.count
        guard path.count >= count, path.prefix(count).elementsEqual(pattern) else { return false }
        if path.count == count { return true }
        guard kind == .prefix else { return false }
        return path[count] == UInt8(ascii: "/") || count > 0 && pattern[count - 1] == UInt8(ascii: "/")
    }

    /// Bytes that no path may hold are escaped, escapes that stand for a plain letter are taken back, and the digits
    /// of the others are upper case: one path, one form. So nothing in it can end a header line either.
    static func canonical(_ text: String) -> [UInt8] {
        let source = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            var byte = source[index]
            index += 1
            if byte == UInt8(ascii: "%"), index + 1 < source.count, let high = hexadecimal(source[index]),
                let low = hexadecimal(source[index + 1])
            {
                byte = high << 4 | low
                index += 2
                if isUnreserved(byte) { result.append(byte) } else { escape(byte, into: &result) }
            } else if isUnreserved(byte) || isPlain(byte) {
                result.append(byte)
            } else {
                escape(byte, into: &result)
            }
        }
        return result
    }

    private static func escape(_ byte: UInt8, into result: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Letters, digits and what RFC 3986, section 2.3, treats like them.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// What else may stand in a path as it is: RFC 3986, section 3.3.
    private static func isPlain(_ byte: UInt8) -> Bool { "/!$&'()*+,;=:@".utf8.contains(byte) }
}
