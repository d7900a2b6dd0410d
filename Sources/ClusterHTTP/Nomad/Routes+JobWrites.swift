import ClusterClient
import ClusterKit
import HCL

/// Changing jobs.
extension APIServer {
    /// Room for a job with ten thousand tasks.
    private static let longestJob = 10 << 20

    /// Room for a payload in base64 and many words.
    private static let longestDispatch = 1 << 20

    static var jobWrites: [APIRoute] {
        [
            APIRoute(.registerJob, .statedByBody, bodyLimit: longestJob) { request in
                try await register(request, named: nil)
            },
            APIRoute(.updateJob, .statedByBody, bodyLimit: longestJob) { request in
                try await register(request, named: request.argument)
            },
            APIRoute(.planJob, .readJobs, bodyLimit: longestJob, answer: plan),
            APIRoute(.parseJob, .readJobs, answer: parse),
            APIRoute(.validateJob, .readJobs, bodyLimit: longestJob, answer: validate),
            APIRoute(.stopJob, .writeJobs) { request in
                let purge = try request.query.flag("purge")
                try refuseHaste(request.query)
                try refusePriority(try request.query.number("eval_priority"), named: "eval_priority")
                return writeAnswer(
                    try await request.server.stop(request.jobID, purge: purge, as: request.caller))
            },
            APIRoute(.scaleJob, .writeJobs, answer: scale),
            APIRoute(.forceJob, .writeJobs) { request in
                writeAnswer(try await request.server.force(request.jobID, as: request.caller))
            },
            APIRoute(.dispatchJob, .writeJobs, bodyLimit: longestDispatch, answer: dispatch),
            APIRoute(.evaluateJob, .writeJobs) { request in
                let options = try JSONBody(request.body, isOptional: true).object("EvalOptions")
                return writeAnswer(
                    try await request.server.evaluate(
                        request.jobID, replacingFailed: try options?.flag("ForceReschedule") ?? false,
                        as: request.caller))
            },
        ]
    }

