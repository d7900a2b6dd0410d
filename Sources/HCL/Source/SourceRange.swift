/// A piece of a configuration file: what a diagnostic points at.
public struct SourceRange: Sendable {
    /// The text that the offsets count in.
    public let source: SourceText
    /// The first byte, and the byte after the last one.
    public let offsets: Range<Int>

    /// Points at bytes of a text; offsets outside of the text are clamped to it.
    public init(_ source: SourceText, _ offsets: Range<Int>) {
        self.source = source
        self.offsets = offsets.clamped(to: 0..<source.bytes.count)
    }

    /// The name of the file.
    public var file: String { source.file }
    /// The line on which the range starts, from 1.
    public var line: Int { source.line(at: offsets.lowerBound) }
    /// The column at which the range starts, in characters from 1.
    public var column: Int { source.column(at: offsets.lowerBound) }
    /// The text itself, exactly as written.
    public var text: String { source.text(in: offsets) }

    /// The range from the start of this one to the end of another in the same text.
    func through(_ other: SourceRange) -> SourceRange {
        let lower = min(offsets.lowerBound, other.offsets.lowerBound)
        return SourceRange(source, lower..<max(offsets.upperBound, other.offsets.upperBound))
    }
}

extension SourceRange: Hashable {
    /// Two ranges are equal if they name the same bytes of a file of the same name.
    public static func == (left: SourceRange, right: SourceRange) -> Bool {
        left.offsets == right.offsets && left.file == right.file
    }

    /// Hashes the file's name and the offsets.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(file)
        hasher.combine(offsets)
    }
}

extension SourceRange: CustomStringConvertible {
    /// `file:line,column`, as diagnostics begin.
    public var description: String { "\(file):\(line),\(column)" }
}
