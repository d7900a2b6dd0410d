import ClusterKit
import Testing

/// Answers have the names and kinds of values that clients read from a real Nomad.
struct ShapeTests {
    /// Target, recorded answer, and names of the sample that mean something that this cluster does not have.
    static let reads: [(target: String, fixture: String, missing: Set<String>)] = [
        ("/v1/jobs", "jobs", []),
        ("/v1/jobs?prefix=sample", "jobs", []),
        ("/v1/job/sample-svc", "job", []),
        ("/v1/job/sample-svc/summary", "job_summary", []),
        ("/v1/job/sample-svc/allocations", "job_allocations", []),
        ("/v1/job/sample-svc/evaluations", "job_evaluations", []),
        ("/v1/job/sample-svc/versions", "job_versions", []),
        ("/v1/job/sample-svc/scale", "job_scale", []),
        ("/v1/allocations", "allocations", []),
        ("/v1/allocation/\(Sample.allocation)", "allocation", []),
        ("/v1/evaluations", "evaluations", []),
        ("/v1/evaluation/\(Sample.evaluation)", "evaluation", []),
        ("/v1/evaluation/\(Sample.evaluation)/allocations", "evaluation_allocations", []),
        ("/v1/nodes", "nodes", []),
        ("/v1/nodes?resources=true", "nodes_resources", []),
        ("/v1/node/\(Sample.node)", "node", []),
        ("/v1/node/\(Sample.node)/allocations", "node_allocations", []),
        ("/v1/namespaces", "namespaces", []),
        ("/v1/agent/members", "agent_members", ["expect", "bootstrap", "vsn", "mvn", "raft_vsn", "rpc_addr"]),
        ("/v1/agent/health", "agent_health", []),
        ("/v1/agent/servers", "agent_servers", []),
        ("/v1/status/leader", "status_leader", []),
        ("/v1/status/peers", "status_peers", []),
        ("/v1/regions", "regions", []),
    ]

    @Test func readsAreShapedAsNomads() async throws {
        try await withCluster(records: Sample.records) { cluster in
            for (target, fixture, missing) in Self.reads {
                let reply = try await cluster.get(target)
                #expect(reply.status == 200, "\(target): \(reply.text)")
                let sample = try JSONParser.parse(try Shape.fixture("\(fixture).json"))
                let found = Shape(missing: missing).differences(try reply.json, from: sample)
                #expect(found == [], "\(target)")
                #expect(reply.header("Content-Type") == "application/json", "\(target)")
                #expect(reply.header("Vary") == "Accept-Encoding", "\(target)")
            }
        }
    }

    @Test func storedObjectsCarryTheirRevisionAndServersDoNot() async throws {
        try await withCluster(records: Sample.records) { cluster in
            for (target, _, _) in Self.reads {
                let reply = try await cluster.get(target)
                let isStored =
                    !target.hasPrefix("/v1/agent") && !target.hasPrefix("/v1/status") && target != "/v1/regions"
                #expect((reply.index ?? 0 > 0) == isStored, "\(target)")
                #expect((reply.header("X-Nomad-KnownLeader") == "true") == isStored, "\(target)")
                #expect((reply.header("X-Nomad-LastContact") == "0") == isStored, "\(target)")
            }
        }
    }

    @Test func valuesOfAnAllocationAreThoseOfItsRecord() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let reply = try await cluster.get("/v1/allocation/\(Sample.allocation)")
            guard case .object(let object) = try reply.json, case .object(let states)? = object["TaskStates"],
                case .object(let task)? = states["srv"]
            else {
                Issue.record("no task state in \(reply.text)")
                return
            }
            #expect(object["Name"] == .string("sample-svc.web[1]"))
            #expect(object["CreateTime"] == .integer(1_795_351_290_611_955_480))
            #expect(task["StartedAt"] == .string("2026-11-22T12:41:30.810890523Z"))
            #expect(task["FinishedAt"] == .null)
            #expect(reply.text.contains(#""DynamicPorts":[{"Label":"http","Value":21361,"#))
        }
    }

    @Test func coresThatAreKeptBackAreShown() async throws {
        let records = Sample.records.map { record in
            guard case .putNode(var node) = record else { return record }
            (node.cores, node.reservedCores) = (3, [1])
            return .putNode(node)
        }
        try await withCluster(records: records) { cluster in
            let text = try await cluster.get("/v1/node/\(Sample.node)").text
            #expect(text.contains(#""TotalCpuCores":3,"ReservableCpuCores":[0,2]}"#), "\(text)")
            #expect(text.contains(#","ReservedCpuCores":[1]}"#), "\(text)")
        }
    }

    @Test func writesAreShapedAsNomads() async throws {
        try await withCluster { cluster in
            let body = JobDocument(Sample.job()).json
            let request = Array(#"{"Job":"#.utf8) + body + Array("}".utf8)
            for method in ["PUT", "POST"] {
                let reply = try await cluster.send(method, "/v1/jobs", body: request)
                #expect(reply.status == 200, "\(reply.text)")
                let sample = try JSONParser.parse(try Shape.fixture("post_jobs.json"))
                #expect(Shape().differences(try reply.json, from: sample) == [])
                #expect(reply.index ?? 0 > 0)
                #expect(reply.header("X-Nomad-KnownLeader") == nil)
            }
            let validated = try await cluster.send("PUT", "/v1/validate/job", body: request)
            let model = try JSONParser.parse(try Shape.fixture("validate_job.json"))
            #expect(Shape().differences(try validated.json, from: model) == [])
            let stopped = try await cluster.send("DELETE", "/v1/job/sample-svc?purge=true")
            let sample = try JSONParser.parse(try Shape.fixture("delete_job.json"))
            let shape = Shape(missing: ["VolumeEvalID", "VolumeEvalIndex"])
            #expect(shape.differences(try stopped.json, from: sample) == [])
            #expect(try await cluster.get("/v1/job/sample-svc").status == 404)
        }
    }
}
