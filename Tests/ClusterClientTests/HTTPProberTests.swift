import ClusterClient
import ClusterKit
import ClusterTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPProberTests {
    @Sendable private static func subject(
        _ behavior: ProberConformance.Behavior
    ) async throws -> ProberConformance.Subject? {
        let other = try ScriptedEndpoint(ScriptedEndpoint.http("200 OK"))
        let head = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        let piece = Array(("1000\r\n" + String(repeating: "x", count: 4096) + "\r\n").utf8)
        let script: ScriptedEndpoint.Answer =
            switch behavior {
            case .well, .absent: ScriptedEndpoint.http("200 OK", "ok")
            case .troubled: ScriptedEndpoint.http("429 Too Many Requests")
            case .failing: ScriptedEndpoint.http("500 Oops", "no database")
            case .silent: .nothing
            case .endless: .endless(head, piece)
            case .verbose: ScriptedEndpoint.http("200 OK", String(repeating: "€", count: 5000))
            case .redirecting:
                ScriptedEndpoint.http("302 Found", headers: ["Location: http://127.0.0.1:\(other.port)/"])
            }
        let endpoint = try ScriptedEndpoint(script)
        if behavior == .absent { endpoint.close() }
        return .init(
            request(endpoint), strays: { other.visits }, bytesTaken: { endpoint.bytesSent },
            close: {
                endpoint.close()
                other.close()
            })
    }

    private static func request(
        _ endpoint: ScriptedEndpoint, _ change: (inout CheckSpec) -> Void = { _ in }
    ) -> ProbeRequest {
        var check = CheckSpec(kind: "http", path: "/health", interval: .seconds(1), timeout: .seconds(120))
        change(&check)
        return ProbeRequest(check: check, address: "127.0.0.1", port: endpoint.port)
    }

    @Test func itKeepsThePromisesOfAProber() async {
        let violations = await ProberConformance(prober: HTTPProber(), slack: .seconds(60), open: Self.subject).run()
        #expect(violations == [])
    }

    @Test(arguments: [
        ("200 OK", CheckHealth.passing), ("204 No Content", .passing), ("301 Moved", .critical),
        ("304 Not Modified", .critical), ("404 Not Found", .critical), ("429 Slow Down", .warning),
        ("503 Unavailable", .critical),
    ])
    func theStatusDecides(_ status: String, _ health: CheckHealth) async throws {
        let endpoint = try ScriptedEndpoint(ScriptedEndpoint.http(status))
        defer { endpoint.close() }
        #expect(await HTTPProber().probe(Self.request(endpoint)).health == health)
    }

    @Test func itSaysWhatWasAskedAndAnswered() async throws {
        let endpoint = try ScriptedEndpoint(ScriptedEndpoint.http("200 OK", "ok"))
        let outcome = await HTTPProber().probe(Self.request(endpoint))
        #expect(outcome.output == "HTTP GET http://127.0.0.1:\(endpoint.port)/health: 200 OK Output: ok")
        endpoint.close()
        let refused = await HTTPProber().probe(Self.request(endpoint))
        #expect(refused.output.hasPrefix("HTTP GET http://127.0.0.1:\(endpoint.port)/health: "), "\(refused)")
        #expect(refused.output.lowercased().contains("refused"), "\(refused)")
    }

    @Test func theRequestIsAsTheJobStatesIt() async throws {
        let endpoint = try ScriptedEndpoint(ScriptedEndpoint.http("200 OK"))
        defer { endpoint.close() }
        let prober = HTTPProber()
        _ = await prober.probe(
            Self.request(endpoint) {
                $0.method = "POST"
                $0.header = ["Host": ["example.org"], "X-Two": ["a", "b"]]
                $0.body = "ping"
            })
        _ = await prober.probe(Self.request(endpoint))
        #expect(endpoint.visits == 2, "each check has a connection of its own")
        let head = try #require(endpoint.heads.first)
        #expect(head.hasPrefix("POST /health HTTP/1.1\r\n"))
        let lines = head.lowercased().split(separator: "\r\n")
        #expect(lines.filter { $0.hasPrefix("host:") } == ["host: example.org"])
        #expect(lines.contains("x-two: a") && lines.contains("x-two: b"))
        #expect(lines.contains("connection: close") && lines.contains("content-length: 4"))
        let second = try #require(endpoint.heads.last?.lowercased())
        #expect(second.hasPrefix("get ") && second.contains("\r\nhost: 127.0.0.1:\(endpoint.port)\r\n"))
    }

    @Test(arguments: ["", "health", "@127.0.0.1:1/", ".example.org/"])
    func aPathCannotChangeWhoIsAsked(_ path: String) async throws {
        let endpoint = try ScriptedEndpoint(ScriptedEndpoint.http("200 OK"))
        defer { endpoint.close() }
        let outcome = await HTTPProber().probe(Self.request(endpoint) { $0.path = path })
        #expect(outcome.health == .critical)
        #expect(endpoint.visits == 0)
    }
}
