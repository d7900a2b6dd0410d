import ClusterClient
import ClusterKit
import Testing

/// Nodes are drained as Nomad's are.
struct NodeDrainTests {
    private static let path = "/v1/node/\(Sample.node)"

    private func node(_ cluster: TestCluster) async throws -> JSONObject {
        guard case .object(let node) = try await cluster.get(Self.path).json else {
            throw ClusterError(.internal, "no node")
        }
        return node
    }

    @Test func aDrainIsSetShownAndEnded() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let set = try await cluster.put(
                Self.path + "/drain",
                """
                {"DrainSpec": {"Deadline": 3600000000000, "IgnoreSystemJobs": true}, "MarkEligible": false,
                 "Meta": {"message": "new disk"}}
                """)
            #expect(set.status == 200 && set.text.contains(#""NodeModifyIndex":"#), "\(set.text)")
            let drained = try await node(cluster)
            #expect(drained["Drain"] == .bool(true) && drained["SchedulingEligibility"] == .string("ineligible"))
            guard case .object(let strategy)? = drained["DrainStrategy"] else {
                Issue.record("no strategy: \(drained)")
                return
            }
            #expect(strategy["Deadline"] == .integer(3_600_000_000_000))
            #expect(strategy["IgnoreSystemJobs"] == .bool(true))
            #expect(
                strategy.members.map(\.name).sorted() == [
                    "Deadline", "ForceDeadline", "IgnoreSystemJobs", "Reason", "StartedAt",
                ])
            #expect(strategy["Reason"] == .string("new disk"))
            let stored = cluster.server.snapshot.nodes[Sample.node]
            #expect(stored?.events.last?.message == "Node drain strategy set: new disk")
            #expect(stored?.drain?.reason == "new disk")
            let allocation = try await cluster.get("/v1/allocation/\(Sample.allocation)")
            #expect(allocation.text.contains(#""DesiredTransition":{"Migrate":true"#), "\(allocation.text)")
            let refused = try await cluster.put(Self.path + "/eligibility", #"{"Eligibility": "eligible"}"#)
            #expect(refused.status == 400 && refused.text.contains("being drained"))

            let ended = try await cluster.put(Self.path + "/drain", #"{"DrainSpec": null, "MarkEligible": true}"#)
            #expect(ended.status == 200)
            let free = try await node(cluster)
            #expect(free["Drain"] == .bool(false) && free["DrainStrategy"] == .null)
            #expect(free["SchedulingEligibility"] == .string("eligible"))
        }
    }

    @Test(arguments: [
        (#"{"Deadline": -1}"#, true, false), (#"{"Deadline": 0}"#, false, false), ("{}", false, false),
        (#"{"Deadline": 1000000000}"#, false, true),
    ])
    func deadlinesAreReadAsNomadReadsThem(spec: String, isForced: Bool, hasDeadline: Bool) async throws {
        try await withCluster(records: Sample.records) { cluster in
            let reply = try await cluster.put(Self.path + "/drain", "{\"DrainSpec\": \(spec)}")
            #expect(reply.status == 200)
            let drain = cluster.server.snapshot.nodes[Sample.node]?.drain
            #expect(drain?.isForced == isForced && (drain?.deadline != nil) == hasDeadline)
        }
    }

    @Test(arguments: [
        ("{}", 400, "DrainSpec must say how"), (#"{"DrainSpec": 1}"#, 400, "DrainSpec must be an object"),
        (#"{"DrainSpec": {"Deadline": "1h"}}"#, 400, "Deadline must be a number of nanoseconds"),
        (#"{"DrainSpec": {"Deadline": 9223372036854775807}}"#, 400, "at most a year"),
    ])
    func mistakesAreNamed(body: String, status: Int, words: String) async throws {
        try await withCluster(records: Sample.records) { cluster in
            let reply = try await cluster.put(Self.path + "/drain", body)
            #expect(reply.status == status && reply.text.contains(words), "\(reply.text)")
            let unknown = try await cluster.put(
                "/v1/node/00000000-0000-0000-0000-00000000000f/drain", #"{"DrainSpec": {}}"#)
            #expect(unknown.status == 404 && unknown.text.contains("node not found"))
        }
    }
}
