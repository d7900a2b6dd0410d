public import HCL

/// A job file as Nomad's users write them: one `job` block, with `variable` and `locals` blocks beside it.
///
/// ```swift
/// let file = JobFile(text: text, file: "web.nomad.hcl", variables: ["image": "web:2"])
/// let job = try file.job()
/// ```
public struct JobFile: JobSpec, Hashable {
    /// What is written.
    public var text: String
    /// The name shown in messages; nothing is opened.
    public var file: String
    /// Values for the file's `variable` blocks, by name, as they are given on a command line.
    public var variables: [String: String]

    /// States a job by a text.
    public init(text: String, file: String = "job.nomad.hcl", variables: [String: String] = [:]) {
        self.text = text
        self.file = file
        self.variables = variables
    }

    /// What became of a file: the job, and all that there is to say about it.
    public struct Reading: Sendable {
        /// The canonical job; `nil` when there are errors.
        public var job: Job?
        /// Errors and warnings in the order of the text.
        public var diagnostics: [Diagnostic]
    }

    /// The canonical job; throws `ClusterError.Code.invalid` with every mistake, its line and what to do.
    public func job() throws -> Job {
        let reading = read()
        if let job = reading.job { return job }
        let errors = reading.diagnostics.filter { $0.severity == .error }
        throw ClusterError(.invalid, errors.map(\.description).joined(separator: "\n\n"))
    }

    /// Reads the file, with mistakes as values: for editors and for those who show them in a way of their own.
    public func read() -> Reading { read { _ in [] } }

    /// Reads the file; `rules` finds what the job's own rules cannot know, and is asked once they hold.
    package func read(beside rules: (Job) -> [JobMistake]) -> Reading {
        let parsed = ConfigurationFile.parse(text, file: file)
        let session = EvaluationSession(diagnostics: parsed.diagnostics)
        let context = EvaluationContext(runtimeReferences: Self.runtimeReferences)
        let module = ModuleVariables(parsed.body, given: variables, in: context, session)
        let notes = FileNotes()
        let found = Self.readJobs(in: parsed.body, module.context, session, notes)

        var diagnostics = session.diagnostics
        // Notes of where things stand are those of one job.
        let job = found.count == 1 ? found[0].canonical() : nil
        if let job {
            let mistakes = JobValidation.validateWritten(job)
            diagnostics += notes.diagnostics(for: mistakes + (mistakes.isEmpty ? rules(job) : []), known: diagnostics)
        }
        return Reading(job: diagnostics.hasErrors ? nil : job, diagnostics: diagnostics.inSourceOrder())
    }

    private static func readJobs(
        in body: Body, _ context: EvaluationContext, _ session: EvaluationSession, _ notes: FileNotes
    ) -> [Job] {
        let reader = BodyReader(body, in: context, session)
        for type in ModuleVariables.blockTypes { reader.allow(type) }
        let jobs = reader.blocks("job", labels: ["id"]) { block in
            // A mistake in the name is told beside any in the block.
            notes.note(JobPath().attribute("id"), attribute: block.headerRange, hasValue: true)
            return JobReading.job(from: BlockFields(block, JobPath(), notes))
        }
        reader.finish()
        let second = body.blocks.filter { $0.type == "job" }.dropFirst().first
        if let second, jobs.count > 1 {
            session.fail(
                "a job file holds one \"job\" block; this is another", detail: "Put each job into a file of its own.",
                at: second.headerRange)
        } else if jobs.count != 1, !session.diagnostics.hasErrors {
            reader.fail("a job file holds one \"job\" block, not \(jobs.count)", detail: "Write job \"name\" { … }.")
        }
        return jobs
    }

    /// What only the node knows, or only the registry: it stays in the job as it is written.
    private static let runtimeReferences = RuntimeReferences(
        names: ["attr", "device", "env", "meta", "node", "unique", "JOB", "TASKGROUP", "TASK", "BASE"],
        prefixes: ["NOMAD_"])
}
