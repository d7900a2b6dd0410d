import ClusterClient
import ClusterKit
import Testing

/// Lists come in pages, by prefix and by namespace.
struct PagingTests {
    @Test func pagesCoverAListOnce() async throws {
        try await withCluster { cluster in
            for number in 0..<7 { _ = try await cluster.server.register(Sample.job("job-\(number)")) }
            _ = try await cluster.server.register(Sample.job("elsewhere", namespace: "other"))
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            var seen: [String] = []
            var token = ""
            repeat {
                let page = try await client.jobs(ReadOptions(perPage: 3, nextToken: token))
                #expect(page.value.count <= 3)
                seen += page.value.map(\.id)
                token = page.nextToken ?? ""
            } while !token.isEmpty
            #expect(seen == (0..<7).map { "job-\($0)" })
            #expect(try await client.jobs(ReadOptions(namespace: "*")).value.count == 8)
            #expect(try await client.jobs(ReadOptions(namespace: "other")).value.map(\.id) == ["elsewhere"])
            #expect(try await client.jobs(ReadOptions(prefix: "job-6")).value.map(\.id) == ["job-6"])
            let gone = try await cluster.get("/v1/jobs?next_token=default.none")
            #expect(gone.status == 400)
            await client.close()
        }
    }

    @Test func identifiersMayHoldSlashes() async throws {
        try await withCluster { cluster in
            let id = "group/sub@job/a+b"
            _ = try await cluster.server.register(Sample.job(id))
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            #expect(try await client.job(id).value.id == id)
            #expect(try await client.evaluations(of: id).value.count >= 1)
            #expect(try await cluster.get("/v1/job/group/sub%40job/a+b/summary").status == 200)
            #expect(try await client.stop(id, purge: true).evaluation?.count == 36)
            await #expect(throws: ClusterError(.notFound, "job not found")) { try await client.job(id) }
            await client.close()
        }
    }

    @Test func prettyTextIsTheSameValue() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let plain = try await cluster.get("/v1/allocation/\(Sample.allocation)")
            let pretty = try await cluster.get("/v1/allocation/\(Sample.allocation)?pretty")
            #expect(pretty.text.hasPrefix("{\n    \"ID\": "))
            #expect(try pretty.json == plain.json)
            #expect(try await cluster.get("/v1/deployments?pretty").text == "[]\n")
        }
    }

    @Test func headsAreThoseOfReads() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let read = try await cluster.get("/v1/nodes")
            let head = try await cluster.send("HEAD", "/v1/nodes")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.header("Content-Length") == "\(read.body.count)")
            #expect(head.index == read.index)
        }
    }
}
