import ClusterEdge
import ClusterKit
import Logging
import Synchronization
import Testing

/// A proxy with a table that a test sets, for as long as its body runs.
final class ProxyWorld: Sendable {
    let port: Int
    let registry: TestRegistry
    let sink: TestSink

    private init(port: Int, registry: TestRegistry, sink: TestSink) {
        self.port = port
        self.registry = registry
        self.sink = sink
    }

    static func run(
        _ routes: [Route], table: (any RouteTable)? = nil, configure: (inout ProxyConfiguration) -> Void = { _ in },
        _ body: (ProxyWorld) async throws -> Void
    ) async throws {
        try await result(routes, table: table, configure: configure, body)
    }

    /// Runs, and gives what `body` gives.
    static func result<Value: Sendable>(
        _ routes: [Route], table: (any RouteTable)? = nil, configure: (inout ProxyConfiguration) -> Void = { _ in },
        _ body: (ProxyWorld) async throws -> Value
    ) async throws -> Value {
        var configuration = ProxyConfiguration(port: 0)
        configuration.eventLoops = 1
        configuration.tick = .milliseconds(10)
        configuration.metricInterval = .milliseconds(20)
        configure(&configuration)
        let registry = TestRegistry(routes)
        let sink = TestSink()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let proxy = Proxy(
            registry: registry, configuration: configuration, makeTable: { _ in table ?? registry.table },
            metrics: sink,
            logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await proxy.run() }
            let port = try #require(await proxy.port)
            let value = try await body(ProxyWorld(port: port, registry: registry, sink: sink))
            group.cancelAll()
            try await group.waitForAll()
            return value
        }
    }

    /// Runs with every request going to these ports.
    static func run(
        to ports: [Int], configure: (inout ProxyConfiguration) -> Void = { _ in },
        _ body: (ProxyWorld) async throws -> Void
    ) async throws {
        try await run([.to(ports)], configure: configure, body)
    }

    func client(reading: Bool = true) async throws -> RawClient {
        try await RawClient.connect(to: port, reading: reading)
    }

    /// Sends a request over a connection of its own, which it asks to close; gives all that came.
    func exchange(_ request: String, location: SourceLocation = #_sourceLocation) async throws -> String {
        let client = try await client()
        try await client.send(request)
        let answer = try await client.readToEnd(location: location)
        client.close()
        return answer
    }

    /// A GET over a connection of its own.
    func get(_ path: String = "/", headers: String = "", location: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        try await exchange(
            "GET \(path) HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\(headers)\r\n", location: location)
    }
}

extension Route {
    /// A route for all paths below a prefix.
    static func to(
        _ ports: [Int], prefix: String = "/", name: String = "web", strips: Bool = false, passesHost: Bool = true
    ) -> Route {
        Route(
            name: name, rule: prefix, priority: prefix.count, service: name,
            middlewares: strips ? [.stripPrefix([prefix])] : [],
            targets: ports.map {
                Target(instance: ServiceInstanceID("i\($0)"), address: "127.0.0.1", port: $0)
            }, passesHost: passesHost)
    }
}

/// The longest prefix wins.
struct PrefixTable: RouteTable {
    let routes: [Route]
    var problems: [RouteProblem] { [] }

    init(_ routes: [Route]) { self.routes = routes.sorted { $0.priority > $1.priority } }

    func route(for head: borrowing RequestHead) -> Route? {
        let path = head.text(head.path)
        return routes.first { path.hasPrefix($0.rule) }
    }
}

/// A registry whose catalog says nothing: the table comes from the test.
final class TestRegistry: ServiceRegistry {
    private let state: Mutex<(routes: [Route], version: Int, seen: Int)>

    init(_ routes: [Route]) { state = Mutex((routes, 1, 0)) }

    var catalog: ServiceCatalog { ServiceCatalog() }
    var table: PrefixTable { PrefixTable(state.withLock { $0.routes }) }

    /// Serves by other routes; returns when those who follow have taken note.
    func serve(_ routes: [Route]) async throws {
        let version = state.withLock { state in
            state.routes = routes
            state.version += 1
            return state.version
        }
        try await eventually("the table is taken up") { self.state.withLock { $0.seen >= version } }
    }

    func follow(_ use: (ServiceCatalog) async -> Void) async {
        while !Task.isCancelled {
            let (version, seen) = state.withLock { ($0.version, $0.seen) }
            if version > seen {
                await use(catalog)
                state.withLock { $0.seen = version }
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }
}

/// Adds up what it is given.
final class TestSink: MetricSink {
    private let samples = Mutex<[String: Double]>([:])

    func record(_ new: [Sample]) {
        samples.withLock { samples in
            for sample in new {
                let key = ([sample.metric.name] + sample.labels).joined(separator: " ")
                switch sample.reading {
                case .value(let value), .total(let value): samples[key] = value
                case .increment(let value): samples[key, default: 0] += value
                case .observations(let counts, _): samples[key, default: 0] += Double(counts.reduce(0, +))
                }
            }
        }
    }

    func has(_ key: String) -> Bool { samples.withLock { $0[key] != nil } }
    func clear() { samples.withLock { $0 = [:] } }
    func value(_ key: String) -> Double { samples.withLock { $0[key] ?? 0 } }
}
