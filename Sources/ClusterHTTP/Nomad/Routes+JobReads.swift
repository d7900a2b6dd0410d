import ClusterClient
import ClusterKit

/// Looking at jobs.
extension APIServer {
    static var jobReads: [APIRoute] {
        [
            APIRoute(.jobs, .filtered, answer: listJobs),
            APIRoute(.job, .readJobs) { request in
                try await answerJob(request) { $0.job($1, in: $2) }
            },
            APIRoute(.jobSummary, .readJobs) { request in
                try await answerJob(request) { $0.jobSummary(JobSummary(of: $1, in: $2)) }
            },
            APIRoute(.jobScaleStatus, .readJobs) { request in
                try await answerJob(request) { $0.scaleStatus($1, in: $2) }
            },
        ]
    }

    private static func listJobs(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        // What a job is doing stands in the list, so whatever changes that wakes those who wait.
        let watch = Watch(.jobs, .allocations, .evaluations)
        let snapshot = try await watch.snapshot(for: request)
        let prefix = request.query["prefix"] ?? ""
        let withMeta = try request.query.flag("meta")
        let records = snapshot.jobs.sorted.filter {
            request.shows($0.job.id.namespace) && $0.job.id.id.hasPrefix(prefix)
        }
        let page = try Page(of: records, for: request.query) { "\($0.job.id.namespace).\($0.job.id.id)" }
        return .read(
            at: watch.revision(in: snapshot), nextToken: page.nextToken, capacity: page.elements.count * 700
        ) { writer in
            writer.array(page.elements) { $0.jobListItem($1, in: snapshot, withMeta: withMeta) }
        }
    }

    /// Reads one job; what it is doing is part of it.
    private static func answerJob(
        _ request: APIRequest, _ write: (inout AnswerWriter, JobRecord, Snapshot) -> Void
    ) async throws -> APIAnswer {
        let id = request.jobID
        let watch = Watch(.job(id), .allocationsOfJob(id), .evaluationsOfJob(id), .childrenOfJob(id), .scaling(id))
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        guard let record = snapshot.jobs[id] else { return .missing("job not found", at: index) }
        return .read(at: index) { write(&$0, record, snapshot) }
    }
}
