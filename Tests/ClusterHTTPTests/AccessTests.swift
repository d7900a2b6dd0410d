import ClusterClient
import ClusterKit
import Testing

@testable import ClusterHTTP

/// Who may ask what is decided in one place, for every route.
struct AccessTests {
    /// Knows one token for the namespace `mine`, and nothing else.
    private struct OneNamespace: Authorizer {
        func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {
            if caller.token == "all" { return }
            if caller.token == "secret" {
                switch action {
                case .readJobs("mine"), .writeJobs("mine"): return
                default: break
                }
            }
            throw ClusterError(.denied, "the token may not do this")
        }
    }

    /// What may be known without a token.
    private let open: Set<String> = ["/v1/agent/health", "/v1/status/leader", "/v1/status/peers", "/v1/regions"]

    @Test func everyRouteRefusesOrHidesWithoutAToken() async throws {
        let open = open
        try await withCluster(records: Sample.records, authorizer: OneNamespace()) { cluster in
            let routes = APIServer.routes(APIConfiguration())
            #expect(routes.count > 40)
            for route in routes where !open.contains(route.endpoint.template) {
                if route.endpoint == .eventStream { continue }
                let argument =
                    switch route.endpoint.template {
                    case let path where path.contains(":allocation"): "\(Sample.allocation)"
                    case let path where path.contains(":evaluation"): "\(Sample.evaluation)"
                    case let path where path.contains(":node"): "\(Sample.node)"
                    default: "sample-svc"
                    }
                let job = String(decoding: JobDocument(Sample.job()).json, as: UTF8.self)
                let method =
                    switch route.endpoint.verb {
                    case .read: "GET"
                    case .write: "PUT"
                    case .delete: "DELETE"
                    default: "GET"
                    }
                let body = method == "PUT" ? Array(#"{"Job":\#(job)}"#.utf8) : nil
                let reply = try await cluster.send(method, route.endpoint.path(argument), body: body)
                let isHidden =
                    reply.status == 200 && reply.text == "[]"
                    || ["Namespace not found", "policy not found"].contains(reply.text)
                #expect(
                    reply.text == "Permission denied" || isHidden, "\(route.endpoint): \(reply.status) \(reply.text)")
                #expect(reply.status == (isHidden ? reply.status : 403), "\(route.endpoint)")
            }
        }
    }

    @Test func tokensComeInEitherHeader() async throws {
        try await withCluster(authorizer: OneNamespace()) { cluster in
            _ = try await cluster.server.register(Sample.job("a", namespace: "mine"), as: Caller(token: "all"))
            _ = try await cluster.server.register(Sample.job("b", namespace: "other"), as: Caller(token: "all"))
            for header in [("X-Nomad-Token", "secret"), ("Authorization", "Bearer secret")] {
                let mine = try await cluster.send("GET", "/v1/job/a?namespace=mine", headers: [header])
                #expect(mine.status == 200)
                let other = try await cluster.send("GET", "/v1/job/b?namespace=other", headers: [header])
                #expect(other.status == 403)
                let all = try await cluster.send("GET", "/v1/jobs?namespace=*", headers: [header])
                #expect(all.text.contains(#""ID":"a""#) && !all.text.contains(#""ID":"b""#))
            }
        }
    }

    @Test func anIdentifierIsJudgedByTheNamespaceItLivesIn() async throws {
        try await withCluster(records: Sample.records, authorizer: OneNamespace()) { cluster in
            let target = "/v1/allocation/\(Sample.allocation)?namespace=mine"
            let reply = try await cluster.send("GET", target, headers: [("X-Nomad-Token", "secret")])
            #expect(reply.status == 403)
        }
    }
}
