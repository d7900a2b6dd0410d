/// The text of one configuration file, kept whole so that diagnostics can quote it and `${…}` can stay verbatim.
///
/// It is shared by reference among all ranges that point into it, and never changes.
public final class SourceText: Sendable {
    /// The name shown in diagnostics; it is never opened.
    public let file: String
    /// The UTF-8 text. Bytes that are not UTF-8 are shown as U+FFFD.
    public let bytes: [UInt8]
    /// The byte offset at which each line starts; there is always at least one line.
    private let lineStarts: [Int]

    /// Takes bytes as they were read; they need not be valid UTF-8.
    public init(bytes: [UInt8], file: String) {
        self.file = file
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == Ascii.newline {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    /// Takes text that is already a string.
    public convenience init(_ text: String, file: String) {
        self.init(bytes: Array(text.utf8), file: file)
    }

    /// The text between two byte offsets; offsets outside of the text are clamped to it.
    public func text(in offsets: Range<Int>) -> String {
        String(decoding: bytes[offsets.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }

    /// The line that holds a byte offset, counted from 1.
    public func line(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// The column of a byte offset within its line, counted in characters from 1.
    public func column(at offset: Int) -> Int {
        let start = lineStarts[line(at: offset) - 1]
        return 1 + characters(in: start..<max(start, offset))
    }

    /// The byte offsets of a line (counted from 1), without its line break.
    func offsets(ofLine line: Int) -> Range<Int> {
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if end > start, bytes[end - 1] == Ascii.carriageReturn { end -= 1 }
        return start..<end
    }

    /// Counts characters as a reader sees them; on very long lines, where that would be slow, Unicode scalars.
    func characters(in offsets: Range<Int>) -> Int {
        let slice = bytes[offsets.clamped(to: 0..<bytes.count)]
        if slice.allSatisfy({ $0 < 0x80 }) { return slice.count }
        if slice.count > 4096 { return slice.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }
        return String(decoding: slice, as: UTF8.self).count
    }
}
