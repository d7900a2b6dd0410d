import ClusterKit
import HCL

/// A job as it lies in a file or comes through a pipe: read here, so that mistakes are shown where they were made.
struct JobInput {
    /// The job; its rules hold.
    var job: Job
    /// The job as servers take it. One that they gave says so still, for it need not keep every rule of a new one.
    var document: JobDocument
    /// The text that states it.
    var source: JobSource
    /// What deserves a second look.
    var warnings: [Diagnostic] = []

    /// Reads the file at `path`; `-` is the standard input.
    static func read(_ path: String, variables: VariableFlags) throws -> JobInput {
        let name = path == "-" ? "<stdin>" : path
        return try read(text: text(of: path), name: name, variables: variables.values())
    }

    /// The text of a file; `-` is the standard input.
    static func text(of path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

    /// Reads a text. Shows every mistake on the standard error and ends with 1 when there are any.
    static func read(text: String, name: String, variables: [String: String] = [:]) throws -> JobInput {
        if isJSON(text, name: name) {
            guard variables.isEmpty else {
                throw ClusterError(.invalid, "\(name) is JSON and has no variables: leave out -var and -var-file.")
            }
            do {
                let document = try JobDocument(json: text)
                let job = try document.job()
                if let error = ClusterError.invalid(zoneMistakes(of: job)) { throw error }
                return JobInput(job: job, document: document, source: JobSource(text: text, format: "json"))
            } catch let error as ClusterError {
                throw ClusterError(error.code, "\(name): \(error.message)")
            }
        }
        guard !text.utf8.contains(0) else {
            throw ClusterError(.invalid, "\(name) is no job file: it holds bytes that no text has.")
        }
        let reading = JobFile(text: text, file: name, variables: variables).read { zoneMistakes(of: $0) }
        guard let job = reading.job else { throw JobMistakes(diagnostics: reading.diagnostics) }
        return JobInput(
            job: job, document: JobDocument(job), source: JobSource(text: text, format: "hcl2"),
            warnings: reading.diagnostics.filter { $0.severity == .warning })
    }

    /// What is wrong with the time zone of `job`, by the zone files of this machine. Nothing where not even `familiar`
    /// is found: such a machine has no zone files and cannot tell, while the servers may have them.
    static func zoneMistakes(of job: Job, familiar: String = "Europe/Zurich") -> [JobMistake] {
        let mistakes = job.zoneMistakes
        guard !mistakes.isEmpty else { return [] }
        var probe = job
        probe.periodic?.timeZone = familiar
        return probe.zoneMistakes.isEmpty ? mistakes : []
    }

    /// Whether it is JSON: by its name, or where that says nothing, as of a pipe, by how it begins.
    private static func isJSON(_ text: String, name: String) -> Bool {
        if name.hasSuffix(".json") { return true }
        let isNamed = [".hcl", ".nomad"].contains { name.hasSuffix($0) }
        return !isNamed && text.first { !$0.isWhitespace } == "{"
    }

    /// The bytes of a file, which may be a pipe; `-` is the standard input.
    static func bytes(of path: String) throws -> [UInt8] {
        path == "-" ? try Terminal.standardInput() : try Terminal.contents(of: path)
    }
}

/// What is wrong with a job file.
struct JobMistakes: Error, CustomStringConvertible {
    var diagnostics: [Diagnostic]

    var description: String {
        let count = diagnostics.count { $0.severity == .error }
        let end = count == 1 ? "1 mistake; the job was not used." : "\(count) mistakes; the job was not used."
        return (diagnostics.map(\.description) + [end]).joined(separator: "\n\n")
    }
}
