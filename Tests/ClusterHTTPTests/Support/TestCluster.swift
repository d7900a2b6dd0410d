import AsyncHTTPClient
import ClusterClient
import ClusterHTTP
import ClusterKit
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// A server with its API on a free port, in this process.
struct TestCluster: Sendable {
    /// Where the dialects are served.
    struct Ports {
        var nomad: Int
        var consul: Int
        var vault: Int
    }

    let server: Server
    let port: Int
    let http: HTTPClient
    private let ports: Ports
    let services: ServiceGroup

    init(server: Server, ports: Ports, port: Int? = nil, http: HTTPClient, services: ServiceGroup) {
        self.server = server
        self.ports = ports
        self.port = port ?? ports.nomad
        self.http = http
        self.services = services
    }

    /// The same cluster, asked in Consul's dialect.
    var consul: TestCluster {
        TestCluster(server: server, ports: ports, port: ports.consul, http: http, services: services)
    }

    /// The same cluster, asked in Vault's dialect.
    var vault: TestCluster {
        TestCluster(server: server, ports: ports, port: ports.vault, http: http, services: services)
    }

    func shutDown() async { await services.triggerGracefulShutdown() }

    var address: String { "http://127.0.0.1:\(port)" }

    struct Reply {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { get throws { try JSONParser.parse(body) } }
        func header(_ name: String) -> String? { headers.first(name: name) }
        var index: UInt64? { (header("X-Nomad-Index") ?? header("X-Consul-Index")).flatMap(UInt64.init) }
    }

    func open(
        _ method: String, _ target: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address + target)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return try await http.execute(request, timeout: .seconds(600))
    }

    func send(
        _ method: String, _ target: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws -> Reply {
        let response = try await open(method, target, body: body, headers: headers)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Reply(status: Int(response.status.code), headers: response.headers, body: Array(buffer: bytes))
    }

    func get(_ target: String) async throws -> Reply { try await send("GET", target) }

    func put(_ target: String, _ json: String) async throws -> Reply {
        try await send("PUT", target, body: Array(json.utf8))
    }
}

/// Runs `body` on a cluster that begins with `records`, and shuts it down in good order.
func withCluster<Value: Sendable>(
    records: [Change] = [], authorizer: any Authorizer = AllowAll(), host: String = "127.0.0.1",
    streamHeartbeat: Duration = .milliseconds(50), logger: Logger? = nil,
    isSealed: Bool = false, store: any Store = MemoryStore(),
    _ body: @Sendable @escaping (TestCluster) async throws -> Value
) async throws -> Value {
    if !records.isEmpty {
        let (epoch, _) = try await store.lead(as: ServerID("earlier"))
        let batch = ChangeBatch(
            revision: Revision(1), epoch: epoch, time: WallTime(nanoseconds: 1), changes: records)
        var head = Snapshot()
        head.apply(batch)
        try await store.append([batch], head: head)
    }
    let logger = logger ?? .silent
    // No agent keeps the recorded nodes alive, however long a loaded machine takes, and no answer comes too late.
    let configuration = ServerConfiguration(heartbeatTTL: .seconds(3600), inquiryTimeout: .seconds(600))
    let key = isSealed ? nil : try SealKey.generate(allowsUnlockedMemory: true)
    let server = Server(
        store: store, authorizer: authorizer, secrets: { SealedSecretStore(keeper: $0, key: key) },
        configuration: configuration, logger: logger)
    let listening = APIConfiguration(host: host, port: 0, streamHeartbeat: streamHeartbeat)
    let api = APIServer(server, configuration: listening, logger: logger)
    let consul = ConsulServer(server, configuration: listening, logger: logger)
    let vault = VaultServer(server, configuration: listening, logger: logger)
    let services = ServiceGroup(services: [server, api, consul, vault], logger: logger)
    let http = HTTPClient(eventLoopGroupProvider: .singleton)
    do {
        let value = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            guard let nomad = await api.port, let consul = await consul.port, let vault = await vault.port else {
                throw ClusterError(.internal, "the API did not start")
            }
            let ports = TestCluster.Ports(nomad: nomad, consul: consul, vault: vault)
            try await becomeLeader(server)
            let value = try await body(TestCluster(server: server, ports: ports, http: http, services: services))
            await services.triggerGracefulShutdown()
            return value
        }
        try await http.shutdown()
        return value
    } catch {
        try? await http.shutdown()
        throw error
    }
}

extension Logger {
    /// Says only what must not happen in a test.
    fileprivate static var silent: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

private func becomeLeader(_ server: Server) async throws {
    while true {
        do {
            _ = try await server.heartbeat(NodeID(high: 0, low: 0))
        } catch let error as ClusterError where error.code == .unavailable {
            try await Task.sleep(for: .milliseconds(2))
        } catch {
            return
        }
    }
}
