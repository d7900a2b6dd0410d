/// Why a template cannot be read or rendered: where in its text, what is wrong, and what to do.
///
/// The message never holds a value that the template was given, so that no secret gets into a log by way of a mistake.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column in bytes, from 1.
    public var column: Int
    /// What is wrong and what to do.
    public var message: String

    /// States a mistake.
    public init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String { "line \(line), column \(column): \(message)" }
}

/// A mistake whose place is not known yet.
struct TemplateFault: Error {
    var message: String

    init(_ message: String) { self.message = message }
}

/// The text of a template, and where its lines begin.
struct TemplateText: Hashable, Sendable {
    let bytes: [UInt8]
    private let lineStarts: [Int]

    init(_ text: String) {
        let bytes = Array(text.utf8)
        self.bytes = bytes
        lineStarts = [0] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    func error(_ message: String, at offset: Int) -> TemplateError {
        let line = lineStarts.lastIndex { $0 <= offset } ?? 0
        return TemplateError(line: line + 1, column: offset - lineStarts[line] + 1, message: message)
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func begins(with word: [UInt8], at offset: Int) -> Bool {
        bytes.count - offset >= word.count && bytes[offset..<offset + word.count].elementsEqual(word)
    }
}
