import ClusterClient
import ClusterKit

/// What came of a job.
extension APIServer {
    static var jobParts: [APIRoute] {
        [
            APIRoute(.jobAllocations, .readJobs) { request in
                let id = request.jobID
                return try await listAllocations(request, Watch(.allocationsOfJob(id))) { $0.allocations(of: id) }
            },
            APIRoute(.jobEvaluations, .readJobs) { request in
                let id = request.jobID
                return try await listEvaluations(request, Watch(.evaluationsOfJob(id))) { $0.evaluations(of: id) }
            },
        ]
    }

    /// A list of allocations in the order of their identifiers.
    static func listAllocations(
        _ request: APIRequest, _ watch: Watch, _ find: (Snapshot) -> [Allocation]
    ) async throws -> APIAnswer {
        try request.refuseFilter()
        let snapshot = try await watch.snapshot(for: request)
        let prefix = request.query["prefix"]?.lowercased() ?? ""
        var found = find(snapshot)
        if !prefix.isEmpty { found = found.filter { $0.id.description.hasPrefix(prefix) } }
        let page = try Page(of: found, for: request.query) { $0.id.description }
        var parts: AllocationParts = []
        if try request.query.flag("resources") { parts.insert(.resources) }
        if try request.query.flag("task_states", default: true) { parts.insert(.tasks) }
        return .read(
            at: watch.revision(in: snapshot), nextToken: page.nextToken, capacity: page.elements.count * 1500
        ) { writer in
            writer.array(page.elements) { $0.allocationStub($1, in: snapshot, parts) }
        }
    }

    /// A list of evaluations in the order of their identifiers.
    static func listEvaluations(
        _ request: APIRequest, _ watch: Watch, _ find: (Snapshot) -> [Evaluation]
    ) async throws -> APIAnswer {
        try request.refuseFilter()
        let snapshot = try await watch.snapshot(for: request)
        let prefix = request.query["prefix"]?.lowercased() ?? ""
        let (job, status) = (request.query["job"], request.query["status"])
        let found = find(snapshot).filter {
            (prefix.isEmpty || $0.id.description.hasPrefix(prefix)) && (job == nil || job == $0.job.id)
                && (status == nil || status == $0.status.rawValue)
        }
        let page = try Page(of: found, for: request.query) { $0.id.description }
        return .read(
            at: watch.revision(in: snapshot), nextToken: page.nextToken, capacity: page.elements.count * 800
        ) { writer in
            writer.array(page.elements) { $0.evaluation($1.shown(in: snapshot)) }
        }
    }
}
