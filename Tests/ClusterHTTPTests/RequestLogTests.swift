import ClusterKit
import Testing

/// Requests are logged, secrets are not, and nobody waits on behalf of a client that left.
struct RequestLogTests {
    @Test func secretsAreNotLogged() async throws {
        let recorder = LogRecorder()
        try await withCluster(records: Sample.records, logger: recorder.logger) { cluster in
            let headers = [("X-Nomad-Token", "top-secret"), ("Authorization", "Bearer top-secret")]
            for header in headers {
                _ = try await cluster.send("GET", "/v1/jobs?prefix=top-secret", headers: [header])
                _ = try await cluster.send("PUT", "/v1/jobs", body: Array("top-secret".utf8), headers: [header])
            }
        }
        #expect(recorder.lines.contains { $0.contains("/v1/jobs") && $0.contains("200") })
        #expect(!recorder.lines.contains { $0.contains("top-secret") })
    }

    @Test(.timeLimit(.minutes(10))) func aParkedReadEndsWhenItsClientLeaves() async throws {
        let recorder = LogRecorder(), asked = AskedAuthorizer()
        try await withCluster(records: Sample.records, authorizer: asked, logger: recorder.logger) { cluster in
            let index = try await cluster.get("/v1/nodes").index ?? 0
            func answered() -> Int { recorder.lines.count { $0.contains("/v1/nodes") } }
            let before = answered()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let arrived = asked.count + 1
                group.addTask { _ = try? await cluster.get("/v1/nodes?index=\(index)&wait=3600s") }
                try await asked.reaches(arrived)
                group.cancelAll()
            }
            // It would otherwise be held for minutes: the time limit of this test is the assertion.
            while answered() == before { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}
