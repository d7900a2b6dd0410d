import HCL

/// A job in Nomad's JSON, both ways: as clients submit it, and as they are answered.
///
/// ```swift
/// let job = try JobDocument(json: body).job()
/// let answer = JobDocument(record, status: "running").json
/// ```
public struct JobDocument: JobSpec, Hashable {
    /// The canonical job; its rules are not yet checked.
    public var statement: Job
    /// What stands in the document beside the statement.
    public var standing: Standing
    /// Mistakes in fields that could be read, but not taken; `job()` throws them with those of the rules.
    private var mistakes: [String] = []

    /// What a job's record knows beside its statement.
    public struct Standing: Hashable, Sendable {
        /// Counts the changed registrations.
        public var version = 0
        /// `pending`, `running` or `dead`; empty before the job is stored.
        public var status = ""
        /// Why it has that status.
        public var statusDescription = ""
        /// Whether nothing of it shall run.
        public var stopped = false
        /// Whether this version is known to work.
        public var stable = false
        /// The name under which this version is kept; `nil` for none.
        public var tag: VersionTag?
        /// When this version was registered; `nil` before.
        public var submitTime: WallTime?
        /// The revision that first held the job.
        public var createRevision = Revision.zero
        /// The revision that last changed anything of its record.
        public var modifyRevision = Revision.zero
        /// The revision that last changed the statement.
        public var jobModifyRevision = Revision.zero

        /// A job that is not stored.
        public init() {}

        /// Whether servers gave the document: what they have may have been scaled since somebody wrote it.
        var isStored: Bool { jobModifyRevision != .zero }
    }

    /// States a job that is not stored, as an answer to `jobs/parse` does.
    public init(_ job: Job) {
        statement = job.canonical()
        standing = Standing()
    }

    /// States a stored job; what its work amounts to, only the caller knows.
    public init(_ record: JobRecord, status: String, statusDescription: String = "") {
        statement = record.job.canonical()
        standing = Standing()
        standing.version = record.version
        standing.status = status
        standing.statusDescription = statusDescription
        standing.stopped = record.stopped
        standing.stable = record.isStable
        standing.tag = record.tag
        standing.submitTime = record.submitTime
        standing.createRevision = record.createRevision
        standing.modifyRevision = record.modifyRevision
        standing.jobModifyRevision = record.jobModifyRevision
    }

    /// Reads a document: a job, or an object that holds one under `Job`, as requests and `nomad job inspect` do.
    ///
    /// Throws `ClusterError.Code.invalid` when the bytes are no JSON, are nested deeper than 64 levels, or a field has
    /// a type that it cannot have; the message names each such field by its path.
    public init(json bytes: [UInt8]) throws(ClusterError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch {
            throw ClusterError(.invalid, "the job is no JSON: \(error)")
        }
        try self.init(value)
    }

    /// Reads a document from a text.
    public init(json text: String) throws(ClusterError) { try self.init(json: Array(text.utf8)) }

    /// Reads a document from a tree, which may be part of a larger one.
    package init(_ value: JSONValue) throws(ClusterError) {
        guard case .object(let outer) = value else {
            throw ClusterError(.invalid, "a job must be an object, is \(value.typeName)")
        }
        var object = outer
        switch outer["Job"] {
        case .object(let inner): object = inner
        case nil: break
        case let other?: throw ClusterError(.invalid, "Job: must be an object, is \(other.typeName)")
        }
        let mistakes = DocumentMistakes()
        let fields = DocumentFields(object: object, path: "Job", mistakes: mistakes)
        statement = JobReading.job(from: fields).canonical()
        standing = Standing(fields)
        if mistakes.isDamaged { throw ClusterError(.invalid, mistakes.mistakes.joined(separator: "\n")) }
        self.mistakes = mistakes.mistakes
    }

    /// The canonical job; throws `ClusterError.Code.invalid` with every rule that it breaks and everything it asks for
    /// that is not supported. A document that servers gave, as its standing shows, need only be one that they can keep.
    public func job() throws -> Job {
        let found = standing.isStored ? JobValidation.validate(statement) : JobValidation.validateWritten(statement)
        let broken = found.map(\.description)
        guard mistakes.isEmpty, broken.isEmpty else {
            throw ClusterError(.invalid, (mistakes + broken).joined(separator: "\n"))
        }
        return statement
    }

    /// The document's bytes: every key of Nomad's answers, sorted.
    public var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

extension JobDocument.Standing {
    fileprivate init(_ fields: DocumentFields) {
        func revision(_ name: String) -> Revision {
            fields.integer("", name).flatMap { UInt64(exactly: $0) }.map(Revision.init) ?? .zero
        }
        version = fields.integer("", "Version") ?? 0
        status = fields.text("", "Status") ?? ""
        statusDescription = fields.text("", "StatusDescription") ?? ""
        stopped = fields.flag("", "Stop") ?? false
        stable = fields.flag("", "Stable") ?? false
        tag = fields.block("", "VersionTag") { stated in
            VersionTag(
                name: stated.text("", "Name") ?? "", description: stated.text("", "Description") ?? "",
                time: WallTime(nanoseconds: Int64(stated.integer("", "TaggedTime") ?? 0)))
        }
        submitTime = fields.integer("", "SubmitTime").map { WallTime(nanoseconds: Int64($0)) }
        createRevision = revision("CreateIndex")
        modifyRevision = revision("ModifyIndex")
        jobModifyRevision = revision("JobModifyIndex")
    }
}

// Lets a document stand in a larger `Codable` value, such as a request that carries a job. Where speed matters, use
// `json` and `init(json:)`.
extension JobDocument: Codable {
    public init(from decoder: any Decoder) throws { try self.init(try JSONValue(from: decoder)) }

    public func encode(to encoder: any Encoder) throws {
        let tree: JSONValue
        do throws(JSONError) {
            tree = try JSONParser.parse(json)
        } catch {
            throw ClusterError(.internal, "a job could not be written as JSON: \(error)")
        }
        try tree.encode(to: encoder)
    }
}
