import ClusterKit
import Testing

/// Refusals have the status and the words that clients compare.
struct ErrorTests {
    private func unknownPath(_ path: String) -> String {
        "there is no endpoint \(path) here, in the Nomad API; docs/NomadAPI.md lists them all"
    }

    @Test func refusalsAreNomads() async throws {
        let unknown = "00000000-0000-0000-0000-000000000001"
        let cases: [(String, String, Int, String)] = [
            ("GET", "/v1/job/none", 404, "job not found"),
            ("GET", "/v1/job/none/summary", 404, "job not found"),
            ("DELETE", "/v1/job/none", 404, "job not found"),
            ("GET", "/v1/allocation/\(unknown)", 404, "alloc not found"),
            ("GET", "/v1/evaluation/\(unknown)", 404, "eval not found"),
            ("GET", "/v1/node/\(unknown)", 404, "node not found"),
            ("GET", "/v1/allocation/x", 500, "alloc lookup failed: index error: UUID must be 36 characters"),
            ("GET", "/v1/nothing", 404, unknownPath("/v1/nothing")), ("GET", "/", 404, unknownPath("/")),
            ("GET", "/v1/job/", 404, unknownPath("/v1/job/")),
            ("DELETE", "/v1/jobs", 405, "Invalid method"), ("OPTIONS", "/v1/jobs", 405, "Invalid method"),
            ("DELETE", "/v1/job/sample-svc/allocations", 405, "Invalid method"),
            ("PATCH", "/v1/job/sample-svc", 405, "Invalid method"),
        ]
        try await withCluster(records: Sample.records) { cluster in
            for (method, target, status, text) in cases {
                let reply = try await cluster.send(method, target)
                #expect(reply.status == status, "\(method) \(target): \(reply.text)")
                #expect(reply.text == text, "\(method) \(target)")
            }
            #expect(try await cluster.get("/v1/job/none").index ?? 0 > 0)
            #expect(try await cluster.get("/v1/job/sample-svc").status == 200)
        }
    }

    @Test func brokenBodiesAreRefusedInWords() async throws {
        let deep = String(repeating: "[", count: 5000)
        let bodies = [
            "", "{", "{bad", "[]", "null", "\"x\"", "{}", #"{"Job":null}"#, #"{"Job":[]}"#, #"{"Job":{}}"#, deep,
            #"{"Job":{"ID":7}}"#, #"{"Job":{"ID":"a","Priority":1e400}}"#, #"{"Job":{"ID":"a","Priority":-1}}"#,
        ]
        try await withCluster { cluster in
            for body in bodies {
                let reply = try await cluster.put("/v1/jobs", body)
                #expect(reply.status == 400, "\(body.prefix(60)): \(reply.text)")
                #expect(!reply.text.isEmpty, "\(body.prefix(60))")
            }
            #expect(try await cluster.get("/v1/jobs").text == "[]")
        }
    }

    @Test func bodiesBeyondTheLimitAreRefusedAndTheConnectionStaysUsable() async throws {
        try await withCluster { cluster in
            for (target, limit) in [("/v1/jobs", 10 << 20), ("/v1/jobs/parse", 1 << 20)] {
                let reply = try await cluster.send(
                    "PUT", target, body: [UInt8](repeating: UInt8(ascii: " "), count: limit + 1))
                #expect(reply.status == 413, "\(target)")
                #expect(reply.text.contains("\(limit) bytes"), "\(target): \(reply.text)")
                #expect(try await cluster.get("/v1/jobs").status == 200)
            }
        }
    }

    @Test func aConflictingRevisionIsRefusedWithNomadsWords() async throws {
        try await withCluster { cluster in
            let job = String(decoding: JobDocument(Sample.job()).json, as: UTF8.self)
            func register(_ index: String) async throws -> TestCluster.Reply {
                try await cluster.put("/v1/jobs", #"{"Job":\#(job),"EnforceIndex":true,"JobModifyIndex":\#(index)}"#)
            }
            let missing = try await register("7")
            #expect(missing.status == 500)
            #expect(missing.text == "Enforcing job modify index 7: job does not exist")
            #expect(try await register("0").status == 200)
            let exists = try await register("0")
            #expect(exists.status == 500)
            #expect(exists.text == "Enforcing job modify index 0: job already exists")
            #expect(try await register("-1").status == 400)
            #expect(try await register("18446744073709551616").status == 400)
        }
    }

    @Test func filtersAndForeignRegionsAreNotIgnored() async throws {
        try await withCluster { cluster in
            let filtered = try await cluster.get("/v1/jobs?filter=Status%3D%3Drunning")
            #expect(filtered.status == 400)
            #expect(filtered.text.contains("filter"))
            #expect(try await cluster.get("/v1/jobs?region=mars").status == 500)
            #expect(try await cluster.get("/v1/jobs?region=global&stale").status == 200)
        }
    }

    @Test func noListPassesAFilterOver() async throws {
        let paths = [
            "/v1/jobs", "/v1/job/sample-svc/allocations", "/v1/job/sample-svc/evaluations",
            "/v1/job/sample-svc/deployments", "/v1/job/sample-svc/versions", "/v1/allocations", "/v1/evaluations",
            "/v1/deployments", "/v1/services", "/v1/nodes", "/v1/node/\(Sample.node)/allocations", "/v1/node/pools",
            "/v1/node/pool/default/nodes", "/v1/node/pool/default/jobs", "/v1/namespaces", "/v1/scaling/policies",
            "/v1/queues",
        ]
        try await withCluster(records: Sample.records) { cluster in
            for path in paths {
                let filtered = try await cluster.get("\(path)?filter=Name%3D%3Dx")
                #expect(filtered.status == 400 && filtered.text.contains("filter"), "\(path): \(filtered.text)")
                #expect(try await cluster.get(path).status == 200, "\(path)")
            }
        }
    }

    @Test func jobFilesAreParsedOrRefusedWithTheirMistakes() async throws {
        try await withCluster { cluster in
            let wrong = try await cluster.put("/v1/jobs/parse", #"{"JobHCL":"job \"x\" {\n  bogus = 1\n}"}"#)
            #expect(wrong.status == 400)
            #expect(wrong.text.contains("bogus"), "\(wrong.text)")
            let text =
                #"variable \"n\" { default = \"a\" }\n"#
                + #"job \"x\" { group \"g\" { task \"t\" { driver = \"raw_exec\"\n config { command = var.n } } } }"#
            let right = try await cluster.put(
                "/v1/jobs/parse", #"{"JobHCL":"\#(text)","Canonicalize":true,"Variables":"n = \"b\""}"#)
            #expect(right.status == 200, "\(right.text)")
            #expect(right.text.contains(#""command":"b""#), "\(right.text)")
        }
    }
}
