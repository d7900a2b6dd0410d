import ClusterClient
import ClusterKit

/// The submissions of a CSV file.
enum ReplayFile {
    struct Row: Equatable {
        var after: Int
        var lasting: Int?
        var file: String
    }

    /// The longest time that servers play.
    private static let mostSeconds = 366 * 86_400

    /// Reads a file whose lines are `after,lasting,file`. A path is relative to where the command runs.
    static func read(
        _ path: String, _ variables: VariableFlags, _ connection: Connection
    ) throws -> [PlannedSubmission] {
        var documents: [String: [UInt8]] = [:]
        return try rows(of: JobInput.text(of: path), path).map { row in
            let document = try documents[row.file] ?? connection.job(in: row.file, variables).document.json
            documents[row.file] = document
            return PlannedSubmission(after: row.after, lasting: row.lasting, document: document)
        }
    }

    /// The rows of a text.
    ///
    /// - Throws: `.invalid` with the number of the first line that is none.
    static func rows(of text: String, _ path: String) throws -> [Row] {
        let table = try CommaTable(text, of: path, header: ["after", "lasting", "file"], lastHasCommas: true)
        return try table.rows.map { row in
            let (lasting, file) = (row.values[1], row.values[2])
            guard !file.isEmpty else { throw row.mistake("the job file is missing") }
            return Row(
                after: try row.number(0, upTo: mostSeconds),
                // Without one, work runs until it is stopped.
                lasting: lasting.isEmpty ? nil : try row.number(1, upTo: mostSeconds), file: file)
        }
    }

    /// How many hours it takes until all came in and ran; what waits for room takes longer.
    static func hours(of submissions: [PlannedSubmission]) -> Int {
        guard let end = submissions.map({ $0.after + ($0.lasting ?? 0) }).max() else { return 0 }
        return max(1, min(mostSeconds, end + 3599) / 3600)
    }
}
