import ClusterClient

/// JSON as people like to read it.
enum JSONText {
    /// Indents JSON that is well formed, without a change to any value.
    static func indented(_ bytes: [UInt8]) -> [UInt8] { JSONIndenter.indented(bytes) }

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
}
