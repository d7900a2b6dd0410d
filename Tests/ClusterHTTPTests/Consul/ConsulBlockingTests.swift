import ClusterKit
import Testing

/// Reads of Consul's kind wait for what they asked for, and for nothing else.
struct ConsulBlockingTests {
    /// What a read answers that begins before `change` and waits for something newer than it knows.
    private func woken(
        _ cluster: TestCluster, _ target: String, by change: @Sendable @escaping () async throws -> Void
    ) async throws -> (before: UInt64, after: TestCluster.Reply) {
        let before = try await cluster.consul.get(target).index ?? 0
        let mark = target.contains("?") ? "&" : "?"
        async let waiting = cluster.consul.get("\(target)\(mark)index=\(before)&wait=600s")
        try await change()
        return (before, try await waiting)
    }

    @Test func anAbsentKeyIsWaitedFor() async throws {
        try await withCluster { cluster in
            let (before, after) = try await woken(cluster, "/v1/kv/new") {
                _ = try await cluster.consul.put("/v1/kv/other", "1")
                _ = try await cluster.consul.put("/v1/kv/new", "2")
            }
            #expect(after.status == 200 && after.index ?? 0 > before)
            #expect(try after.json[0]?["Key"] == .string("new"))
        }
    }

    @Test func aRemovedKeyIsTold() async throws {
        try await withCluster { cluster in
            _ = try await cluster.consul.put("/v1/kv/k", "1")
            let (before, after) = try await woken(cluster, "/v1/kv/k") {
                _ = try await cluster.consul.send("DELETE", "/v1/kv/k")
            }
            #expect(after.status == 404 && after.index ?? 0 > before)
        }
    }

    @Test func aFolderIsNotWokenByKeysElsewhere() async throws {
        try await withCluster { cluster in
            _ = try await cluster.consul.put("/v1/kv/mine/a", "1")
            let (_, after) = try await woken(cluster, "/v1/kv/mine/?recurse") {
                for number in 0..<5 { _ = try await cluster.consul.put("/v1/kv/other/\(number)", "1") }
                _ = try await cluster.consul.put("/v1/kv/mine/b", "2")
            }
            // Had another key woken it, the second would not be there yet.
            #expect(try after.json.count == 2)
        }
    }

    @Test(arguments: ["/v1/catalog/services", "/v1/catalog/service/web", "/v1/health/service/web"])
    func servicesAreWaitedFor(target: String) async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let count = try await cluster.consul.get(target).json.count
            let (before, after) = try await woken(cluster, target) {
                _ = try await cluster.consul.put("/v1/kv/other", "1")
                _ = try await cluster.server.register(Sample.job("other"))
                _ = try await cluster.server.stop(ServiceSample.job)
            }
            #expect(after.status == 200 && after.index ?? 0 > before)
            #expect(try after.json.count < count, "\(after.text)")
        }
    }

    @Test(arguments: ["/v1/health/service/web?passing", "/v1/health/checks/web"])
    func theMachineOfAServiceIsWaitedFor(target: String) async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            let (before, after) = try await woken(cluster, target) {
                _ = try await cluster.server.setEligibility(ServiceSample.node(1), .ineligible)
            }
            #expect(after.index ?? 0 > before, "\(after.text)")
        }
    }

    @Test func anUnchangedListIsHeldForItsWait() async throws {
        try await withCluster(records: ServiceSample.records) { cluster in
            for target in ["/v1/catalog/services", "/v1/health/service/none", "/v1/catalog/nodes", "/v1/kv/?recurse"] {
                let index = try await cluster.consul.get(target).index ?? 0
                let mark = target.contains("?") ? "&" : "?"
                async let waiting = cluster.consul.get("\(target)\(mark)index=\(index)&wait=500ms")
                // What is asked for did not change, so it is not answered with something newer.
                _ = try await cluster.server.register(Sample.job("job\(index)"))
                #expect(try await waiting.index == index, "\(target)")
            }
        }
    }

    @Test func waitsAreReadAsConsulReadsThem() async throws {
        try await withCluster { cluster in
            for query in ["index=-1", "index=x", "index=1&wait=x", "index=1&wait=-1s", "index=18446744073709551616"] {
                #expect(try await cluster.consul.get("/v1/catalog/services?\(query)").status == 400, "\(query)")
            }
            let ahead = try await cluster.consul.get("/v1/kv/a?index=18446744073709551615&wait=10ms")
            #expect(ahead.status == 404)
        }
    }
}
