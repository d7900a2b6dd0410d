import ClusterKit
import Testing

/// Pools of nodes are shown as Nomad shows them.
struct NodePoolTests {
    /// Two nodes, one of them in a pool of its own, and jobs that name these pools.
    private static let records: [Change] = {
        let machines = Sample.records.compactMap { if case .putNode(let node) = $0 { node } else { nil } }
        var gpu = machines[0]
        gpu = Node(id: NodeID(high: 1, low: 2), name: "peer2", capacity: gpu.capacity, drivers: gpu.drivers)
        gpu.pool = "gpu"
        var (train, mixed) = (Sample.job("train"), Sample.job("mixed", namespace: "other"))
        train.nodePool = "gpu"
        mixed.groups[0].nodePools = ["gpu", "default"]
        let jobs = [train, mixed].map { Change.putJob(JobRecord(job: $0, submitTime: Sample.time)) }
        return Sample.records + [.putNode(gpu)] + jobs
    }()

    private func names(_ cluster: TestCluster, _ target: String, _ member: String = "Name") async throws -> [String] {
        let reply = try await cluster.get(target)
        guard case .array(let found) = try reply.json else {
            throw ClusterError(.internal, "\(target): \(reply.status) \(reply.text)")
        }
        return found.compactMap { value in
            if case .object(let object) = value, case .string(let name)? = object[member] { name } else { nil }
        }
    }

    @Test func thoseThatNodesAreInAreListed() async throws {
        try await withCluster(records: Self.records) { cluster in
            #expect(try await names(cluster, "/v1/node/pools") == ["all", "default", "gpu"])
            #expect(try await names(cluster, "/v1/node/pools?prefix=g") == ["gpu"])
            let first = try await cluster.get("/v1/node/pools?per_page=2")
            #expect(first.header("X-Nomad-NextToken") == "gpu" && first.index ?? 0 > 0)
            let one = try await cluster.get("/v1/node/pool/all")
            #expect(
                one.text == #"{"Name":"all","Description":"Node pool with all nodes in the cluster.","Meta":null,"#
                    + #""SchedulerConfiguration":null,"CreateIndex":1,"ModifyIndex":1}"#)
            let none = try await cluster.get("/v1/node/pool/tape")
            #expect(none.status == 404 && none.text == "node pool not found" && none.index ?? 0 > 0)
            let made = try await cluster.put("/v1/node/pools", "{}")
            #expect(made.status == 405 && made.header("Allow") == "GET, HEAD")
        }
    }

    @Test func theirNodesAndJobsAreListed() async throws {
        try await withCluster(records: Self.records) { cluster in
            #expect(try await names(cluster, "/v1/node/pool/gpu/nodes") == ["peer2"])
            #expect(try await names(cluster, "/v1/node/pool/all/nodes").sorted() == ["peer1", "peer2"])
            #expect(try await names(cluster, "/v1/node/pool/gpu/jobs?namespace=*", "ID") == ["train", "mixed"])
            #expect(try await names(cluster, "/v1/node/pool/gpu/jobs", "ID") == ["train"])
            let usual = try await names(cluster, "/v1/node/pool/default/jobs?namespace=*", "ID")
            #expect(usual == ["sample-svc", "mixed"])
            #expect(try await cluster.get("/v1/node/pool/tape/jobs").status == 404)
        }
    }
}
