import ClusterClient
import ClusterKit

/// Roll-outs: looking at them, and saying how they go on.
extension APIServer {
    static var deploymentReads: [APIRoute] {
        [
            APIRoute(.deployments, .filtered) { request in
                try await listDeployments(request, Watch(.deployments)) { snapshot in
                    snapshot.deployments.sorted.filter { request.shows($0.job.namespace) }
                }
            },
            APIRoute(.deployment, .readJobs) { request in
                let id = try request.deploymentID()
                let watch = Watch(.deployment(id))
                let snapshot = try await watch.snapshot(for: request)
                let index = watch.revision(in: snapshot)
                guard let found = snapshot.deployments[id] else {
                    return .missing("deployment not found", at: index)
                }
                return .read(at: index) { $0.deployment(found, in: snapshot) }
            },
            APIRoute(.deploymentAllocations, .readJobs) { request in
                let id = try request.deploymentID()
                // One that is not there yet may come, and one that was forgotten has left its allocations behind.
                guard let job = request.server.snapshot.deployments[id]?.job else {
                    return try await listAllocations(request, Watch(.allocations)) { snapshot in
                        snapshot.allocations.sorted.filter(visible(to: request)).filter { $0.deployment == id }
                    }
                }
                return try await listAllocations(request, Watch(.allocationsOfJob(job))) { snapshot in
                    snapshot.allocations(of: job).filter { $0.deployment == id }
                }
            },
            APIRoute(.jobDeployments, .readJobs) { request in
                let id = request.jobID
                return try await listDeployments(request, Watch(.deploymentsOfJob(id))) { $0.deployments(of: id) }
            },
            APIRoute(.jobDeployment, .readJobs) { request in
                let watch = Watch(.deploymentsOfJob(request.jobID))
                let snapshot = try await watch.snapshot(for: request)
                let newest = snapshot.deployments(of: request.jobID).last
                return .read(at: watch.revision(in: snapshot)) { writer in
                    if let newest { writer.deployment(newest, in: snapshot) } else { writer.null() }
                }
            },
        ]
    }

    static var deploymentWrites: [APIRoute] {
        [
            APIRoute(.promoteDeployment, .writeJobs) { request in
                let body = try JSONBody(request.body, isOptional: true)
                return try await order(.promote(groups: try promoted(body)), request)
            },
            APIRoute(.pauseDeployment, .writeJobs) { request in
                let body = try JSONBody(request.body, isOptional: true)
                return try await order(try body.flag("Pause") ? .pause : .resume, request)
            },
            APIRoute(.failDeployment, .writeJobs) { request in try await order(.fail, request) },
            APIRoute(.deploymentHealth, .writeJobs) { request in
                let body = try JSONBody(request.body)
                let healthy = try allocations("HealthyAllocationIDs", in: body)
                let unhealthy = try allocations("UnhealthyAllocationIDs", in: body)
                guard !healthy.isEmpty || !unhealthy.isEmpty else {
                    throw ClusterError(
                        .invalid, "HealthyAllocationIDs or UnhealthyAllocationIDs must name at least one allocation")
                }
                return try await order(.judge(healthy: healthy, unhealthy: unhealthy), request)
            },
        ]
    }

    /// A list of roll-outs, in the order of their identifiers unless the newest come first.
    private static func listDeployments(
        _ request: APIRequest, _ watch: Watch, _ find: (Snapshot) -> [Deployment]
    ) async throws -> APIAnswer {
        try request.refuseFilter()
        let snapshot = try await watch.snapshot(for: request)
        let prefix = request.query["prefix"]?.lowercased() ?? ""
        let found = find(snapshot).filter { prefix.isEmpty || $0.id.description.hasPrefix(prefix) }
        let page = try Page(of: found, for: request.query) { $0.id.description }
        return .read(
            at: watch.revision(in: snapshot), nextToken: page.nextToken, capacity: page.elements.count * 700
        ) { writer in
            writer.array(page.elements) { $0.deployment($1, in: snapshot) }
        }
    }

    /// The groups whose canaries are taken; `nil` means all, which nobody shall say by mistake.
    private static func promoted(_ body: JSONBody) throws(ClusterError) -> [String]? {
        let names = try body.textList("Groups")
        let isAll = try body.flag("All")
        if isAll || names == nil && body.member("All") == nil { return nil }
        guard let names, !names.isEmpty else {
            throw ClusterError(.invalid, "Groups must name at least one group, or All must be true")
        }
        return names
    }

    private static func allocations(_ name: String, in body: JSONBody) throws -> [AllocationID] {
        try (body.textList(name) ?? []).map { text in
            guard let id = AllocationID(text) else {
                throw ClusterError(.invalid, "\(name) must hold whole identifiers of allocations")
            }
            return id
        }
    }

    private static func order(_ order: DeploymentOrder, _ request: APIRequest) async throws -> APIAnswer {
        let id = try request.deploymentID()
        let before = request.server.snapshot.deployments[id]?.job
        let receipt = try await request.server.order(order, of: id, as: request.caller)
        let snapshot = request.server.snapshot
        let deployment = snapshot.deployments[id]
        let newest = before.flatMap { snapshot.jobs[$0] }
        let reverted = deployment?.status == .failed && newest?.modifyRevision == receipt.revision
        return .json(index: receipt.revision) { writer in
            writer.object {
                $0.field("EvalID", receipt.evaluation)
                $0.field("EvalCreateIndex", receipt.evaluation == nil ? .zero : receipt.revision)
                $0.field("DeploymentModifyIndex", deployment?.modifyRevision ?? receipt.revision)
                $0.name("RevertedJobVersion")
                if reverted, let newest { $0.number(newest.version) } else { $0.null() }
                $0.field("Index", receipt.revision)
                $0.literal(#""LastContact":0,"KnownLeader":false"#)
            }
        }
    }
}
