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
        return .json(index: receipt.revision) { writer in
            writer.object {
                $0.literal(#""EvalIDs":null,"EvalCreateIndex":0"#)
                $0.field("NodeModifyIndex", receipt.revision)
                $0.field("Index", receipt.revision)
            }
        }
    }
}
