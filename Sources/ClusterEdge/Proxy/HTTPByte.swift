#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What single bytes may be in HTTP/1, as the grammars of RFC 9110 and RFC 3986 have it: one test of a bit each.
enum HTTPByte {
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09
    static let slash: UInt8 = 0x2F
    static let dot: UInt8 = 0x2E
    static let colon: UInt8 = 0x3A
    static let percent: UInt8 = 0x25
    static let question: UInt8 = 0x3F

    @inline(__always)
    private static func has(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        byte < 0x80 && ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
    }

    /// What methods and names of headers are made of.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool { has(byte, 0x3ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe) }

    /// What may stand in the value of a header: no control bytes but the tab.
    @inline(__always)
    static func isFieldText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == tab }

    /// Letters, digits and `-._~`: what need not be percent-encoded, ever.
    @inline(__always)
    static func isUnreserved(_ byte: UInt8) -> Bool { has(byte, 0x3ff_6000_0000_0000, 0x47ff_fffe_87ff_fffe) }

    /// What may stand in a path as it is.
    @inline(__always)
    static func isPath(_ byte: UInt8) -> Bool { has(byte, 0x2fff_ffd2_0000_0000, 0x47ff_fffe_87ff_ffff) }

    /// What may stand in a path as it is and can make no dot segment.
    @inline(__always)
    static func isPlainPath(_ byte: UInt8) -> Bool { has(byte, 0x27ff_bfd2_0000_0000, 0x47ff_fffe_87ff_ffff) }

    /// What may stand in a query as it is.
    @inline(__always)
    static func isQuery(_ byte: UInt8) -> Bool { has(byte, 0xafff_fff2_0000_0000, 0x47ff_fffe_87ff_ffff) }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The letter in lower case; for bytes that are letters, digits or `-`.
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit.
    @inline(__always)
    static func hex(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter &- 0x61 < 6 ? letter &- 0x61 &+ 10 : nil
    }

    /// The hexadecimal digit of a value below 16, in upper case.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x41 &+ (value &- 10) }

    /// Where a byte stands in `bytes`, at or after `start`.
    @inline(__always)
    static func first(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(byte), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Whether the bytes of a range spell a word, in whatever case; the word is given in lower case.
    @inline(__always)
    static func spells(_ word: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        guard word.utf8CodeUnitCount == range.count else { return false }
        let start = word.utf8Start
        for index in 0..<range.count where lower(bytes[range.lowerBound + index]) != start[index] { return false }
        return true
    }

    /// Whether the bytes of a range begin with a word, in whatever case.
    @inline(__always)
    static func begins(with word: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        let count = word.utf8CodeUnitCount
        return count <= range.count && spells(word, bytes, range.lowerBound..<range.lowerBound + count)
    }
}
