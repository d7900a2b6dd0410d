import ClusterClient
import ClusterKit
import Testing

struct MetricRouteTests {
    @Test func theTextHasTheStateAndWhatAgentsMeasured() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let labels = [Sample.allocation.description, "peer1", "sample-svc", "default", "srv", "web"]
            try await client.record(
                [
                    ClusterKit.Sample(.taskMemoryRSS, labels, .value(4096)),
                    ClusterKit.Sample(Metric("newer", .gauge, .count, help: ""), [], .value(1)),
                ], from: Sample.node)
            let reply = try await cluster.get("/v1/metrics?format=prometheus")
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let pairs = zip(Metric.taskMemoryRSS.labels, labels).map { "\($0)=\"\($1)\"" }.joined(separator: ",")
            #expect(reply.text.contains("\nnomad_client_allocs_memory_rss{\(pairs)} 4096\n"))
            #expect(reply.text.contains("dropped_samples_total{reason=\"unknown\"} 1\n"))
            let group = "job=\"sample-svc\",namespace=\"default\",task_group=\"web\""
            let name = cluster.server.configuration.name
            #expect(reply.text.contains("\nnomad_nomad_job_summary_running{host=\"\(name)\",\(group)} 1\n"))
            #expect(reply.text.contains("\nconsul_up 1\n"))
            let types = reply.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            #expect(Set(types).count == types.count && types == types.sorted())
            await client.close()
        }
    }

    @Test func withoutAFormatTheAnswerHasNomadsShape() async throws {
        try await withCluster(records: Sample.records) { cluster in
            guard case .object(let json) = try await cluster.get("/v1/metrics").json else {
                Issue.record("the answer is no object")
                return
            }
            let kinds = ["Timestamp", "Gauges", "Counters", "Samples", "Points"].map { json[$0]?.typeName }
            #expect(kinds == ["a text", "a list", "a list", "a list", "a list"])
            guard case .string(let time)? = json["Timestamp"], case .array(let gauges)? = json["Gauges"] else { return }
            #expect(time.hasSuffix(" +0000 UTC") && time.count == 29)
            let running = gauges.contains { gauge in
                guard case .object(let gauge) = gauge, case .object(let labels)? = gauge["Labels"] else { return false }
                return gauge["Name"] == .string("nomad_nomad_job_summary_running")
                    && labels["task_group"] == .string("web") && gauge["Value"] == .number(1)
            }
            #expect(running)
            #expect(try await cluster.get("/v1/metrics?format=xml").status == 400)
        }
    }

    @Test func anAgentThatIsNotKnownIsTold() async throws {
        try await withCluster { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            do {
                try await client.record([], from: Sample.node)
                Issue.record("the node is not registered")
            } catch let error as ClusterError {
                #expect(error.code == .notFound)
            }
            await client.close()
        }
    }
}
