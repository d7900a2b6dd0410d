import ClusterClient
import ClusterKit

/// The submissions of a CSV file.
enum ReplayFile {
    struct Row: Equatable {
        var after: Int
        var lasting: Int?
        var file: String
    }

    private static let header = "after,lasting,file"
    /// The longest time that servers play.
    private static let mostSeconds = 366 * 86_400

    /// Reads a file whose lines are `after,lasting,file`. A path is relative to where the command runs.
    static func read(_ path: String, variables: [String]) throws -> [PlannedSubmission] {
        var documents: [String: [UInt8]] = [:]
        return try rows(of: JobInput.text(of: path), path).map { row in
            let document =
                try documents[row.file] ?? JobDocument(JobInput.read(row.file, variables: variables).job).json
            documents[row.file] = document
            return PlannedSubmission(after: row.after, lasting: row.lasting, document: document)
        }
    }

    /// The rows of a text, which may have the line ends and the mark at the beginning that spreadsheets write. Lines
    /// with nothing on them are passed over.
    ///
    /// - Throws: `.invalid` with the number of the first line that is none.
    static func rows(of text: String, _ path: String) throws -> [Row] {
        // A carriage return and a line feed are one character.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let first = lines.first, withoutMark(first) == header else {
            throw ClusterError(.invalid, "\(path), line 1: the header must be \(header).")
        }
        return try lines.enumerated().dropFirst().filter { !$0.element.allSatisfy(\.isWhitespace) }.map { index, line in
            try row(line, at: "\(path), line \(index + 1)")
        }
    }

    private static func withoutMark(_ line: Substring) -> Substring {
        line.unicodeScalars.first == "\u{FEFF}" ? Substring(line.unicodeScalars.dropFirst()) : line
    }

    private static func row(_ line: Substring, at place: String) throws -> Row {
        let cells = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        guard cells.count == 3, let after = Int(cells[0]), (0...mostSeconds).contains(after), !cells[2].isEmpty else {
            throw ClusterError(
                .invalid,
                "\(place): write seconds,seconds,file, with at most \(mostSeconds) seconds; it is \"\(line)\".")
        }
        let lasting = Int(cells[1])
        guard cells[1].isEmpty || lasting.map((0...mostSeconds).contains) == true else {
            throw ClusterError(
                .invalid,
                "\(place): \"\(cells[1])\" is no number of seconds from 0 to \(mostSeconds); leave it empty for work "
                    + "that runs until it is stopped.")
        }
        return Row(after: after, lasting: lasting, file: String(cells[2]))
    }

    /// How many hours it takes until all came in and ran; what waits for room takes longer.
    static func hours(of submissions: [PlannedSubmission]) -> Int {
        guard let end = submissions.map({ $0.after + ($0.lasting ?? 0) }).max() else { return 0 }
        return max(1, min(mostSeconds, end + 3599) / 3600)
    }
}
