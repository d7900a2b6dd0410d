import ClusterEdge
import ClusterKit
import Logging
import ServiceLifecycle
import UnixSignals

/// The proxy as a cluster runs it: routes made of tags, among those of a hundred other services, with figures.
enum ProxyPart {
    static func run(port: Int, targets: [Int]) async throws {
        var configuration = ProxyConfiguration(port: port)
        configuration.eventLoops = 1
        let registry = StillRegistry(catalog: catalog(targets))
        let proxy = Proxy(
            registry: registry, configuration: configuration, makeTable: { TagRouteTable($0) },
            metrics: PrometheusSink())
        let group = ServiceGroup(
            services: [proxy], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "edge"))
        try await group.run()
    }

    private static func catalog(_ targets: [Int]) -> ServiceCatalog {
        var entropy = Entropy(seed: 1)
        let others = (0..<100).map { instance("service\($0)", host: "service\($0).example.org", port: 9, &entropy) }
        return ServiceCatalog(
            instances: others + targets.map { instance("measured", host: "127.0.0.1", port: $0, &entropy) })
    }

    private static func instance(
        _ name: String, host: String, port: Int, _ entropy: inout Entropy
    ) -> ServiceInstance {
        let allocation: AllocationID = entropy.identifier()
        return ServiceInstance(
            id: ServiceInstanceID(allocation, key: name), name: name, job: JobID(name), allocation: allocation,
            epoch: Epoch(1), node: entropy.identifier(), nodeName: "node", nodeAddress: "127.0.0.1",
            address: "127.0.0.1", port: port,
            tags: ["traefik.http.routers.\(name).rule=Host(`\(host)`) && PathPrefix(`/`)"])
    }
}

/// A registry in which nothing changes.
private struct StillRegistry: ServiceRegistry {
    let catalog: ServiceCatalog

    func follow(_ use: (ServiceCatalog) async -> Void) async {
        await use(catalog)
        try? await Task.sleep(for: .seconds(1_000_000))
    }
}
