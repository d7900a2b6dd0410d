/// A text file of the package, by its path from the package's root. Swift files come taken apart.
struct SourceFile {
    let path: String
    let text: String
    /// Every line as it is written, without line breaks.
    let lines: [Substring]
    /// The code alone, as tokens; empty for files that are not Swift.
    let tokens: [Token]
    /// Every line with nothing but its comments; empty for files that are not Swift.
    let comments: [Substring]

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
        lines = Self.lines(of: text[...])
        guard path.hasSuffix(".swift") else {
            tokens = []
            comments = []
            return
        }
        let parts = SwiftText(text)
        tokens = Token.tokens(of: parts.code)
        comments = Self.lines(of: String(decoding: parts.comments, as: UTF8.self)[...])
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var folders: [Substring] { path.split(separator: "/").dropLast() }
    var name: Substring { path.split(separator: "/").last ?? "" }

    /// The module, for a file under `Sources/`.
    var module: String? {
        folders.first == "Sources" && folders.count > 1 ? String(folders[1]) : nil
    }

    private static func lines(of text: Substring) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
