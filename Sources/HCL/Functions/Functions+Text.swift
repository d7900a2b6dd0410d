extension Function {
    /// Functions on strings. Lengths and offsets count characters as a reader sees them.
    static let text: [Function] = [
        Function("upper", "string") { .string(try $0.string(0).uppercased()) },
        Function("lower", "string") { .string(try $0.string(0).lowercased()) },
        Function("title", "string") { .string(titled(try $0.string(0))) },
        Function("trim", "string", "characters") { arguments in
            let cut = Set(try arguments.string(1))
            return .string(trimmed(try arguments.string(0)) { cut.contains($0) })
        },
        Function("trimspace", "string") { .string(trimmed(try $0.string(0), where: \.isWhitespace)) },
        Function("trimprefix", "string", "prefix") { arguments in
            let (text, prefix) = (try arguments.string(0), try arguments.string(1))
            return .string(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
        },
        Function("trimsuffix", "string", "suffix") { arguments in
            let (text, suffix) = (try arguments.string(0), try arguments.string(1))
            return .string(text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text)
        },
        Function("startswith", "string", "prefix") { .bool(try $0.string(0).hasPrefix(try $0.string(1))) },
        Function("endswith", "string", "suffix") { .bool(try $0.string(0).hasSuffix(try $0.string(1))) },
        Function("strlen", "string") { .integer(try $0.string(0).count) },
        Function("substr", "string", "offset", "length", body: substring),
        Function("replace", "string", "substring", "replacement", body: replaced),
        Function("split", "separator", "string") { arguments in
            let parts = pieces(of: try arguments.string(1), separator: try arguments.string(0))
            return .list(parts.map { .string(String(decoding: $0, as: UTF8.self)) })
        },
        Function("join", "separator", rest: "lists", body: joined),
        Function("indent", "spaces", "string", body: indented),
    ]

    private static func titled(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for character in text {
            result += startsWord ? character.uppercased() : String(character)
            startsWord = !(character.isLetter || character.isNumber || character == "_" || character == "'")
        }
        return result
    }

    private static func trimmed(_ text: String, where cut: (Character) -> Bool) -> String {
        var rest = text.drop(while: cut)
        while let last = rest.last, cut(last) { rest.removeLast() }
        return String(rest)
    }

    /// A negative offset counts from the end; the length -1 means the whole rest.
    private static func substring(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let text = Array(try arguments.string(0))
        let (offset, length) = (try arguments.integer(1), try arguments.integer(2))
        guard length >= -1 else { throw arguments.fail(2, "must be -1 or more, not \(length)") }
        let start = offset < 0 ? max(0, text.count + max(offset, -text.count)) : min(offset, text.count)
        let count = length < 0 ? text.count - start : min(length, text.count - start)
        return .string(String(text[start..<start + count]))
    }

    /// All of it is plain text, as in Nomad. Terraform takes `/…/` for a regular expression; that is `regex_replace`.
    private static func replaced(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let (text, old, new) = (try arguments.string(0), try arguments.string(1), try arguments.string(2))
        let parts = pieces(of: text, separator: old)
        try arguments.claim(bytes: (parts.count, multipliedBy: new.utf8.count))
        // An empty substring stands before, between and after all characters, as in Go.
        let ends = old.isEmpty ? new : ""
        return .string(ends + parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: new) + ends)
    }

    /// Splits by bytes, in linear time for short separators; an empty separator splits into characters.
    private static func pieces(of text: String, separator: String) -> [ArraySlice<UInt8>] {
        if separator.isEmpty { return text.map { Array(String($0).utf8)[...] } }
        let (bytes, mark) = (Array(text.utf8), Array(separator.utf8))
        var pieces: [ArraySlice<UInt8>] = []
        var (start, index) = (0, 0)
        while index + mark.count <= bytes.count {
            if bytes[index] == mark[0], bytes[index..<index + mark.count].elementsEqual(mark) {
                pieces.append(bytes[start..<index])
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        return pieces + [bytes[start...]]
    }

    private static func joined(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        guard arguments.count > 1 else { throw FunctionFailure("needs a list behind the separator") }
        let separator = try arguments.string(0)
        var parts: [String] = []
        for index in 1..<arguments.count { parts += try arguments.strings(index) }
        try arguments.claim(bytes: (parts.count, multipliedBy: separator.utf8.count))
        return .string(parts.joined(separator: separator))
    }

    /// Indents all lines but the first.
    private static func indented(_ arguments: Arguments) throws(FunctionFailure) -> Value {
        let (spaces, text) = (try arguments.integer(0), try arguments.string(1))
        guard spaces >= 0 else { throw arguments.fail(0, "must not be negative") }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try arguments.claim(bytes: (lines.count, multipliedBy: spaces))
        return .string(lines.joined(separator: "\n" + String(repeating: " ", count: spaces)))
    }
}
