/// JSON as people like to read it.
enum JSONText {
    /// Indents JSON that is well formed, without a change to any value.
    static func indented(_ bytes: [UInt8]) -> [UInt8] {
        var writer = Indenter()
        for (index, byte) in bytes.enumerated() { writer.take(byte, next: bytes[(index + 1)...].first { $0 > 0x20 }) }
        return writer.text + [UInt8(ascii: "\n")]
    }

    /// An object of parts that are JSON already.
    static func object(_ parts: [(name: String, value: [UInt8])]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, part) in parts.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += Array("\"\(part.name)\":".utf8) + part.value
        }
        return text + [UInt8(ascii: "}")]
    }

    /// A list of parts that are JSON already.
    static func list(_ parts: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + Array(parts.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "]")]
    }

    /// A text as a JSON string.
    static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
            case UInt8(ascii: "\t"): bytes += Array("\\t".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            default: bytes.append(byte)
            }
        }
        return bytes + [UInt8(ascii: "\"")]
    }

    private struct Indenter {
        var text: [UInt8] = []
        private var depth = 0
        private var isInString = false
        private var isEscaped = false

        mutating func take(_ byte: UInt8, next: UInt8?) {
            if isInString {
                text.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                return
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                text.append(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                text.append(byte)
                depth += 1
                if next != UInt8(ascii: "}"), next != UInt8(ascii: "]") { breakLine() }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if text.last != UInt8(ascii: "{"), text.last != UInt8(ascii: "[") { breakLine() }
                text.append(byte)
            case UInt8(ascii: ","):
                text.append(byte)
                breakLine()
            case UInt8(ascii: ":"): text += Array(": ".utf8)
            case 0...0x20: break
            default: text.append(byte)
            }
        }

        private mutating func breakLine() {
            text.append(UInt8(ascii: "\n"))
            text += Array(repeating: UInt8(ascii: " "), count: 4 * max(0, depth))
        }
    }
}
