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
            What -tidy shows, moves of instances of service jobs, is for the state at the end. What is in motion \
            already goes on: what is placed starts, what was told to stop ends.

            What nobody can know is taken as follows, and said in the answer. Batch work ends after its \
            max_run_duration or the time that a replay states; where there is neither, it never ends. A job in a time \
            zone that the server has no rules of does not begin. Machines that are down stay down, no other fails, \
            and whatever starts runs well.

            A file for -replay is CSV with the header after,lasting,file: seconds after the beginning, seconds that \
            each instance runs (0 counts as 1, empty: until it is stopped), and a job file.

            -namespace and NOMAD_NAMESPACE win over the namespaces in job files, those of a replay included; jobs \
            that stop are in the same.

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

    @Option(
        help: "How many hours pass (with -replay until all came in and ran as long as stated, else none).",
        transform: NumberInput.whole)
    var hours: Int?

    @Option(help: "Show which machines would come free if so many instances moved.", transform: NumberInput.whole)
    var tidy: Int?

    @Option(help: "How long to wait for the answer; a server plays one question after the other.")
    var timeout: String = "10m"

    @Option(help: "Decides everything that chance decides.", transform: NumberInput.whole)
    var seed = 1

    @OptionGroup var variables: VariableFlags

    @Flag(help: "Show every placement.")
    var verbose = false

    func run() async throws {
        var question = WhatIfQuestion()
        question.additions = try add.map(Self.addition)
        (question.removals, question.drains, question.stops) = (remove, drain, stop)
        question.namespace = connection.effectiveNamespace
        question.tidyMoves = try moves()
        question.seed = seed
        let jobs = try files.map { try connection.job(in: $0, variables).document.json }
        let submissions = try replay.map { try ReplayFile.read($0, variables, connection) } ?? []
        question.hours = hours ?? ReplayFile.hours(of: submissions)
        let patience = try span()
        try await connection.talk { client in
            let answer = try await Self.ask {
                try await client.whatIf(question, jobs: jobs, submissions: submissions, timeout: patience)
            }
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(WhatIfText(answer: answer.value, isVerbose: verbose).text)
        }
    }

    private func span() throws -> Duration {
        let span = try QueueInput.span(timeout, "-timeout")
        guard span > .zero else { throw ClusterError(.invalid, "-timeout must be longer than 0s.") }
        return span
    }

    /// Says of an answer that does not come in time what to do about it.
    private static func ask(_ question: () async throws -> Answer<WhatIfWire>) async throws -> Answer<WhatIfWire> {
        do {
            return try await question()
        } catch let error as ClusterError where error.message.hasPrefix("the simulation takes longer") {
            throw ClusterError(error.code, "\(error.message)\nWait longer with -timeout, or let fewer hours pass.")
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
