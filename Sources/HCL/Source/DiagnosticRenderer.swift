extension Diagnostic: CustomStringConvertible {
    /// The diagnostic as a compiler prints it:
    ///
    /// ```
    /// web.nomad:3,11: error: unknown variable "vr"
    ///   3 |   count = vr.count
    ///     |           ^^
    ///     = Did you mean "var"?
    /// ```
    public var description: String {
        guard let range else {
            return ([heading] + remarks.map { "  = " + $0 }).joined(separator: "\n")
        }
        let number = String(range.line)
        let margin = String(repeating: " ", count: number.utf8.count)
        var lines = ["\(range): \(heading)"]
        let excerpt = SourceExcerpt(of: range)
        lines.append("  \(number) | \(excerpt.line)")
        lines.append("  \(margin) | \(excerpt.underline)")
        lines += remarks.map { "  \(margin) = \($0)" }
        return lines.joined(separator: "\n")
    }

    private var heading: String { "\(severity.rawValue): \(Self.shortened(summary))" }

    /// A name in a text from outside may be a megabyte long.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 400 ? text : text.prefix(300) + "…"
    }

    private var remarks: [String] {
        var remarks: [String] = []
        if let detail { remarks.append(Self.shortened(detail)) }
        if let suggestion { remarks.append("Did you mean \(Self.shortened(suggestion))?") }
        return remarks
    }
}

/// The line that a range starts on and the underline below it, cut to a readable width.
private struct SourceExcerpt {
    private static let width = 160
    var line: String
    var underline: String

    init(of range: SourceRange) {
        let source = range.source
        let whole = source.offsets(ofLine: range.line)
        let start = min(max(range.offsets.lowerBound, whole.lowerBound), whole.upperBound)
        // A range over several lines is underlined to the end of its first one.
        let end = max(start, min(range.offsets.upperBound, whole.upperBound))

        // A file may be one line of a megabyte: only the surroundings of the mistake are shown.
        var shown = whole
        if whole.count > Self.width {
            let lower = max(whole.lowerBound, start - Self.width / 2)
            shown = lower..<min(whole.upperBound, lower + Self.width)
        }
        let before = shown.lowerBound > whole.lowerBound ? "…" : ""
        let after = shown.upperBound < whole.upperBound ? "…" : ""
        line = before + source.text(in: shown) + after

        // Tabs are repeated in the underline, so that it stands below its text at any tab width.
        let lead = source.text(in: shown.lowerBound..<start).map { $0 == "\t" ? $0 : " " }
        let count = source.characters(in: start..<min(end, shown.upperBound))
        underline = (before.isEmpty ? "" : " ") + String(lead) + String(repeating: "^", count: max(1, count))
    }
}
