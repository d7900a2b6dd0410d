/// A list that somebody wrote or exported: comma-separated values under a header, without quotes. Lines end as they do
/// anywhere, empty ones are passed over, and spaces around a value do not count.
package struct CommaTable: Sendable {
    /// One line below the header.
    package struct Row: Sendable {
        /// Its number in the file, from 1.
        package let line: Int
        /// One value for each column.
        package let values: [String]
        fileprivate let path: String
        fileprivate let header: [String]

        /// The whole number in a column, from 0 to `most`.
        package func number(_ column: Int, upTo most: Int) throws(ClusterError) -> Int {
            guard let number = Int(values[column]), (0...most).contains(number) else {
                throw mistake("\(header[column]) must be a whole number from 0 to \(most), it is \"\(values[column])\"")
            }
            return number
        }

        /// Says what is wrong with the line.
        package func mistake(_ what: String) -> ClusterError {
            ClusterError(.invalid, "\(path), line \(line): \(what).")
        }
    }

    /// At least one.
    package let rows: [Row]

    /// Reads `text`, which stands in the file at `path`. The last column may have commas where `lastHasCommas` says so.
    ///
    /// - Throws: `.invalid`, with the line, where the header or the number of columns is another, or nothing follows.
    package init(_ text: String, of path: String, header: [String], lastHasCommas: Bool = false) throws(ClusterError) {
        // Some programs write a mark in front that says how the text is encoded.
        let text = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
        let limit = lastHasCommas ? header.count - 1 : Int.max
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            line.split(separator: ",", maxSplits: limit, omittingEmptySubsequences: false).map { value in
                let isInk = { (character: Character) in !character.isWhitespace }
                guard let first = value.firstIndex(where: isInk), let last = value.lastIndex(where: isInk) else {
                    return ""
                }
                return String(value[first...last])
            }
        }
        guard lines.first == header else {
            throw ClusterError(.invalid, "\(path), line 1: the header must be \(header.joined(separator: ",")).")
        }
        var rows: [Row] = []
        for (number, values) in lines.enumerated().dropFirst() where values != [""] {
            let row = Row(line: number + 1, values: values, path: path, header: header)
            guard values.count == header.count else {
                throw row.mistake("\(header.count) columns are wanted, there are \(values.count)")
            }
            rows.append(row)
        }
        guard !rows.isEmpty else {
            throw ClusterError(.invalid, "\(path): there is nothing below the header.")
        }
        self.rows = rows
    }
}
