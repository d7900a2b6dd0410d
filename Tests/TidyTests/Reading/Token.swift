/// A name, a keyword, a number, or one byte of punctuation in the code of a Swift file.
struct Token: Equatable {
    let text: String
    /// Counted from 1.
    let line: Int
    /// Whether a blank or a line break stands before it.
    let isApart: Bool

    var isWord: Bool { text.utf8.first?.isWord ?? false }

    /// Whether it is written as types are.
    var isTypeName: Bool { text.first?.isUppercase ?? false }

    static func tokens(of code: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var line = 1
        var at = 0
        var isApart = true
        while at < code.count {
            let start = at
            if code[at] == .newline { line += 1 }
            if code[at] == .newline || code[at] == .space || code[at] == UInt8(ascii: "\t") {
                at += 1
                isApart = true
                continue
            }
            repeat { at += 1 } while code[start].isWord && at < code.count && code[at].isWord
            tokens.append(Token(text: String(decoding: code[start..<at], as: UTF8.self), line: line, isApart: isApart))
            isApart = false
        }
        return tokens
    }
}
