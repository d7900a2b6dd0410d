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
    let server: Server
    let port: Int
    let http: HTTPClient
    let services: ServiceGroup

    init(server: Server, port: Int, http: HTTPClient, services: ServiceGroup) {
        self.server = server
        self.port = port
        self.http = http
        self.services = services
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
        var index: UInt64? { headers.first(name: "X-Nomad-Index").flatMap(UInt64.init) }
    }

    func open(
        _ method: String, _ target: String, body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address + target)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return try await http.execute(request, timeout: .seconds(30))
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
    _ body: @Sendable @escaping (TestCluster) async throws -> Value
) async throws -> Value {
    let store = MemoryStore()
    if !records.isEmpty {
        let (epoch, _) = try await store.lead(as: ServerID("earlier"))
        let batch = ChangeBatch(
            revision: Revision(1), epoch: epoch, time: WallTime(nanoseconds: 1), changes: records)
        var head = Snapshot()
        head.apply(batch)
        try await store.append([batch], head: head)
    }
    let logger = logger ?? .silent
    // No agent keeps the recorded nodes alive, however long a loaded machine takes.
    let configuration = ServerConfiguration(heartbeatTTL: .seconds(3600))
    let server = Server(store: store, authorizer: authorizer, configuration: configuration, logger: logger)
    let api = APIServer(
        server, configuration: APIConfiguration(host: host, port: 0, streamHeartbeat: streamHeartbeat), logger: logger)
    let services = ServiceGroup(services: [server, api], logger: logger)
    let http = HTTPClient(eventLoopGroupProvider: .singleton)
    do {
        let value = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            guard let port = await api.port else { throw ClusterError(.internal, "the API did not start") }
            try await becomeLeader(server)
            let value = try await body(TestCluster(server: server, port: port, http: http, services: services))
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
