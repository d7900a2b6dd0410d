/// Lays JSON text out for people: what `?pretty` and `-json` ask for.
package enum JSONIndenter {
    /// The same value with line breaks and four spaces a level. The text must be JSON.
    package static func indented(_ json: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(json.count * 2)
        var depth = 0
        var isInString = false
        var isEscaped = false
        var afterOpening = false
        for byte in json {
            if isInString {
                output.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            guard byte > 0x20 else { continue }
            let closes = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            if closes { depth = max(0, depth - 1) }
            if afterOpening != closes { breakLine(&output, depth) }
            afterOpening = false
            output.append(byte)
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: ":"): output.append(UInt8(ascii: " "))
            case UInt8(ascii: ","): breakLine(&output, depth)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                afterOpening = true
            default: break
            }
        }
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private static func breakLine(_ output: inout [UInt8], _ depth: Int) {
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 4))
    }
}
