extension Function {
    /// JSON and Base64.
    static let encodings: [Function] = [
        Function("jsonencode", "value") { .string($0[0].json) },
        Function("jsondecode", "text") { arguments in
            let text = try arguments.string(0)
            do throws(JSONReader.Failure) {
                return try JSONReader.read(text, nesting: arguments.limits.nesting)
            } catch {
                throw arguments.fail(0, "is not JSON: \(error.message)")
            }
        },
        Function("base64encode", "text") { .string(Base64.encode(Array(try $0.string(0).utf8))) },
        Function("base64decode", "text") { arguments in
            guard let bytes = Base64.decode(try arguments.string(0)) else {
                throw arguments.fail(0, "is not Base64")
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw arguments.fail(0, "does not hold UTF-8 text")
            }
            return .string(text)
        },
    ]
}

/// Base64 of RFC 4648 with padding.
private enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...3 {
                result.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : padding)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        let symbols = text.utf8.filter { $0 != Ascii.newline && $0 != Ascii.carriageReturn }
        guard symbols.count % 4 == 0 else { return nil }
        let data = symbols.prefix { $0 != padding }
        guard symbols.count - data.count <= 2, symbols[data.count...].allSatisfy({ $0 == padding }) else { return nil }
        var result: [UInt8] = []
        var (bits, count) = (0, 0)
        for symbol in data {
            guard let value = value(of: symbol) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return result
    }

    private static func value(of symbol: UInt8) -> Int? {
        switch symbol {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(symbol) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(symbol) - 71
        case Ascii.zero...UInt8(ascii: "9"): Int(symbol) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
