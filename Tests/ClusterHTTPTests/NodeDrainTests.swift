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

    @Test func aDeadlineBeyondItsRangeIsSaidToBeTooLarge() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let answer = try await cluster.put(
                Self.path + "/drain", #"{"DrainSpec": {"Deadline": 99999999999999999999}}"#)
            #expect(answer.status == 400 && answer.text.contains("Deadline is too large"), "\(answer.text)")
            #expect(cluster.server.snapshot.nodes[Sample.node]?.drain == nil)
        }
    }

    /// Who drained a node and why is told when that is over, too.
    @Test func theLastDrainIsRemembered() async throws {
        try await withCluster(records: Sample.records) { cluster in
            #expect(try await node(cluster)["LastDrain"] == .null)
            let hour = #""DrainSpec": {"Deadline": 3600000000000}"#
            _ = try await cluster.put(Self.path + "/drain", #"{\#(hour), "Meta": {"message": "new disk"}}"#)
            let started = try await last(cluster)
            #expect(started["Status"] == .string("draining"))
            #expect(reason(started) == "new disk")
            _ = try await cluster.put(Self.path + "/drain", #"{\#(hour), "Meta": {"message": "newer: disk"}}"#)
            let updated = try await last(cluster)
            #expect(reason(updated) == "newer: disk")
            #expect(updated["StartedAt"] == started["StartedAt"] && updated["Status"] == .string("draining"))
            _ = try await cluster.put(Self.path + "/drain", #"{"DrainSpec": null}"#)
            let ended = try await last(cluster)
            #expect(ended["Status"] == .string("canceled") && ended["Meta"] == updated["Meta"])
            #expect(ended["StartedAt"] == started["StartedAt"] && ended["UpdatedAt"] != started["UpdatedAt"])
            #expect(try await cluster.get("/v1/nodes").text.contains(#""Status":"canceled""#))
        }
    }

    /// A drain with nothing to move is over at once.
    @Test func aDrainThatIsOverIsComplete() async throws {
        let alone = Sample.records.filter { if case .putNode = $0 { true } else { false } }
        try await withCluster(records: alone) { cluster in
            _ = try await cluster.put(Self.path + "/drain", #"{"DrainSpec": {"Deadline": 0}}"#)
            var snapshot = cluster.server.snapshot
            while snapshot.nodes[Sample.node]?.drain != nil {
                snapshot = await cluster.server.snapshot(
                    of: .node(Sample.node), beyond: snapshot.revision, atMost: .milliseconds(100))
            }
            let drain = try await last(cluster)
            #expect(drain["Status"] == .string("complete") && drain["Meta"] == .null)
        }
    }

    /// One by which the cluster tidies up is given up when not all find room elsewhere.
    @Test func aDrainThatWasGivenUpIsCanceled() async throws {
        let records: [Change] = Sample.records.map { change in
            guard case .putNode(var node) = change else { return change }
            for words in ["strategy set: moves 1 allocation", "ended: not all found room elsewhere"] {
                node.note(NodeEvent(time: Sample.time, subsystem: "Drain", message: "Node drain \(words)"))
            }
            return .putNode(node)
        }
        try await withCluster(records: records) { cluster in
            let drain = try await last(cluster)
            #expect(drain["Status"] == .string("canceled"))
        }
    }

    private func reason(_ drain: JSONObject) -> String? {
        guard case .object(let words)? = drain["Meta"], case .string(let text)? = words["message"] else { return nil }
        return text
    }

    private func last(_ cluster: TestCluster) async throws -> JSONObject {
        guard case .object(let drain)? = try await node(cluster)["LastDrain"] else {
            throw ClusterError(.internal, "no last drain")
        }
        return drain
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
