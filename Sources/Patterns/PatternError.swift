/// Why a text is no pattern.
public struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The pattern's text.
    public let pattern: String
    /// Where the mistake is: so many bytes of UTF-8 from the start.
    public let offset: Int
    /// What is wrong, and what to do about it.
    public let message: String

    /// What, where, and what to do; long patterns are cut.
    public var description: String { "regular expression `\(shown)`, byte \(offset): \(message)" }

    private var shown: String {
        let most = 60
        let start = pattern.unicodeScalars.prefix(most + 1)
        return start.prefix(most).reduce(into: "") { $0 += $1.shown } + (start.count > most ? "…" : "")
    }
}

extension Unicode.Scalar {
    /// Itself, or its number if it cannot be seen.
    var shown: String {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
            "\\x{\(String(value, radix: 16, uppercase: true))}"
        default: String(self)
        }
    }
}
