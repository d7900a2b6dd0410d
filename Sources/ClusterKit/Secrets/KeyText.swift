/// A key as text. Works on the caller's buffers, so that no copy is left that nobody wipes.
enum KeyText {
    /// Writes two digits a byte and a line break; `text` has room for that.
    static func encode(_ key: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        for (index, byte) in key.enumerated() {
            text[2 * index] = digit(byte >> 4)
            text[2 * index + 1] = digit(byte & 15)
        }
        text[2 * key.count] = UInt8(ascii: "\n")
    }

    /// Reads 64 hexadecimal digits or 44 characters of base64, and gives whether it found them.
    static func decode(_ text: UnsafeRawBufferPointer, into key: UnsafeMutableRawBufferPointer) -> Bool {
        var end = text.count
        while end > 0, isSpace(text[end - 1]) { end -= 1 }
        let text = UnsafeRawBufferPointer(rebasing: text[..<end])
        switch text.count {
        case 2 * key.count: return decode(text, bitsPerDigit: 4, hexadecimal, into: key)
        case (key.count + 2) / 3 * 4 where text[end - 1] == UInt8(ascii: "="):
            return decode(UnsafeRawBufferPointer(rebasing: text.dropLast()), bitsPerDigit: 6, base64, into: key)
        default: return false
        }
    }

    private static func decode(
        _ text: UnsafeRawBufferPointer, bitsPerDigit: Int, _ value: (UInt8) -> UInt8?,
        into key: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        var index = 0
        for digit in text {
            guard let value = value(digit) else { return false }
            bits = bits << UInt32(bitsPerDigit) | UInt32(value)
            count += bitsPerDigit
            guard count >= 8 else { continue }
            count -= 8
            guard index < key.count else { return false }
            key[index] = UInt8(truncatingIfNeeded: bits >> UInt32(count))
            index += 1
        }
        // Bits that stand for no byte are zero: each key has one text.
        return index == key.count && bits & (1 << UInt32(count) - 1) == 0
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func base64(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
