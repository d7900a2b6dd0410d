import ClusterClient
import ClusterKit

/// Services in the words of Nomad's own registry. It lists every instance that runs, the failing ones included, as
/// Nomad does; Consul's dialect and DNS are for those who want the healthy ones.
extension APIServer {
    static var serviceRoutes: [APIRoute] {
        [
            APIRoute(.services, .filtered, answer: listServices),
            APIRoute(.service, .filtered, answer: listInstances),
            APIRoute(.allocationChecks, .readJobs) { request in
                let id = try request.allocationID()
                let watch = Watch(.allocation(id))
                let snapshot = try await watch.snapshot(for: request)
                let index = watch.revision(in: snapshot)
                guard let allocation = snapshot.allocations[id] else { return .missing("alloc not found", at: index) }
                return .read(at: index) { $0.checks(CheckView.all(of: allocation, in: snapshot)) }
            },
        ]
    }

    private static func listServices(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let watch = Watch(.services)
        let snapshot = try await watch.snapshot(for: request)
        var tags: [String: [String: Set<String>]] = [:]
        for instance in snapshot.catalog.names.flatMap(snapshot.catalog.instances)
        where request.shows(instance.namespace) {
            tags[instance.namespace, default: [:]][instance.name, default: []].formUnion(instance.tags)
        }
        return .read(at: watch.revision(in: snapshot)) { writer in
            writer.array(tags.sorted { $0.key < $1.key }) { writer, namespace in
                writer.object {
                    $0.field("Namespace", namespace.key)
                    $0.name("Services")
                    $0.array(namespace.value.sorted { $0.key < $1.key }) { writer, service in
                        writer.object {
                            $0.field("ServiceName", service.key)
                            $0.field("Tags", service.value.sorted())
                        }
                    }
                }
            }
        }
    }

    private static func listInstances(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let watch = Watch(.service(request.argument))
        let snapshot = try await watch.snapshot(for: request)
        let all = snapshot.catalog.instances(of: request.argument).filter { request.shows($0.namespace) }
        let instances = try request.query["choose"].map { try chosen($0, of: all) } ?? all
        let page = try Page(of: instances, for: request.query) { $0.id.description }
        return .read(at: watch.revision(in: snapshot), nextToken: page.nextToken) { writer in
            writer.array(page.elements) { $0.serviceRegistration($1) }
        }
    }

    /// Some instances, the same for the same key for as long as they run: `choose=2|my-key`.
    private static func chosen(
        _ text: String, of instances: [ServiceInstance]
    ) throws(ClusterError) -> [ServiceInstance] {
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), count > 0, !parts[1].isEmpty else {
            throw ClusterError(.invalid, "choose=\(text) must be a number and a key, such as choose=2|my-key")
        }
        let ranked = instances.map { (rank: rank("\(parts[1])\0\($0.id)"), instance: $0) }
            .sorted { ($0.rank, $0.instance.id) < ($1.rank, $1.instance.id) }
        return ranked.prefix(count).map(\.instance).sorted { $0.id < $1.id }
    }

    /// FNV-1a: the same at every start of the program.
    private static func rank(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
