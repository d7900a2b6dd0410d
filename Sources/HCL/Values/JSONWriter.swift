extension Value {
    /// Compact JSON with sorted keys. Angle brackets and ampersands are escaped, as HCL's `jsonencode` does.
    public var json: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value as HCL could read it, for diagnostics and `%#v`.
    var literal: String { json }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let bool): bytes += (bool ? "true" : "false").utf8
        case .number(let number): bytes += number.description.utf8
        case .string(let text): Self.write(text, into: &bytes)
        case .list(let list):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in list.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(Ascii.leftBrace)
            for (index, (key, element)) in object.sortedPairs.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                element.write(into: &bytes)
            }
            bytes.append(Ascii.rightBrace)
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(Ascii.quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": bytes += [Ascii.backslash, UInt8(scalar.value)]
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<" ":
                let hex = String(scalar.value, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex).utf8
            default: bytes += UTF8.encode(scalar).map { Array($0) } ?? []
            }
        }
        bytes.append(Ascii.quote)
    }
}