    private static func register(_ request: APIRequest, named name: String?) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        let document = try document(in: body, for: request)
        if let name, name != document.statement.id.id {
            throw ClusterError(.invalid, "Job ID does not match name")
        }
        try refusePriority(try body.number("EvalPriority", in: 0...Int.max), named: "EvalPriority")
        var source: JobSource?
        if let submission = try body.object("Submission"), let text = try submission.text("Source") {
            source = JobSource(text: text, format: try submission.text("Format") ?? "hcl2")
        }
        let receipt = try await request.server.register(
            document, source: source, ifUnchangedSince: try enforcedIndex(in: body),
            note: try note(in: body, of: request), keepingCounts: try body.flag("PreserveCounts"), as: request.caller)
        return writeAnswer(receipt)
    }

    /// The revision that a job's statement must still have; `nil` where the client leaves that open.
    static func enforcedIndex(in body: JSONBody) throws(ClusterError) -> Revision? {
        guard try body.flag("EnforceIndex") else { return nil }
        return Revision(UInt64(try body.number("JobModifyIndex", in: 0...Int.max) ?? 0))
    }

    /// Refuses another priority than the job's own, rather than to pass it over.
    private static func refusePriority(_ stated: Int?, named name: String) throws(ClusterError) {
        guard let stated, stated != 0 else { return }
        throw ClusterError(
            .invalid, "\(name) is not supported: a job is looked at by its own priority; change that, or leave it out")
    }

    /// Refuses to end tasks sooner than their job says, rather than to pass the wish over.
    static func refuseHaste(_ query: Query) throws(ClusterError) {
        guard try query.flag("no_shutdown_delay") else { return }
        throw ClusterError(
            .invalid,
            "no_shutdown_delay is not supported: tasks end as their shutdown_delay says; leave it out, or register the "
                + "job without that first")
    }

    private static func plan(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        let document = try document(in: body, for: request)
        guard request.argument == document.statement.id.id else {
            throw ClusterError(.invalid, "Job ID does not match name")
        }
        // Nomad plans against whatever is there; one who states an index wants to be told when it is another.
        let expected = try enforcedIndex(in: body)
        let withDiff = try body.flag("Diff")
        let plan = try await request.server.plan(document, ifUnchangedSince: expected, as: request.caller)
        let periodic = try document.job().periodic
        let launch = periodic?.isEnabled == true ? try periodic?.next(after: request.server.now) : nil
        return .json(index: plan.revision) { $0.jobPlan(plan, withDiff: withDiff, launch: launch) }
    }

    /// The job in a body; a namespace in the query wins over the one that it states.
    private static func document(in body: JSONBody, for request: APIRequest) throws -> JobDocument {
        guard let job = try body.object("Job") else { throw ClusterError(.invalid, "Job must be specified") }
        var document = try JobDocument(job.value)
        if let namespace = request.query["namespace"], !namespace.isEmpty {
            guard namespace != "*" else {
                throw ClusterError(.invalid, "namespace=* means all; a job is in one: name it, or leave namespace out")
            }
            document.statement.id.namespace = namespace
        }
        return document
    }

    private static func parse(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        guard let text = try body.text("JobHCL"), !text.isEmpty else {
            throw ClusterError(.invalid, "Job spec is empty: JobHCL must hold the text of a job file")
        }
        let variables = try variables(try body.text("Variables") ?? "")
        let document = JobDocument(try JobFile(text: text, variables: variables).job())
        return .json { $0.raw(document.json) }
    }

    /// Values for a file's variables come as a file of `name = value` lines.
    private static func variables(_ text: String) throws(ClusterError) -> [String: String] {
        guard !text.isEmpty else { return [:] }
        let file = ConfigurationFile.parse(text, file: "variables")
        let session = EvaluationSession(diagnostics: file.diagnostics)
        let content = BodyReader(file.body, in: EvaluationContext(), session).contentAsObject()
        let errors = session.diagnostics.filter { $0.severity == .error }
        guard errors.isEmpty, let content else {
            throw ClusterError(.invalid, errors.map(\.description).joined(separator: "\n\n"))
        }
        return content.keys.reduce(into: [:]) { values, name in
            if case .string(let text) = content[name] {
                values[name] = text
            } else {
                values[name] = content[name]?.json
            }
        }
    }

    private static func validate(_ request: APIRequest) async throws -> APIAnswer {
        let document = try document(in: try JSONBody(request.body), for: request)
        var mistakes: [String] = []
        do {
            _ = try document.job()
        } catch let error as ClusterError where error.code == .invalid {
            mistakes = error.message.split(separator: "\n").map(String.init)
        }
        return .json { writer in
            writer.object {
                $0.field("DriverConfigValidated", true)
                $0.name("ValidationErrors")
                $0.arrayOrNull(mistakes) { $0.string($1) }
                $0.field("Error", mistakes.joined(separator: "\n"))
                $0.field("Warnings", "")
            }
        }
    }

    private static func dispatch(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body, isOptional: true)
        guard let payload = JobOrigin.bytes(of: try body.text("Payload") ?? "") else {
            throw ClusterError(.invalid, "Payload must be base64")
        }
        // Clients state it in three ways.
        let stated = try body.text("IdempotencyToken") ?? body.text("idempotency_token")
        let token = request.query["idempotency_token"] ?? stated
        let priority = try body.number("Priority", in: 0...100).flatMap { $0 == 0 ? nil : $0 }
        let order = DispatchOrder(
            payload: payload, meta: try body.texts("Meta") ?? [:], idempotencyToken: token ?? "",
            namePrefix: try body.text("IdPrefixTemplate") ?? "", priority: priority)
        let receipt = try await request.server.dispatch(request.jobID, order, as: request.caller)
        let made = receipt.job.flatMap { request.server.snapshot.jobs[$0]?.createRevision }
        return .json(index: receipt.revision) { writer in
            writer.object {
                $0.field("DispatchedJobID", receipt.job?.id ?? "")
                $0.field("EvalID", receipt.evaluation)
                $0.field("EvalCreateIndex", receipt.evaluation == nil ? .zero : receipt.revision)
                $0.field("JobCreateIndex", made ?? receipt.revision)
                $0.field("Index", receipt.revision)
            }
        }
    }

    /// What a write led to.
    static func writeAnswer(_ receipt: Receipt) -> APIAnswer {
        .json(index: receipt.revision) { writer in
            writer.object {
                $0.field("EvalID", receipt.evaluation)
                $0.field("EvalCreateIndex", receipt.evaluation == nil ? .zero : receipt.revision)
                $0.field("JobModifyIndex", receipt.jobModifyRevision)
                $0.field("Warnings", receipt.warnings.joined(separator: "\n"))
                $0.field("Index", receipt.revision)
                $0.literal(#""LastContact":0,"KnownLeader":false"#)
            }
        }
    }
}

extension AnswerWriter {
    /// A job as it was registered, with what it is doing.
    mutating func job(_ record: JobRecord, in snapshot: Snapshot) {
        raw(JobDocument(record, status: JobStatus(of: record.job.id, in: snapshot).rawValue).json)
    }
}
