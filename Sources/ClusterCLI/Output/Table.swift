/// Text in columns, two blanks apart, as Nomad prints it.
struct Table {
    /// What stands above the columns.
    var header: [String]
    /// The lines below.
    var rows: [[String]] = []

    /// Less room is too little for the last column.
    private static let leastRoom = 40

    /// The whole table, without blanks at the ends of lines.
    var text: String { Self.aligned([header] + rows).joined(separator: "\n") }

    /// The same in lines of up to `width` letters, as far as the other columns leave room: long cells of the last one
    /// are continued below themselves or, where that has little room, stand below their lines.
    func text(within width: Int) -> String {
        let lines = [header] + rows
        let plain = Self.aligned(lines)
        guard plain.contains(where: { $0.count > width }) else { return plain.joined(separator: "\n") }
        let (heads, tails) = (lines.map { Array($0.dropLast()) }, lines.map { Self.filled($0.last ?? "") })
        let indent = Self.widths(of: heads).reduce(0) { $0 + $1 + 2 }
        if width - indent >= Self.leastRoom {
            let folded = zip(heads, tails).map { $0 + [Self.folded($1, behind: indent, within: width)] }
            return Self.aligned(folded).joined(separator: "\n")
        }
        return zip(Self.aligned(heads), tails).map { "\($0)\n    " + Self.folded($1, behind: 4, within: width) }
            .joined(separator: "\n")
    }

    /// Names and values: `ID    = web`. With `limit`, values are continued below themselves where a line would be
    /// longer.
    static func pairs(_ pairs: [(name: String, value: String)], within limit: Int = .max) -> String {
        let width = pairs.map(\.name.count).max() ?? 0
        return pairs.map { name, value in
            "\(padded(name, to: width)) = \(folded(filled(value), behind: width + 3, within: limit))"
        }.joined(separator: "\n")
    }

    private static func aligned(_ lines: [[String]]) -> [String] {
        let widths = Self.widths(of: lines)
        return lines.map { line in
            line.enumerated().map { column, cell in
                column == line.count - 1 ? filled(cell) : padded(filled(cell), to: widths[column])
            }.joined(separator: "  ")
        }
    }

    private static func widths(of lines: [[String]]) -> [Int] {
        let columns = lines.map(\.count).max() ?? 0
        return (0..<columns).map { column in
            lines.map { column < $0.count ? filled($0[column]).count : 0 }.max() ?? 0
        }
    }

    /// The words of `text` on as many lines as they take, all but the first behind `indent` blanks.
    private static func folded(_ text: String, behind indent: Int, within limit: Int) -> String {
        let room = limit - indent
        guard text.count > room else { return text }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= room {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
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
