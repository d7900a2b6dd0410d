import ClusterClient
import ClusterKit

/// JSON as people like to read it.
enum JSONText {
    /// Indents JSON that is well formed, without a change to any value.
    static func indented(_ bytes: [UInt8]) -> [UInt8] { JSONIndenter.indented(bytes) }

    /// An object of parts that are JSON already.
    static func object(_ parts: [(name: String, value: [UInt8])]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, part) in parts.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += string(part.name) + [UInt8(ascii: ":")] + part.value
        }
        return text + [UInt8(ascii: "}")]
    }

    /// A list of parts that are JSON already.
    static func list(_ parts: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + Array(parts.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "]")]
    }

    /// A value that was read, the members of objects in their order.
    static func value(_ value: JSONValue) -> [UInt8] {
        switch value {
        case .null: Array("null".utf8)
        case .bool(let value): Array("\(value)".utf8)
        case .integer(let value): Array("\(value)".utf8)
        case .number(let value): Array("\(value)".utf8)
        case .string(let text): string(text)
        case .array(let values): list(values.map(self.value))
        case .object(let object): self.object(object.members.map { (name: $0.name, value: self.value($0.value)) })
        }
    }

    /// An object of `members`, indented.
    static func facts(_ members: [(name: String, value: JSONValue)]) -> [UInt8] {
        indented(object(members.map { (name: $0.name, value: value($0.value)) }))
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
