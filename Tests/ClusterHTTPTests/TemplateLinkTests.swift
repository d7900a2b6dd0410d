import ClusterClient
import ClusterHTTP
import ClusterKit
import Testing

/// Agents are told over HTTP what their templates ask for, and nobody else is.
struct TemplateLinkTests {
    private static let template = """
        {{ with secret "secret/data/db" }}{{ .Data.data.password }}{{ end }}{{ keyOrDefault "app/color" "none" }}
        {{ key "app/none" }}{{ range service "srv" }}{{ .Port }}{{ end }}
        """
    private static let path = SecretPath("db")
    private static let secret = TemplateQuery.secret(path, version: nil)
    private static let service = TemplateQuery.service(name: "srv", tag: nil, health: [.passing, .warning])

    /// The sample with a template and a service.
    private static var records: [Change] {
        Sample.records.map { change in
            guard case .putJob(var record) = change else { return change }
            record.job.groups[0].tasks[0].templates = [TemplateSpec(data: template, destination: "local/x")]
            record.job.groups[0].tasks[0].services = [ServiceSpec(name: "srv", portLabel: "http")]
            return .putJob(record)
        }
    }

    private func ask(
        _ client: ClusterClient, _ queries: [TemplateQuery], after: Revision = .zero, wait: Duration = .zero
    ) async throws -> TemplateAnswer {
        try await client.values(of: queries, for: Sample.allocation, from: Sample.node, after: after, wait: wait)
    }

    /// The newest version of the secret with these values.
    private func told(by cluster: TestCluster, _ values: [String: ConfigValue]) async throws -> TemplateValue {
        let stored = try await cluster.server.secrets.read(Self.path, version: nil)
        return .secret(values, version: stored.version, customMetadata: stored.customMetadata)
    }

    @Test func anAgentIsToldWhatItsTemplatesAskFor() async throws {
        try await withCluster(records: Self.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            _ = try await cluster.server.secrets.write(["password": "s3cret", "n": 7], to: Self.path, expecting: nil)
            _ = try await cluster.server.keep(
                [.putKey(KeyRecord(key: "app/color", value: Array("green".utf8)))], if: [])
            let queries = [Self.secret, .key("app/color"), .key("app/none"), Self.service]
            let answer = try await ask(client, queries)
            #expect(try await answer.values[Self.secret] == told(by: cluster, ["password": "s3cret", "n": 7]))
            #expect(answer.values[.key("app/color")] == .known("green"))
            #expect(answer.values[.key("app/none")] == .absent)
            let instances = cluster.server.snapshot.catalog.instances(of: "srv")
            #expect(instances.map(\.port) == [21361] && answer.values[Self.service] == .instances(instances))

            // What is newer is told at once, although it may be waited for.
            async let next = ask(client, queries, after: answer.revision, wait: .seconds(600))
            _ = try await cluster.server.secrets.write(["password": "new"], to: Self.path, expecting: nil)
            let newer = try await next
            #expect(newer.revision > answer.revision)
            #expect(try await newer.values[Self.secret] == told(by: cluster, ["password": "new"]))
            await client.close()
        }
    }

    @Test func aSealedStoreSaysSo() async throws {
        try await withCluster(records: Self.records, isSealed: true) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let answer = try await ask(client, [Self.secret, .key("app/color")])
            guard case .unavailable(let reason)? = answer.values[Self.secret] else {
                Issue.record("the secret is \(String(describing: answer.values[Self.secret]))")
                return
            }
            #expect(reason.contains("sealed"), "\(reason)")
            #expect(answer.values[.key("app/color")] == .absent, "keys are not sealed")
            await client.close()
        }
    }

    @Test func othersAreDenied() async throws {
        try await withCluster(records: Self.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let stranger = NodeID(high: 9, low: 9)
            _ = try await cluster.server.register(Node(id: stranger, name: "s", capacity: Resources()))
            for (node, query) in [
                (stranger, Self.secret), (Sample.node, .secret(SecretPath("other"), version: nil)),
                (Sample.node, .key("other")), (Sample.node, .secretList(SecretPath(""))),
            ] {
                let error = await #expect(throws: ClusterError.self) {
                    try await client.values(
                        of: [query], for: Sample.allocation, from: node, after: .zero, wait: .zero)
                }
                #expect(error?.code == .denied, "\(query): \(String(describing: error))")
            }
            let report = AllocationReport(id: Sample.allocation, client: .complete, description: "ended")
            try await client.report([report], from: Sample.node)
            let error = await #expect(throws: ClusterError.self) { try await ask(client, [Self.secret]) }
            #expect(error?.code == .denied, "what has ended is told nothing any more")
            await client.close()
        }
    }
}
