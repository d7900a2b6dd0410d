import ClusterClient
import ClusterKit

/// The versions of a job: what changed, by whom, and the way back.
extension APIServer {
    static var versionRoutes: [APIRoute] {
        [
            APIRoute(.jobVersions, .readJobs, answer: listVersions),
            APIRoute(.revertJob, .writeJobs) { request in
                let body = try JSONBody(request.body)
                guard let version = try body.number("JobVersion", in: 0...Int.max) else {
                    throw ClusterError(.invalid, "JobVersion must say which version to go back to")
                }
                let newest = try body.number("EnforcePriorVersion", in: 0...Int.max)
                let receipt = try await request.server.revert(
                    request.jobID, to: version, ifVersion: newest, note: try note(in: body, of: request),
                    as: request.caller)
                return writeAnswer(receipt)
            },
            APIRoute(.setJobStability, .writeJobs) { request in
                let body = try JSONBody(request.body)
                guard let version = try body.number("JobVersion", in: 0...Int.max) else {
                    throw ClusterError(.invalid, "JobVersion must say which version is meant")
                }
                let receipt = try await request.server.setStability(
                    request.jobID, version: version, isStable: try body.flag("Stable"), as: request.caller)
                return writeAnswer(receipt)
            },
            APIRoute(.tagJobVersion, .writeJobs) { request in
                let (job, name) = try tagged(request)
                let body = try JSONBody(request.body, isOptional: true)
                guard let newest = request.server.snapshot.jobs[job]?.version else {
                    throw ClusterError(.notFound, "job not found")
                }
                let receipt = try await request.server.tag(
                    job, version: try body.number("Version", in: 0...Int.max) ?? newest, as: name,
                    description: try body.text("Description") ?? "", by: request.caller)
                return writeAnswer(receipt)
            },
            APIRoute(.untagJobVersion, .writeJobs) { request in
                let (job, name) = try tagged(request)
                let snapshot = request.server.snapshot
                let versions = snapshot.versionsByJob.members(of: job).compactMap { snapshot.jobVersions[$0] }
                guard let version = versions.first(where: { $0.tag?.name == name })?.version else {
                    throw ClusterError(.notFound, "job \(job.id) has no version tagged \"\(name)\"")
                }
                return writeAnswer(
                    try await request.server.tag(job, version: version, as: nil, by: request.caller))
            },
        ]
    }

    /// The job and the name in `JOB/versions/NAME`.
    private static func tagged(_ request: APIRequest) throws(ClusterError) -> (JobID, String) {
        let words = request.argument.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count >= 3, words[words.count - 2] == "versions", let name = words.last, !name.isEmpty else {
            throw ClusterError(.notFound, "write /v1/job/JOB/versions/NAME/tag, with a NAME that has no /")
        }
        return (JobID(words.dropLast(2).joined(separator: "/"), namespace: request.namespace), String(name))
    }

    /// Who changes something and why: in the body, `"Note": {"Author": …, "Reason": …}`. Nomad has no such words.
    static func note(in body: JSONBody, of request: APIRequest) throws(ClusterError) -> ChangeNote? {
        let stated = try body.object("Note")
        let author = try stated?.text("Author") ?? ""
        let reason = try stated?.text("Reason") ?? ""
        return author.isEmpty && reason.isEmpty ? nil : ChangeNote(author: author, reason: reason)
    }

    private static func listVersions(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let id = request.jobID
        let watch = Watch(.job(id))
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        guard let newest = snapshot.jobs[id] else { return .missing("job not found", at: index) }
        let all = snapshot.versionsByJob.members(of: id).reversed().compactMap { snapshot.jobVersions[$0] }
        var versions = all
        if let tag = request.query["diff_tag"], !tag.isEmpty, !all.contains(where: { $0.tag?.name == tag }) {
            throw ClusterError(.notFound, "job \(id.id) has no version tagged \"\(tag)\"")
        }
        if let name = request.query["tag"], !name.isEmpty { versions = all.filter { $0.tag?.name == name } }
        let base = request.query["diff_tag"].flatMap { tag in all.first { $0.tag?.name == tag } }
        var diffs: [JobDiff] = []
        if try request.query.flag("diffs") {
            diffs = versions.compactMap { version in
                let older = base ?? all.first { $0.version < version.version }
                return older.map { JobDiff(from: $0.job, to: version.job) }
            }
        }
        return .read(at: index) { writer in
            writer.object {
                $0.name("Versions")
                $0.array(versions) { $0.job($1, in: snapshot) }
                $0.name("Diffs")
                $0.arrayOrNull(diffs) { $0.jobDiff($1) }
                $0.name("Notes")
                $0.arrayOrNull(versions.filter { $0.note != nil || $0.tag != nil }) { $0.versionNote($1) }
                $0.literal(#""KnownLeader":true,"LastContact":0"#)
                $0.field("Index", newest.modifyRevision)
            }
        }
    }
}

extension AnswerWriter {
    /// Who made a version and why, and its name.
    fileprivate mutating func versionNote(_ record: JobRecord) {
        object {
            $0.field("Version", record.version)
            $0.field("Author", record.note?.author ?? "")
            $0.field("Reason", record.note?.reason ?? "")
            $0.field("Tag", record.tag?.name ?? "")
            $0.field("TagDescription", record.tag?.description ?? "")
        }
    }
}
