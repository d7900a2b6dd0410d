import ClusterEdge
import ClusterKit
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A proxy over instances that stand on the command line, for the benchmark: `EdgeHost PORT TARGET-PORT…`. It routes
/// by the tags that a web service would carry, among 100 other services, and counts into a sink that adds up.
@main
struct EdgeHost {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap(Int.init)
        guard numbers.count >= 2, let port = numbers.first else {
            print("usage: EdgeHost PORT TARGET-PORT…")
            return
        }
        var configuration = ProxyConfiguration(port: port)
        configuration.eventLoops = 1
        let table = HostTable(ports: Array(numbers.dropFirst()))
        let proxy = Proxy(
            registry: StillRegistry(), configuration: configuration, makeTable: { _ in table }, metrics: AddingSink())
        let group = ServiceGroup(
            services: [proxy], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "edge"))
        try await group.run()
    }
}

/// Names of hosts, each with a prefix: as many as a cluster's proxy tries.
private struct HostTable: RouteTable {
    let routes: [Route]
    var problems: [RouteProblem] { [] }
    private let hosts: [(name: [UInt8], route: Route)]

    init(ports: [Int]) {
        let names = (0..<100).map { "service\($0).example.org" } + ["127.0.0.1"]
        routes = names.map { name in
            Route(
                name: name, rule: "Host(`\(name)`) && PathPrefix(`/`)", priority: 1, service: name, middlewares: [],
                targets: ports.map {
                    Route.Target(instance: ServiceInstanceID("i\($0)"), address: "127.0.0.1", port: $0)
                })
        }
        hosts = zip(names, routes).map { (Array($0.utf8), $1) }
    }

    func route(for head: borrowing RequestHead) -> Route? {
        let host = head.bytes[head.host]
        return hosts.first { $0.name.count == host.count && $0.name.elementsEqual(host) }?.route
    }
}

/// A registry in which nothing changes.
private struct StillRegistry: ServiceRegistry {
    let catalog = ServiceCatalog()

    func follow(_ use: (ServiceCatalog) async -> Void) async {
        await use(catalog)
        try? await Task.sleep(for: .seconds(1_000_000))
    }
}

/// Adds up what is counted, as a sink does that is scraped.
private final class AddingSink: MetricSink {
    private let totals = Mutex<[Sample: Double]>([:])

    func record(_ samples: [Sample]) {
        totals.withLock { totals in
            for sample in samples {
                var key = sample
                guard case .increment(let value) = sample.reading else { continue }
                key.reading = .value(0)
                totals[key, default: 0] += value
            }
        }
    }
}
