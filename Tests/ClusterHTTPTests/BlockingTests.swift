import ClusterClient
import ClusterKit
import Testing

/// Reads that wait are woken by what they asked for, and by nothing else.
struct BlockingTests {
    @Test func aReadIsWokenByItsTopicOnly() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let before = try await client.nodes()
            let sawChange = try await withThrowingTaskGroup(of: UInt64.self) { group in
                group.addTask {
                    let options = ReadOptions(index: before.index, wait: .seconds(600))
                    return try await client.nodes(options).index.number
                }
                // Jobs are none of the reader's business; only the node's change may wake it.
                for number in 0..<5 {
                    _ = try await cluster.server.register(Sample.job("other-\(number)"))
                }
                let changed = try await cluster.server.setEligibility(Sample.node, .ineligible)
                return (try await group.next(), changed.revision.number)
            }
            #expect(sawChange.0 == sawChange.1)
            await client.close()
        }
    }

    @Test func aReadOfAJobIsNotWokenByAnotherJob() async throws {
        try await withCluster { cluster in
            _ = try await cluster.server.register(Sample.job("mine"))
            _ = try await cluster.server.register(Sample.job("other"))
            let first = try await settled(cluster, "/v1/job/mine")
            _ = try await cluster.server.register(Sample.job("another"))
            let again = try await cluster.get("/v1/job/mine?index=\(first)&wait=100ms")
            #expect(again.index == first)
            let missed = try await cluster.get("/v1/jobs?index=\(first)&wait=600s")
            #expect(missed.index ?? 0 > first)
        }
    }

    /// The index of a read once the scheduler has looked at the job.
    private func settled(_ cluster: TestCluster, _ target: String) async throws -> UInt64 {
        var index = try await cluster.get(target).index ?? 0
        while true {
            let next = try await cluster.get("\(target)?index=\(index)&wait=200ms").index ?? 0
            if next == index { return index }
            index = next
        }
    }

    @Test func aReadThatNothingWakesAnswersAfterItsWait() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let index = try await cluster.get("/v1/nodes").index ?? 0
            let reply = try await cluster.get("/v1/nodes?index=\(index)&wait=20ms")
            #expect(reply.status == 200)
            #expect(reply.index == index)
            let ahead = try await cluster.get("/v1/nodes?index=18446744073709551615&wait=20ms")
            #expect(ahead.index == index)
        }
    }

    @Test(.timeLimit(.minutes(10))) func shutdownAnswersWhatIsParked() async throws {
        let asked = AskedAuthorizer()
        try await withCluster(records: Sample.records, authorizer: asked) { cluster in
            let index = try await cluster.get("/v1/nodes").index ?? 0
            let arrived = asked.count + 1
            async let waiting = cluster.get("/v1/nodes?index=\(index)&wait=3600s")
            // Until the read has arrived, a shutdown would only find a request that was never heard of.
            try await asked.reaches(arrived)
            await cluster.shutDown()
            #expect(try await waiting.status == 200)
        }
    }
}
