import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster what-if`
struct WhatIf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if", abstract: "Shows what would happen to the cluster; changes nothing.",
        discussion: """
            Plays a copy of the cluster's present state forward with the code that runs it. Changes come in this \
            order: machines join, die and are drained, jobs stop, job files are registered; then submissions come in. \
            What -tidy shows, moves of instances of service jobs, is for the state at the end.

            A file for -replay is CSV with the header after,lasting,file: seconds after the beginning, seconds that \
            each instance runs (empty: until it is stopped), and a job file.

              cluster what-if -add vm-07=3 -remove vm-01 -hours 24 -replay day.csv build.nomad.hcl
            """)

    @Argument(help: "Job files to register.")
    var files: [String] = []

    @OptionGroup var connection: Connection

    @Option(help: "Machines that join: NODE=COUNT makes COUNT like NODE; may be repeated.")
    var add: [String] = []

    @Option(help: "A machine that dies; may be repeated.")
    var remove: [String] = []

    @Option(help: "A machine that is drained: at once, or with -hours by the rules of its jobs; may be repeated.")
    var drain: [String] = []

    @Option(help: "A job that stops; may be repeated.")
    var stop: [String] = []

    @Option(help: "A CSV file of submissions.")
    var replay: String?

    @Option(help: "How many hours pass (with -replay until its last submission, else none).")
    var hours: Int?

    @Option(help: "Show which machines would come free if so many instances moved.")
    var tidy: Int?

    @Option(help: "Decides everything that chance decides.")
    var seed = 1

    @Option(name: .customLong("var"), help: "A variable of the job files: name=value; may be repeated.")
    var variables: [String] = []

    @Flag(help: "Show every placement.")
    var verbose = false

    func run() async throws {
        var question = WhatIfQuestion()
        question.additions = try add.map(Self.addition)
        (question.removals, question.drains, question.stops) = (remove, drain, stop)
        question.namespace = connection.effectiveNamespace
        let submissions = try replay.map { try ReplayFile.read($0, variables: variables) } ?? []
        question.hours = hours ?? ReplayFile.hours(of: submissions.map(\.after))
        let late = submissions.count { $0.after > question.hours * 3600 }
        if late > 0 {
            Terminal.complain("\(late) of \(submissions.count) submissions come after \(question.hours) h: not played.")
        }
        question.tidyMoves = try moves()
        question.seed = seed
        let jobs = try files.map { JobDocument(try JobInput.read($0, variables: variables).job).json }
        try await connection.talk { client in
            let answer = try await client.whatIf(question, jobs: jobs, submissions: submissions)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(WhatIfText(answer: answer.value, isVerbose: verbose).text)
        }
    }

    private func moves() throws -> Int {
        guard let tidy else { return 0 }
        guard tidy > 0 else {
            throw ClusterError(.invalid, "-tidy \(tidy): write how many instances may move, at least 1.")
        }
        return tidy
    }

    private static func addition(_ text: String) throws -> WhatIfQuestion.Addition {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let count = parts.count == 2 ? Int(parts[1]) : 1, count > 0, !parts[0].isEmpty else {
            throw ClusterError(.invalid, "-add \(text): write NODE=COUNT, with a count of at least 1.")
        }
        return WhatIfQuestion.Addition(like: String(parts[0]), count: count)
    }
}

/// The submissions of a CSV file.
enum ReplayFile {
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

    /// How many hours have to pass for all submissions, which come so many seconds after the beginning, to come in: at
    /// least one, and none where there are no submissions.
    static func hours(of seconds: [Int]) -> Int { seconds.max().map { max(1, ($0 + 3599) / 3600) } ?? 0 }

    struct Row: Equatable {
        var after: Int
        var lasting: Int?
        var file: String
    }

    static func rows(of text: String, _ path: String) throws -> [Row] {
        let table = try CommaTable(text, of: path, header: ["after", "lasting", "file"], lastHasCommas: true)
        return try table.rows.map { row in
            let (lasting, file) = (row.values[1], row.values[2])
            guard !file.isEmpty else { throw row.mistake("the job file is missing") }
            return Row(
                after: try row.number(0, upTo: longest),
                // Without one, work runs until it is stopped.
                lasting: lasting.isEmpty ? nil : try row.number(1, upTo: longest), file: file)
        }
    }

    /// As long as can be played, in seconds.
    private static let longest = 366 * 86_400
}
