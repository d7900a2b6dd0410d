import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job run`
struct JobRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Registers a job, new or changed, and watches it start.",
        discussion: """
            What waits for other work by "after" is watched until its turn has come. Ends with 0 when all was placed \
            and its deployment succeeded, 2 when the job was registered but no node takes all of it, 3 when its \
            deployment goes on only once someone promotes or resumes it, 1 on any other error: a failed deployment, \
            and work of which no task could be started. How the work of a batch job ends is its result and not this \
            command's: see cluster job status.
            """)

    @Argument(help: "The job file, HCL or JSON; - reads the standard input.", completion: .file())
    var file: String

    @OptionGroup var connection: Connection

    @Flag(help: "Do not watch it start; print the evaluation's identifier.")
    var detach = false

    @Option(
        name: .customLong("check-index"),
        help: "Only if the job's modify index is this one; 0 for a job that must be new.", transform: NumberInput.index)
    var checkIndex: UInt64?

    @OptionGroup var variables: VariableFlags

    @Option(help: "Why the job is changed; kept with the version.")
    var reason = ""

    @Flag(help: "Print the job as JSON and register nothing.")
    var output = false

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        let input = try connection.job(in: file, variables)
        for warning in input.warnings { Terminal.complain("\(warning)\n") }
        let document = input.document.json
        if output {
            Terminal.write(JSONText.indented(JSONText.object([("Job", document)])))
            return
        }
        try await connection.talk { client in
            let namespace = input.job.id.namespace
            let leaving = detach ? [] : await Self.leaving(input.job, client, namespace)
            let answer = try await register(input, document, client, namespace)
            if let warnings = answer.warnings, !warnings.isEmpty { Terminal.complain("Warning: \(warnings)") }
            try await report(answer, of: input.job, leaving: leaving, client, namespace)
        }
    }

    /// The instances of the job that are to end already. What goes wrong here shows when the job is registered.
    private static func leaving(_ job: Job, _ client: ClusterClient, _ namespace: String) async -> Set<String> {
        let known = try? await client.allocations(of: job.id.id, ReadOptions(namespace: namespace)).value
        return Set((known ?? []).filter { $0.desiredStatus == "stop" }.map(\.id))
    }

    private func register(
        _ input: JobInput, _ document: [UInt8], _ client: ClusterClient, _ namespace: String
    ) async throws -> WriteAnswer {
        do {
            return try await client.register(
                document, namespace: namespace, ifUnchangedSince: checkIndex.map(Revision.init), source: input.source,
                note: ChangeNote(author: Author.name, reason: reason))
        } catch let error as ClusterError where error.message.hasPrefix("Enforcing job modify index") {
            guard !error.message.hasSuffix("job does not exist") else {
                throw ClusterError(
                    error.code,
                    error.message + "\nIt was purged, or there never was one: register it as a new one with "
                        + "-check-index 0")
            }
            throw ClusterError(
                error.code,
                error.message
                    + "\nSee what changed: cluster job history -p \(input.job.id.id); then look at what would "
                    + "become of yours: cluster job plan \(file)")
        }
    }

    /// When work begins of which there is nothing to start now.
    static func start(of job: Job, now: WallTime = WallTime(nanoseconds: TimeText.now)) -> String {
        let done = "Job registration successful; "
        if job.parameterized != nil { return done + "begin its work with: cluster job dispatch \(job.id.id)" }
        guard let periodic = job.periodic else { return done + "there is nothing to start" }
        guard periodic.isEnabled else { return done + "its times are off: cluster job periodic force \(job.id.id)" }
        let next = try? periodic.next(after: now)
        return done + (next.map { "it begins next at \(TimeText.point($0.nanoseconds))" } ?? "it begins at its times")
    }

    private func report(
        _ answer: WriteAnswer, of job: Job, leaving: Set<String>, _ client: ClusterClient, _ namespace: String
    ) async throws {
        guard let id = answer.evaluation, !id.isEmpty else {
            return Terminal.say(connection.json ? "{\"EvalID\": null}" : Self.start(of: job))
        }
        if detach {
            Terminal.say(
                connection.json
                    ? "{\"EvalID\": \"\(id)\"}" : "Job registration successful\nEvaluation ID: \(id)")
            return
        }
        let screen = connection.json ? Screen(isInteractive: false, write: { _ in }) : Screen()
        let progress = ServerProgress(client: client, namespace: namespace)
        var watch = Watch(source: progress, monitor: Monitor(isVerbose: verbose), screen: screen)
        var outcome = try await watch.run(id)
        // An instance that failed may have been replaced by one that is well: the deployment knows.
        if outcome != .notPlaced {
            let options = ReadOptions(namespace: namespace)
            let evaluation = try await client.evaluation(id, options).value
            var rollout = RolloutProgress(
                client: client, isVerbose: verbose, isSilent: connection.json, monitor: watch.monitor)
            let ending = try await rollout.follow(since: evaluation, namespace: namespace)
            if ending == nil, !watch.hasPlaced {
                let all = try await client.allocations(of: evaluation.job, options).value
                let version = try await client.job(evaluation.job, options).value.version
                let newest = try await client.newestDeployment(of: evaluation.job, options).value
                let (line, end) = Monitor.nothingBegun(
                    all, of: evaluation.job, type: evaluation.type, since: evaluation.createIndex, leaving: leaving,
                    rollout: newest?.version == version ? newest : nil)
                if !connection.json { Terminal.say(line) }
                outcome = end
            }
            outcome = ending ?? outcome
        }
        if connection.json { try await printResult(id, client, namespace) }
        if outcome != .success { throw outcome }
    }

    private func printResult(_ id: String, _ client: ClusterClient, _ namespace: String) async throws {
        let options = ReadOptions(namespace: namespace)
        let evaluation = try await client.evaluation(id, options)
        let allocations = try await client.allocations(of: evaluation.value.job, options)
        Terminal.write(
            JSONText.indented(
                JSONText.object([("Evaluation", evaluation.body), ("Allocations", allocations.body)])))
    }
}
