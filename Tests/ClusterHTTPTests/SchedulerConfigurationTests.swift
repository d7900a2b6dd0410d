import ClusterClient
import ClusterKit
import Testing

/// The rules of placement are read and changed as Nomad's scheduler configuration.
struct SchedulerConfigurationTests {
    private static let path = "/v1/operator/scheduler/configuration"

    private func rules(_ reply: TestCluster.Reply) throws -> JSONObject {
        guard case .object(let answer) = try reply.json, case .object(let rules)? = answer["SchedulerConfig"] else {
            throw ClusterError(.internal, "no rules in \(reply.text)")
        }
        return rules
    }

    private func preemption(_ reply: TestCluster.Reply) throws -> [String: JSONValue] {
        guard case .object(let switches)? = try rules(reply)["PreemptionConfig"] else { return [:] }
        return Dictionary(switches.members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    @Test func defaultsAreNomadsInItsShape() async throws {
        try await withCluster { cluster in
            let reply = try await cluster.get(Self.path)
            let sample = try JSONParser.parse(try Shape.fixture("scheduler_configuration.json"))
            #expect(Shape().differences(try reply.json, from: sample) == [])
            #expect(reply.status == 200 && reply.index ?? 0 > 0 && reply.header("X-Nomad-KnownLeader") == "true")
            let rules = try rules(reply)
            #expect(rules["SchedulerAlgorithm"] == .string("binpack"))
            #expect(rules["MemoryOversubscriptionEnabled"] == .bool(false))
            #expect(
                try preemption(reply) == [
                    "SystemSchedulerEnabled": .bool(true), "SysBatchSchedulerEnabled": .bool(false),
                    "BatchSchedulerEnabled": .bool(false), "ServiceSchedulerEnabled": .bool(false),
                ])
        }
    }

    @Test(arguments: ["PUT", "POST"])
    func whatIsStatedIsSetAndTheRestIsOff(method: String) async throws {
        try await withCluster { cluster in
            let body = """
                {"SchedulerAlgorithm": "spread", "MemoryOversubscriptionEnabled": true, "RejectJobRegistration": false,
                 "PreemptionConfig": {"ServiceSchedulerEnabled": true, "BatchSchedulerEnabled": true}}
                """
            let set = try await cluster.send(method, Self.path, body: Array(body.utf8))
            #expect(set.status == 200 && set.text.hasPrefix(#"{"Updated":true,"Index":"#), "\(set.text)")
            let reply = try await cluster.get(Self.path)
            #expect(reply.index == set.index)
            #expect(try rules(reply)["SchedulerAlgorithm"] == .string("spread"))
            #expect(try rules(reply)["MemoryOversubscriptionEnabled"] == .bool(true))
            #expect(try preemption(reply)["SystemSchedulerEnabled"] == .bool(false))
            #expect(try preemption(reply)["BatchSchedulerEnabled"] == .bool(true))
            let stored = cluster.server.snapshot.schedulingRules
            #expect(stored.algorithm == .spread && stored.memoryOversubscription)
            #expect(stored.preempting == [.service, .batch])
        }
    }

    @Test func checkAndSetNamesTheIndexThatIsMeant() async throws {
        try await withCluster { cluster in
            let first = try await cluster.put("\(Self.path)?cas=0", #"{"SchedulerAlgorithm": "spread"}"#)
            #expect(first.text.hasPrefix(#"{"Updated":true"#), "\(first.text)")
            let index = try #require(first.index)
            let stale = try await cluster.put("\(Self.path)?cas=0", #"{"SchedulerAlgorithm": "binpack"}"#)
            #expect(stale.status == 200 && stale.text == #"{"Updated":false,"Index":\#(index)}"#)
            #expect(cluster.server.snapshot.schedulingRules.algorithm == .spread)
            let second = try await cluster.put("\(Self.path)?cas=\(index)", #"{"SchedulerAlgorithm": "binpack"}"#)
            #expect(second.text.hasPrefix(#"{"Updated":true"#))
            let rules = cluster.server.snapshot.schedulingRules
            #expect(rules.algorithm == .binpack && rules.createRevision.number == index)
            #expect(rules.modifyRevision.number == second.index)
        }
    }

    @Test func statingTheSameAgainChangesNothing() async throws {
        try await withCluster { cluster in
            let first = try await cluster.put(Self.path, "{}")
            let again = try await cluster.put(Self.path, "{}")
            #expect(again.text.hasPrefix(#"{"Updated":true"#))
            #expect(cluster.server.snapshot.schedulingRules.modifyRevision.number == first.index)
        }
    }

    @Test(arguments: [
        (#"{"SchedulerAlgorithm": "random"}"#, "must be \"binpack\" or \"spread\", not \"random\""),
        (#"{"SchedulerAlgorithm": 1}"#, "SchedulerAlgorithm must be a text"),
        (#"{"PreemptionConfig": {"SystemSchedulerEnabled": "yes"}}"#, "SystemSchedulerEnabled must be true or false"),
        (#"{"RejectJobRegistration": true}"#, "RejectJobRegistration is not supported"),
        (#"{"PauseEvalBroker": true}"#, "PauseEvalBroker is not supported"),
        (#"{"SchedulerConfig": {}}"#, "not under SchedulerConfig"), ("[]", "must be a JSON object"),
    ])
    func whatMakesNoSenseIsRefused(body: String, message: String) async throws {
        try await withCluster { cluster in
            let reply = try await cluster.put(Self.path, body)
            #expect(reply.status == 400 && reply.text.contains(message), "\(reply.text)")
            #expect(cluster.server.snapshot.schedulingRules == SchedulingRules())
        }
    }

    @Test func aReadThatWaitsIsWokenByAChangeOnly() async throws {
        try await withCluster { cluster in
            let client = try ClusterClient(servers: [cluster.address])
            let before = try await client.schedulerConfiguration()
            let (seen, written) = try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask {
                    let options = ReadOptions(index: before.index, wait: .seconds(60))
                    return try await client.schedulerConfiguration(options).value.configuration.algorithm
                }
                _ = try await cluster.server.register(Sample.job("other"))
                var rules = before.value.configuration
                rules.algorithm = "spread"
                let update = try await client.setSchedulerConfiguration(rules)
                return (try await group.next(), update.isUpdated)
            }
            #expect(seen == "spread" && written)
            let stale = try await client.setSchedulerConfiguration(
                before.value.configuration, ifUnchangedSince: Revision(1))
            #expect(!stale.isUpdated)
            await client.close()
        }
    }

    private struct NoWrites: Authorizer {
        func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {
            if action == .writeServers { throw ClusterError(.denied, "no") }
        }
    }

    @Test func writingNeedsItsOwnPermission() async throws {
        try await withCluster(authorizer: NoWrites()) { cluster in
            let read = try await cluster.get(Self.path)
            let written = try await cluster.put(Self.path, "{}")
            #expect(read.status == 200 && written.status == 403)
            let error = await #expect(throws: ClusterError.self) {
                _ = try await cluster.server.setSchedulingRules(SchedulingRules(algorithm: .spread))
            }
            #expect(error?.code == .denied)
        }
    }
}
