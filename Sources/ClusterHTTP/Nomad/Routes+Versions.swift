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
                return writeAnswer(try await request.server.untag(job, name: name, by: request.caller))
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

    /// The version against which all others are shown; `nil` where each is shown against the one before.
    private static func base(among all: [JobRecord], for request: APIRequest) throws(ClusterError) -> JobRecord? {
        let tag = request.query["diff_tag"].flatMap { $0.isEmpty ? nil : $0 }
        let version = try request.query.number("diff_version")
        guard tag == nil || version == nil else {
            throw ClusterError(.invalid, "state diff_tag or diff_version, not both")
        }
        let job = request.jobID.id
        if let tag {
            if let found = all.first(where: { $0.tag?.name == tag }) { return found }
            throw ClusterError(.notFound, "job \(job) has no version tagged \"\(tag)\"")
        }
        guard let version else { return nil }
        if let found = all.first(where: { $0.version == version }) { return found }
        let kept = all.map { "\($0.version)" }.joined(separator: ", ")
        throw ClusterError(.notFound, "job \(job) has no version \(version); versions that are kept: \(kept)")
    }

    private static func listVersions(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let id = request.jobID
        let watch = Watch(.versionsOfJob(id))
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        guard snapshot.jobs[id] != nil else { return .missing("job not found", at: index) }
        let all = snapshot.versionsByJob.members(of: id).reversed().compactMap { snapshot.jobVersions[$0] }
        var versions = all
        if let name = request.query["tag"], !name.isEmpty { versions = all.filter { $0.tag?.name == name } }
        let base = try base(among: all, for: request)
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
                $0.field("Index", index)
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
