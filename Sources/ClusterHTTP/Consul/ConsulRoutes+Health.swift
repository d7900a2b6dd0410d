import ClusterClient
import ClusterKit

/// How well services and machines are.
extension ConsulServer {
    static func healthRoutes(_ configuration: APIConfiguration) -> [APIRoute] {
        [
            APIRoute(.consulHealth, .readServices) { request in
                // Stated without a value it counts as true, as Consul has it.
                let passingOnly = try request.query.flag("passing")
                return try await read(request, healthWatch(request), configuration) { writer, view in
                    let found = view.instances(of: request.argument).filter { instance in
                        request.wantsService(tagged: instance.tags) && (!passingOnly || view.isPassing(instance))
                    }
                    writer.array(found) { $0.serviceHealth($1, in: view) }
                }
            },
            APIRoute(.consulServiceChecks, .readServices) { request in
                try await read(request, healthWatch(request), configuration) { writer, view in
                    let found = view.instances(of: request.argument).flatMap(ConsulCheck.all)
                    writer.array(found) { $0.consulCheck($1) }
                }
            },
            APIRoute(.consulNodeChecks, .readServices) { request in
                try await read(request, Watch(.services, .nodes), configuration) { writer, view in
                    let found = view.checks.filter { $0.node == request.argument }
                    writer.array(found) { $0.consulCheck($1) }
                }
            },
            APIRoute(.consulChecksByHealth, .readServices) { request in
                let health = CheckHealth(rawValue: request.argument)
                guard health != nil || request.argument == "any" else {
                    throw ClusterError(
                        .invalid,
                        "no check can be \"\(request.argument)\"; ask for any, passing, warning or critical")
                }
                return try await read(request, Watch(.services, .nodes), configuration) { writer, view in
                    let found = view.checks.filter { health == nil || $0.health == health }
                    writer.array(found) { $0.consulCheck($1) }
                }
            },
        ]
    }

    /// Looks at a service and at the machines that it runs on: how they are is part of how it is.
    private static func healthWatch(_ request: APIRequest) -> Watch {
        let (service, own) = (request.argument, request.server.configuration.name)
        return Watch(.service(service), .nodes) { snapshot in
            let gone = snapshot.catalog.hostsRevision
            var newest = snapshot.catalog.modifyRevision(of: service)
            for instance in snapshot.catalog.instances(of: service) {
                newest = max(newest, snapshot.nodes[instance.node]?.modifyRevision ?? gone)
            }
            guard service == ConsulView.ownService else { return newest }
            let machine = snapshot.catalog.machines.first { $0.name == own }
            return max(newest, machine.flatMap { snapshot.nodes[$0.id]?.modifyRevision } ?? gone)
        }
    }
}

extension AnswerWriter {
    fileprivate mutating func serviceHealth(_ instance: ServiceInstance, in view: ConsulView) {
        object { writer in
            writer.name("Node")
            writer.consulNode(view.node(of: instance))
            writer.name("Service")
            writer.consulService(instance)
            writer.name("Checks")
            writer.array(view.checks(around: instance)) { $0.consulCheck($1) }
        }
    }
}
