/// The text of a Swift file taken apart: code, comments and literals, each with the lines of the original.
///
/// `code` and `comments` have exactly the length and the line breaks of the text; the rest of them is blank.
/// Interpolations in string literals count as code. Regular expression literals count as strings.
struct SwiftText {
    let raw: [UInt8]
    private(set) var code: [UInt8]
    private(set) var comments: [UInt8]
    private var at = 0

    init(_ text: String) {
        raw = Array(text.utf8)
        let blank = raw.map { $0 == .newline ? $0 : .space }
        code = blank
        comments = blank
        readCode(until: nil)
    }

    /// Reads code up to the end, or up to the parenthesis that closes an interpolation.
    private mutating func readCode(until closing: UInt8?) {
        var depth = 0
        while at < raw.count {
            if starts("//") {
                while at < raw.count, raw[at] != .newline { takeComment() }
            } else if starts("/*") {
                readBlockComment()
            } else if let hashes = stringStart() {
                readString(hashes: hashes)
            } else if let hashes = patternStart() {
                readPattern(hashes: hashes)
            } else {
                if closing != nil, raw[at] == .open { depth += 1 }
                if closing != nil, raw[at] == .close {
                    if depth == 0 { return }
                    depth -= 1
                }
                takeCode()
            }
        }
    }

    /// Swift's block comments nest.
    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                takeComment()
            } else if starts("*/") {
                depth -= 1
                takeComment()
            }
            takeComment()
        } while depth > 0 && at < raw.count
    }

    private mutating func readString(hashes: Int) {
        at += hashes
        let quotes = starts("\"\"\"") ? 3 : 1
        at += quotes
        let mark = [UInt8](repeating: .hash, count: hashes)
        let end = [UInt8](repeating: .quote, count: quotes) + mark
        let escape = [.backslash] + mark
        while at < raw.count {
            if starts(end) {
                at += end.count
                return
            }
            if quotes == 1, raw[at] == .newline { return }  // an unfinished literal ends with its line
            if starts(escape + [.open]) {
                at += escape.count
                takeCode()
                readCode(until: .close)
                if at < raw.count { takeCode() }
            } else {
                at += starts(escape) ? escape.count + 1 : 1
            }
        }
    }

    private mutating func readPattern(hashes: Int) {
        let end = [.slash] + [UInt8](repeating: .hash, count: hashes)
        at += hashes + 1
        while at < raw.count, !starts(end) {
            at += raw[at] == .backslash ? 2 : 1
        }
        at += end.count
    }

    /// The number of `#` before a quote that starts here, or nil if no string literal does.
    private func stringStart() -> Int? {
        let hashes = raw[at...].prefix { $0 == .hash }.count
        let next = at + hashes
        return next < raw.count && raw[next] == .quote ? hashes : nil
    }

    /// The number of `#` before a slash that starts a regular expression literal here.
    ///
    /// A bare slash starts one where no operator can stand: after an opening bracket, a comma, `=`, `:` or `return`,
    /// when no blank follows and another slash comes on the same line.
    private func patternStart() -> Int? {
        let hashes = raw[at...].prefix { $0 == .hash }.count
        let next = at + hashes
        guard next + 1 < raw.count, raw[next] == .slash else { return nil }
        if hashes > 0 { return hashes }
        guard raw[next + 1] != .space, raw[(next + 1)...].prefix(while: { $0 != .newline }).contains(.slash) else {
            return nil
        }
        let before = code[..<at].reversed().prefix { $0 != .newline }.drop { $0 == .space }
        guard let last = before.first else { return nil }
        return "([{,=:".utf8.contains(last) || Array(before.prefix(6)) == Array("nruter".utf8) ? 0 : nil
    }

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { raw[at...].starts(with: $0) }
    }

    private func starts(_ bytes: [UInt8]) -> Bool {
        raw[at...].starts(with: bytes)
    }

    private mutating func takeCode() {
        code[at] = raw[at]
        at += 1
    }

    private mutating func takeComment() {
        guard at < raw.count else { return }
        comments[at] = raw[at]
        at += 1
    }
}

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let open = UInt8(ascii: "(")
    static let close = UInt8(ascii: ")")
    static let dot = UInt8(ascii: ".")

    /// Whether this byte may stand inside a name.
    var isWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }
}
