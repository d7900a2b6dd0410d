import ClusterEdge
import ClusterKit
import Logging
import ServiceLifecycle
import UnixSignals

/// Serves a made-up catalog as DNS: what `dns.py` measures.
struct DNSPart {
    /// How many services there are: `service0` and so on.
    static let services = 1000
    /// How many instances each has.
    static let instances = 3

    /// A registry that never changes.
    private struct FixedRegistry: ServiceRegistry {
        let catalog: ServiceCatalog

        func follow(_ use: (ServiceCatalog) async -> Void) async { await use(catalog) }
    }

    /// Serves on loopback until it is told to end; prints `ready` when it listens.
    static func run(port: Int) async throws {
        let server = DNSServer(
            registry: FixedRegistry(catalog: catalog), configuration: DNSConfiguration(port: port),
            logger: Logger(label: "edge.dns") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ServiceGroup(
                    services: [server], gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "edge") { _ in SwiftLogNoOpLogHandler() }
                ).run()
            }
            group.addTask { if let port = await server.port { print("ready \(port)") } }
            try await group.waitForAll()
        }
    }

    private static var catalog: ServiceCatalog {
        let nodes = (0..<37).map { index in
            ServiceCatalog.Host(
                id: NodeID(high: 1, low: UInt64(index)), name: "node\(index)", address: "10.0.0.\(index + 1)",
                datacenter: "dc1",
                meta: [:])
        }
        let all = (0..<services).flatMap { service in
            (0..<instances).map { number in
                let node = nodes[(service * instances + number) % nodes.count]
                let allocation = AllocationID(high: UInt64(service), low: UInt64(number))
                return ServiceInstance(
                    id: ServiceInstanceID(allocation, key: "web"), name: "service\(service)",
                    job: JobID("job\(service)"), allocation: allocation, epoch: Epoch(1), node: node.id,
                    nodeName: node.name, nodeAddress: node.address, address: node.address, port: 20_000 + number,
                    tags: ["primary"])
            }
        }
        return ServiceCatalog(instances: all, hosts: nodes)
    }
}
