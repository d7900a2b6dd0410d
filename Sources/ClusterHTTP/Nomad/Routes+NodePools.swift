import ClusterClient
import ClusterKit

/// Pools of nodes, as Nomad shows them since 1.6. They are not made here: one exists while a node is in it.
extension APIServer {
    static var nodePoolRoutes: [APIRoute] {
        [
            APIRoute(.nodePools, .readNodes) { request in
                try request.refuseFilter()
                let watch = Watch(.nodes)
                let snapshot = try await watch.snapshot(for: request)
                let prefix = request.query["prefix"] ?? ""
                let found = NodePool.all(in: snapshot).filter { $0.name.hasPrefix(prefix) }
                let page = try Page(of: found, for: request.query, key: \.name)
                return .read(at: watch.revision(in: snapshot), nextToken: page.nextToken) { writer in
                    writer.array(page.elements) { $0.nodePool($1) }
                }
            },
            APIRoute(.nodePool, .readNodes) { request in
                try await answer(request, Watch(.nodes)) { writer, pool, _ in writer.nodePool(pool) }
            },
            APIRoute(.nodePoolNodes, .readNodes) { request in
                try request.refuseFilter()
                let withResources = try request.query.flag("resources")
                return try await answer(request, Watch(.nodes)) { writer, pool, snapshot in
                    writer.array(snapshot.nodes.sorted.filter(pool.holds)) {
                        $0.nodeStub($1, withResources: withResources)
                    }
                }
            },
            APIRoute(.nodePoolJobs, .readNodes) { request in
                try request.refuseFilter()
                let watch = Watch(.nodes, .jobs, .allocations, .evaluations)
                return try await answer(request, watch) { writer, pool, snapshot in
                    let found = snapshot.jobs.sorted.filter {
                        request.shows($0.job.id.namespace) && pool.isNamed(by: $0.job)
                    }
                    writer.array(found) { $0.jobListItem($1, in: snapshot, withMeta: false) }
                }
            },
        ]
    }

    /// Answers what there is to say about the pool in the path.
    private static func answer(
        _ request: APIRequest, _ watch: Watch, _ write: (inout AnswerWriter, NodePool, Snapshot) -> Void
    ) async throws -> APIAnswer {
        let snapshot = try await watch.snapshot(for: request)
        let index = watch.revision(in: snapshot)
        guard let pool = NodePool.all(in: snapshot).first(where: { $0.name == request.argument }) else {
            return .missing("node pool not found", at: index)
        }
        return .read(at: index) { write(&$0, pool, snapshot) }
    }
}

/// A pool of nodes. The first two are always there.
private struct NodePool {
    private static let whole = "all"
    var name: String

    /// Those that exist, by name.
    static func all(in snapshot: Snapshot) -> [NodePool] {
        Set(snapshot.nodes.unordered.lazy.map(\.pool)).union([whole, "default"]).sorted().map(NodePool.init)
    }

    func holds(_ node: Node) -> Bool { name == Self.whole || node.pool == name }

    /// Whether a group of `job` may be placed there by name; all jobs count for the pool of all nodes, as in Nomad.
    func isNamed(by job: Job) -> Bool {
        name == Self.whole || job.groups.contains { $0.nodePools.contains(name) }
            || job.nodePool == name && (job.groups.isEmpty || job.groups.contains(where: \.nodePools.isEmpty))
    }

    var description: String {
        switch name {
        case Self.whole: "Node pool with all nodes in the cluster."
        case "default": "Default node pool."
        default: ""
        }
    }
}

extension AnswerWriter {
    fileprivate mutating func nodePool(_ pool: NodePool) {
        object {
            $0.field("Name", pool.name)
            $0.field("Description", pool.description)
            $0.literal(#""Meta":null,"SchedulerConfiguration":null,"CreateIndex":1,"ModifyIndex":1"#)
        }
    }
}
