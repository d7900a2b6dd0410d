import ClusterClient
import ClusterKit

/// Machines.
extension APIServer {
    static var nodeRoutes: [APIRoute] {
        [
            APIRoute(.nodes, .readNodes, answer: listNodes),
            APIRoute(.node, .readNodes) { request in
                let id = try request.nodeID()
                let watch = Watch(.node(id))
                let snapshot = try await watch.snapshot(for: request)
                let index = watch.revision(in: snapshot)
                guard let node = snapshot.nodes[id] else { return .missing("node not found", at: index) }
                return .read(at: index, capacity: 4096) { $0.node(node) }
            },
            APIRoute(.nodeAllocations, .readNodes) { request in
                try request.refuseFilter()
                let id = try request.nodeID()
                let watch = Watch(.allocationsOnNode(id))
                let snapshot = try await watch.snapshot(for: request)
                // What runs on a node is of many namespaces: all that the caller may see.
                let found = snapshot.allocations(on: id).filter { allocation in
                    let action = Action.readJobs(namespace: allocation.job.namespace)
                    return (try? request.server.authorize(request.caller, to: action)) != nil
                }
                return .read(at: watch.revision(in: snapshot), capacity: found.count * 4096) { writer in
                    writer.array(found) { $0.allocation($1, in: snapshot, withJob: true) }
                }
            },
            APIRoute(.nodeEligibility, .writeNodes, answer: setEligibility),
            APIRoute(.nodeDrain, .writeNodes, answer: drain),
            APIRoute(.purgeNode, .writeNodes) { request in
                nodeAnswer(try await request.server.purge(try request.nodeID(), as: request.caller))
            },
            APIRoute(.evaluateNode, .writeNodes) { request in
                nodeAnswer(try await request.server.evaluate(try request.nodeID(), as: request.caller))
            },
        ]
    }

    private static func listNodes(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let watch = Watch(.nodes)
        let snapshot = try await watch.snapshot(for: request)
        let prefix = request.query["prefix"]?.lowercased() ?? ""
        let withResources = try request.query.flag("resources")
        let found = snapshot.nodes.sorted.filter { prefix.isEmpty || $0.id.description.hasPrefix(prefix) }
        let page = try Page(of: found, for: request.query) { $0.id.description }
        return .read(
            at: watch.revision(in: snapshot), nextToken: page.nextToken, capacity: page.elements.count * 800
        ) { writer in
            writer.array(page.elements) { $0.nodeStub($1, withResources: withResources) }
        }
    }

    private static func setEligibility(_ request: APIRequest) async throws -> APIAnswer {
        let stated = try JSONBody(request.body).text("Eligibility") ?? ""
        guard let eligibility = NodeEligibility(rawValue: stated) else {
            throw ClusterError(.invalid, "Eligibility must be \"eligible\" or \"ineligible\", not \"\(stated)\"")
        }
        let receipt = try await request.server.setEligibility(
            try request.nodeID(), eligibility, as: request.caller)
        return nodeAnswer(receipt)
    }

    private static func drain(_ request: APIRequest) async throws -> APIAnswer {
        let node = try request.nodeID()
        let body = try JSONBody(request.body, isOptional: true)
        if request.query["enable"] != nil, !body.states("DrainSpec") {
            // The form of clients before Nomad 0.8, which knew no patience.
            let receipt =
                try request.query.flag("enable")
                ? try await request.server.drain(node, limit: .atOnce, as: request.caller)
                : try await request.server.endDrain(node, as: request.caller)
            return nodeAnswer(receipt)
        }
        guard body.states("DrainSpec") else {
            throw ClusterError(
                .invalid, "DrainSpec must say how to drain, as in {\"Deadline\": 3600000000000}, or be null to end it")
        }
        guard let spec = try body.object("DrainSpec") else {
            let eligible = try body.flag("MarkEligible")
            return nodeAnswer(
                try await request.server.endDrain(node, makingEligible: eligible, as: request.caller))
        }
        let deadline = spec.member("Deadline") ?? .integer(0)
        if case .number(let number) = deadline, number.magnitude >= 0x1p63 {
            throw ClusterError(
                .invalid, "Deadline is too large: nanoseconds go up to \(Int64.max), some 292 years (0: none)")
        }
        guard case .integer(let nanoseconds) = deadline else {
            throw ClusterError(
                .invalid,
                "Deadline must be a number of nanoseconds, 3600000000000 for an hour (0: none, -1: at once), "
                    + "it is \(deadline.typeName)")
        }
        let limit: DrainLimit =
            nanoseconds < 0 ? .atOnce : nanoseconds == 0 ? .unlimited : .after(.nanoseconds(nanoseconds))
        let receipt = try await request.server.drain(
            node, limit: limit, ignoringSystemJobs: try spec.flag("IgnoreSystemJobs"),
            reason: try body.object("Meta")?.text("message") ?? "", as: request.caller)
        return nodeAnswer(receipt)
    }

    private static func nodeAnswer(_ receipt: Receipt) -> APIAnswer {
        .json(index: receipt.revision) { writer in
            writer.object {
                $0.name("EvalIDs")
                $0.arrayOrNull(receipt.evaluation.map { [$0] } ?? []) { $0.string($1.description) }
                $0.field("EvalCreateIndex", receipt.evaluation == nil ? .zero : receipt.revision)
                $0.field("NodeModifyIndex", receipt.revision)
                $0.field("Index", receipt.revision)
            }
        }
    }
}
