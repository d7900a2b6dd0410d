import ClusterClient
import ClusterKit
import Testing

@testable import ClusterHTTP

/// Counts are scaled, bounded and explained as Nomad's are.
struct ScalingRouteTests {
    private static func records(_ bounds: ScalingBounds) -> [Change] {
        Sample.records.map { change in
            guard case .putJob(var record) = change else { return change }
            for index in record.job.groups.indices { record.job.groups[index].scaling = bounds }
            return .putJob(record)
        }
    }

    private static let scale = "/v1/job/sample-svc/scale"

    private func count(_ cluster: TestCluster) -> Int? {
        cluster.server.snapshot.jobs[Sample.jobID]?.job.groups.first?.count
    }

    /// Two who scale at the same time do not undo what the other did without knowing of it.
    @Test func aCountIsChangedOnlyIfTheJobIsAsItWasRead() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let seen = try #require(cluster.server.snapshot.jobs[Sample.jobID]?.jobModifyRevision)
            let client = try ClusterClient(servers: [cluster.address])
            _ = try await client.scale("sample-svc", group: "web", to: 3, ifUnchangedSince: seen)
            let late = await #expect(throws: ClusterError.self) {
                try await client.scale("sample-svc", group: "web", to: 4, ifUnchangedSince: seen)
            }
            #expect(late?.code == .conflict && late?.message.hasPrefix("Enforcing job modify index") == true)
            await client.close()
            #expect(count(cluster) == 3)
            let free = try await cluster.put(
                Self.scale, #"{"Count": 5, "Target": {"Group": "web"}, "JobModifyIndex": 0}"#)
            #expect(free.status == 200 && count(cluster) == 5, "\(free.text)")
        }
    }

    @Test func theTargetIsThatOfThePath() async throws {
        try await withCluster(records: Sample.records) { cluster in
            for other in [#""Job": "other""#, #""Namespace": "dev""#] {
                let refused = try await cluster.put(Self.scale, #"{"Count": 3, "Target": {"Group": "web", \#(other)}}"#)
                #expect(refused.status == 400 && refused.text.contains("but the request is about"), "\(refused.text)")
            }
            #expect(count(cluster) == 2)
            let target = #"{"Group": "web", "Job": "sample-svc", "Namespace": "default"}"#
            #expect(try await cluster.put(Self.scale, #"{"Count": 3, "Target": \#(target)}"#).status == 200)
        }
    }

    /// Canaries are beside the count.
    @Test func theStatusCountsWhoIsWell() {
        let healths = [(true, false), (true, false), (false, false), (true, true)]
        let instances = healths.enumerated().map { number, health in
            var allocation = Allocation(
                id: AllocationID(high: 8, low: UInt64(number)), job: Sample.jobID, jobVersion: 0, group: "web",
                index: number, node: Sample.node, evaluation: Sample.evaluation, epoch: Epoch(1),
                resources: AllocatedResources(total: Resources()), time: Sample.time)
            allocation.client = .running
            allocation.health = AllocationHealth(isHealthy: health.0, time: Sample.time)
            allocation.isCanary = health.1
            return Change.putAllocation(allocation)
        }
        let record = JobRecord(job: Sample.job(), submitTime: Sample.time)
        var snapshot = Snapshot()
        snapshot.apply(
            ChangeBatch(
                revision: Revision(1), epoch: Epoch(1), time: Sample.time, changes: [.putJob(record)] + instances))
        let bytes = AnswerWriter.bytes { $0.scaleStatus(record, in: snapshot) }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""Placed":3,"Running":3,"Healthy":2,"Unhealthy":1"#), "\(text)")
    }

    private func events(_ cluster: TestCluster) async throws -> [ScaleStatusWire.Event] {
        let client = try ClusterClient(servers: [cluster.address])
        let groups = try await client.scaleStatus(of: "sample-svc").value.groups
        await client.close()
        return groups["web"]?.events ?? []
    }

    @Test func eventsTellWhyCountsChanged() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let changed = try await cluster.put(
                Self.scale,
                #"{"Count": 3, "Target": {"Group": "web"}, "Message": "more load", "Meta": {"cpu": 0.9}}"#)
            #expect(changed.status == 200 && changed.text.contains(#""EvalID":""#), "\(changed.text)")
            let failed = try await cluster.put(
                Self.scale, #"{"Target": {"Group": "web"}, "Message": "no figures", "Error": true}"#)
            #expect(failed.status == 200, "\(failed.text)")
            let found = try await events(cluster)
            #expect(found.map(\.message) == ["no figures", "more load"] && found.map(\.isError) == [true, false])
            #expect(found.map(\.count) == [nil, 3] && found.last?.previousCount == 2)
            let text = try await cluster.get(Self.scale).text
            #expect(text.contains(#""Meta":{"cpu":0.9}"#), "\(text)")
        }
    }

    @Test(arguments: [
        (#"{"Target": {"Group": "web"}}"#, "Count must say"), (#"{"Count": 1}"#, "Target must name a group"),
        (#"{"Count": 9, "Target": {"Group": "web"}}"#, "greater than scaling policy maximum: 9 > 4"),
        (#"{"Count": 0, "Target": {"Group": "web"}}"#, "less than scaling policy minimum: 0 < 1"),
        (#"{"Count": 3, "Error": true, "Target": {"Group": "web"}}"#, "changes no count"),
    ])
    func mistakesAreNamed(body: String, words: String) async throws {
        try await withCluster(records: Self.records(ScalingBounds(min: 1, max: 4))) { cluster in
            let reply = try await cluster.put(Self.scale, body)
            #expect(reply.status == 400 && reply.text.contains(words), "\(reply.text)")
        }
    }

    @Test func policiesAreListedAndShown() async throws {
        let bounds = ScalingBounds(min: 1, max: 4, policy: ["cooldown": .string("1m")])
        try await withCluster(records: Self.records(bounds)) { cluster in
            let client = try ClusterClient(servers: [cluster.address])
            let listed = try await client.scalingPolicies().value
            #expect(listed.map(\.target) == [["Namespace": "default", "Job": "sample-svc", "Group": "web"]])
            let one = try await client.scalingPolicy(try #require(listed.first?.id))
            #expect(one.value.min == 1 && one.value.max == 4)
            #expect(String(decoding: one.body, as: UTF8.self).contains(#""Policy":{"cooldown":"1m"}"#))
            await client.close()
            #expect(try await cluster.get("/v1/scaling/policies?job=other").text == "[]")
            let missing = try await cluster.get("/v1/scaling/policy/00000000-0000-0000-0000-000000000000")
            #expect(missing.status == 404 && missing.text == "policy not found")
        }
    }

    @Test func workIsToldAndTheWorkerRetired() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let work = "/v1/client/allocation/\(Sample.allocation)/work"
            let told = try await cluster.put(work, #"{"Busy": true, "Progress": 0.25, "KeepCost": 240}"#)
            #expect(told.status == 200, "\(told.text)")
            let shown = try await cluster.get("/v1/allocation/\(Sample.allocation)").text
            #expect(shown.contains(#""Work":{"Busy":true,"Progress":0.25,"KeepCost":240"#), "\(shown)")
            for (body, words) in [("{}", "Busy must say"), (#"{"Busy": true, "Progress": 7}"#, "lies in 0...1")] {
                let refused = try await cluster.put(work, body)
                #expect(refused.status == 400 && refused.text.contains(words), "\(refused.text)")
            }
            let retired = try await cluster.put("/v1/allocation/\(Sample.allocation)/retire", "{}")
            #expect(retired.status == 200, "\(retired.text)")
            let allocation = cluster.server.snapshot.allocations[Sample.allocation]
            #expect(allocation?.wish == .retire && allocation?.desired == .run, "it is busy")
            #expect(try await events(cluster).first?.count == 1)
        }
    }

    @Test func aNodeIsPurged() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let looked = try await cluster.put("/v1/node/\(Sample.node)/evaluate", "{}")
            #expect(looked.status == 200 && looked.text.hasPrefix(#"{"EvalIDs":[""#), "\(looked.text)")
            let index = try #require(looked.index)
            #expect(looked.text.contains(#""EvalCreateIndex":\#(index),"#), "\(looked.text)")
            let purged = try await cluster.put("/v1/node/\(Sample.node)/purge", "{}")
            #expect(purged.status == 200, "\(purged.text)")
            #expect(cluster.server.snapshot.nodes[Sample.node] == nil)
            #expect(cluster.server.snapshot.allocations[Sample.allocation]?.client == .lost)
            #expect(try await cluster.put("/v1/node/\(Sample.node)/purge", "{}").status == 404)
        }
    }
}
