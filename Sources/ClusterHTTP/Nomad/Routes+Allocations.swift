import ClusterClient
import ClusterKit

/// Allocations and the evaluations that place them.
extension APIServer {
    static var allocationRoutes: [APIRoute] {
        [
            APIRoute(.allocations, .filtered) { request in
                try await listAllocations(request, Watch(.allocations)) { snapshot in
                    snapshot.allocations.sorted.filter(visible(to: request))
                }
            },
            APIRoute(.allocation, .readJobs) { request in
                let id = try request.allocationID()
                let watch = Watch(.allocation(id))
                let snapshot = try await watch.snapshot(for: request)
                let index = watch.revision(in: snapshot)
                guard let allocation = snapshot.allocations[id] else { return .missing("alloc not found", at: index) }
                return .read(at: index, capacity: 8192) {
                    $0.allocation(allocation, in: snapshot, withJob: true)
                }
            },
            APIRoute(.stopAllocation, .writeJobs) { request in
                try refuseHaste(request.query)
                let receipt = try await request.server.stopAllocation(
                    try request.allocationID(), as: request.caller)
                return writeAnswer(receipt)
            },
            APIRoute(.signalAllocation, .writeJobs) { request in
                let body = try JSONBody(request.body)
                guard let signal = try body.text("Signal"), !signal.isEmpty else {
                    throw ClusterError(.invalid, "Signal is missing; name one, \"SIGHUP\" for example")
                }
                try await request.server.signal(
                    try request.allocationID(), signal, task: try name("Task", in: body), as: request.caller)
                return doneAnswer(request)
            },
            APIRoute(.restartAllocation, .writeJobs) { request in
                let body = try JSONBody(request.body, isOptional: true)
                if try body.flag("AllTasks") {
                    throw ClusterError(
                        .invalid,
                        "AllTasks is not supported; tasks that run are restarted, all of them without TaskName")
                }
                try await request.server.restart(
                    try request.allocationID(), task: try name("TaskName", in: body), as: request.caller)
                return doneAnswer(request)
            },
        ]
    }

    private static func name(_ field: String, in body: JSONBody) throws -> String? {
        try body.text(field).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Says that an agent has done something, for which nothing was written.
    private static func doneAnswer(_ request: APIRequest) -> APIAnswer {
        let index = request.server.snapshot.revision
        return .json(index: index) { writer in writer.object { $0.field("Index", index) } }
    }

    static var evaluationRoutes: [APIRoute] {
        [
            APIRoute(.evaluations, .filtered) { request in
                try await listEvaluations(request, Watch(.evaluations)) { snapshot in
                    let shows = visibility(to: request)
                    return snapshot.evaluations.sorted.filter { shows($0.job.namespace) }
                }
            },
            APIRoute(.evaluation, .readJobs) { request in
                let id = try request.evaluationID()
                let watch = Watch(.evaluation(id))
                let snapshot = try await watch.snapshot(for: request)
                let index = watch.revision(in: snapshot)
                guard let found = snapshot.evaluations[id] else { return .missing("eval not found", at: index) }
                return .read(at: index) { $0.evaluation(found.shown(in: snapshot)) }
            },
            APIRoute(.evaluationAllocations, .readJobs) { request in
                let id = try request.evaluationID()
                // An evaluation that was forgotten has left its allocations behind.
                guard let job = request.server.snapshot.evaluations[id]?.job else {
                    return try await listAllocations(request, Watch(.allocations)) { snapshot in
                        snapshot.allocations.sorted.filter(visible(to: request)).filter { $0.evaluation == id }
                    }
                }
                return try await listAllocations(request, Watch(.allocationsOfJob(job))) { snapshot in
                    snapshot.allocations(of: job).filter { $0.evaluation == id }
                }
            },
        ]
    }

    static func visible(to request: APIRequest) -> (Allocation) -> Bool {
        let shows = visibility(to: request)
        return { shows($0.job.namespace) }
    }

    /// Whether a namespace is asked for and may be seen; each is decided once.
    private static func visibility(to request: APIRequest) -> (String) -> Bool {
        var known: [String: Bool] = [:]
        return { namespace in
            if let answer = known[namespace] { return answer }
            let answer = request.shows(namespace)
            known[namespace] = answer
            return answer
        }
    }
}
