/// One thing to tell the author of a file: what is wrong, where, and what to do about it.
///
/// `description` renders it with the source line and an underline.
public struct Diagnostic: Error, Sendable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable {
        /// The file cannot be used.
        case error
        /// The file can be used, but probably does not mean what its author thinks.
        case warning
    }

    /// How bad it is.
    public var severity: Severity
    /// What is wrong, in one line without a full stop.
    public var summary: String
    /// Why it is wrong or what to do, in whole sentences.
    public var detail: String?
    /// Where; absent if the mistake is in no file, such as a variable given on the command line.
    public var range: SourceRange?
    /// What the author may have meant: a name that exists, or text to write instead.
    public var suggestion: String?

    /// Describes a mistake; see the properties.
    public init(
        _ severity: Severity = .error, _ summary: String, detail: String? = nil, at range: SourceRange?,
        suggestion: String? = nil
    ) {
        self.severity = severity
        self.summary = summary
        self.detail = detail
        self.range = range
        self.suggestion = suggestion
    }
}

extension Sequence where Element == Diagnostic {
    /// Whether any of them forbids using the file.
    public var hasErrors: Bool { contains { $0.severity == .error } }

    /// In the order of the text; those without a place come first, equal places keep their order.
    public func inSourceOrder() -> [Diagnostic] {
        let keyed = enumerated().map { (index, diagnostic) in
            (place: (diagnostic.range?.offsets.lowerBound ?? -1, index), diagnostic: diagnostic)
        }
        return keyed.sorted { $0.place < $1.place }.map(\.diagnostic)
    }
}
