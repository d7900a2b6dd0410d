/// Text in columns, two blanks apart, as Nomad prints it.
struct Table {
    /// What stands above the columns.
    var header: [String]
    /// The lines below.
    var rows: [[String]] = []

    /// The whole table, without blanks at the ends of lines.
    var text: String { Self.align([header] + rows) }

    /// Names and values: `ID    = web`.
    static func pairs(_ pairs: [(name: String, value: String)]) -> String {
        let width = pairs.map(\.name.count).max() ?? 0
        return pairs.map { "\(padded($0.name, to: width)) = \(filled($0.value))" }.joined(separator: "\n")
    }

    private static func align(_ lines: [[String]]) -> String {
        let columns = lines.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            lines.map { column < $0.count ? filled($0[column]).count : 0 }.max() ?? 0
        }
        return lines.map { line in
            line.enumerated().map { column, cell in
                column == line.count - 1 ? filled(cell) : padded(filled(cell), to: widths[column])
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Nothing at all would look like a column that was forgotten.
    private static func filled(_ cell: String) -> String { cell.isEmpty ? "<none>" : cell }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// A heading and what stands below it, with an empty line between two of them.
struct Section {
    var title: String
    var body: String

    /// The parts of an answer below each other; a part without a title stands for itself.
    static func text(_ sections: [Section]) -> String {
        sections.map { $0.title.isEmpty ? $0.body : $0.title + "\n" + $0.body }.joined(separator: "\n\n")
    }
}
