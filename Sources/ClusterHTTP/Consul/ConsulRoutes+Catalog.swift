import ClusterClient
import ClusterKit

/// Which services there are, and where.
extension ConsulServer {
    static func catalogRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.consulServices, .readServices) { request in
                try await read(request, Watch(.services), configuration) { writer, view in
                    writer.object { writer in
                        for name in view.names {
                            let found = view.instances(of: name)
                            guard !found.isEmpty else { continue }
                            writer.name(escaping: name)
                            writer.array(Set(found.flatMap(\.tags)).sorted()) { $0.string($1) }
                        }
                    }
                }
            },
            APIRoute(.consulService, .readServices) { request in
                try await read(request, Watch(.service(request.argument)), configuration) { writer, view in
                    let found = view.instances(of: request.argument).filter { request.wantsService(tagged: $0.tags) }
                    writer.array(found) { $0.consulCatalogService($1, on: view.node(of: $1)) }
                }
            },
            APIRoute(.consulNodes, .readNodes) { request in
                let watch = Watch(.nodes) { $0.catalog.hostsRevision }
                return try await read(request, watch, configuration) { writer, view in
                    writer.array(view.nodes) { $0.consulNode($1) }
                }
            },
            APIRoute(.consulNode, .readNodes) { request in
                try await read(request, Watch(.services, .nodes), configuration) { writer, view in
                    guard let node = view.nodes.first(where: { $0.name == request.argument }) else {
                        return writer.null()
                    }
                    writer.object { writer in
                        writer.name("Node")
                        writer.consulNode(node)
                        writer.name("Services")
                        writer.byIdentifier(view.instances.filter { $0.node == node.id }) { $0.consulService($1) }
                    }
                }
            },
            APIRoute(.consulDatacenters, .readServices) { request in
                let view = ConsulView(request.server.snapshot, for: request, configuration)
                return .json { $0.array(view.datacenters) { $0.string($1) } }
            },
        ]
    }

    /// Reads what `watch` looks at, at once or as soon as it is newer than what the request knows.
    static func read(
        _ request: APIRequest, _ watch: Watch, _ configuration: APIConfiguration,
        _ write: (inout AnswerWriter, ConsulView) throws -> Void
    ) async throws -> APIAnswer {
        try request.refuseFilter()
        let snapshot = try await watch.snapshot(for: request)
        let view = ConsulView(snapshot, for: request, configuration)
        return try .read(at: watch.revision(in: snapshot)) { try write(&$0, view) }
    }
}

extension AnswerWriter {
    /// Instances by identifier.
    mutating func byIdentifier(
        _ instances: [ServiceInstance], _ write: (inout AnswerWriter, ServiceInstance) -> Void
    ) {
        object { writer in
            for instance in instances.sorted(by: { $0.id < $1.id }) {
                writer.name(escaping: instance.id.description)
                write(&writer, instance)
            }
        }
    }
}
