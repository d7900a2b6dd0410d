/// Shows progress: lines that stay, and below them, where a person looks on, lines that are rewritten.
struct Screen {
    private let isInteractive: Bool
    private let write: (String) -> Void
    private var height = 0

    /// Shows on the standard output unless told otherwise.
    init(
        isInteractive: Bool = Terminal.isInteractive,
        write: @escaping (String) -> Void = { Terminal.write(Array($0.utf8)) }
    ) {
        self.isInteractive = isInteractive
        self.write = write
    }

    /// Shows what a look at the cluster brought. The standing lines are few enough to fit below each other.
    mutating func show(_ report: Monitor.Report) {
        guard isInteractive else {
            for news in report.news {
                switch news {
                case .note(let line), .change(let line): write(line + "\n")
                }
            }
            return
        }
        var text = height > 0 ? "\u{1B}[\(height)A\u{1B}[J" : ""
        for case .note(let line) in report.news { text += line + "\n" }
        let standing = Self.fitting(report.standing)
        for line in standing { text += line + "\n" }
        height = standing.count
        if !text.isEmpty { write(text) }
    }

    /// What can be rewritten is what has not scrolled away: the first lines, cut so that none needs two.
    private static func fitting(_ lines: [String]) -> [String] {
        let shown = lines.prefix(16).map { String($0.prefix(100)) }
        return lines.count > shown.count ? shown + ["    and \(lines.count - shown.count) more"] : shown
    }
}
