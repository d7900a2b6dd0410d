import ClusterClient
import ClusterHTTP
import ClusterKit
import Testing

/// Agents find in the client the link that the server itself is.
struct AgentLinkTests {
    private func node(_ number: UInt64 = 1) -> Node {
        Node(id: NodeID(high: 7, low: number), name: "n\(number)", capacity: Resources(cpuMHz: 1000, memoryMiB: 1000))
    }

    @Test func anAgentIsKnownHeardAndToldWhatToRun() async throws {
        try await withCluster(records: Sample.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let node = node()
            await #expect(throws: ClusterError.self) { try await client.heartbeat(node.id) }
            do {
                _ = try await client.heartbeat(node.id)
            } catch let error as ClusterError {
                #expect(error.code == .notFound)
            }
            let direct = try await cluster.server.register(node)
            #expect(try await client.register(node) == direct)
            #expect(try await client.heartbeat(node.id) == direct)
            let assigned = try await client.assignments(for: Sample.node, after: .zero, wait: .zero)
            let expected = try await cluster.server.assignments(for: Sample.node, after: .zero, wait: .zero)
            #expect(assigned == expected)
            #expect(assigned.allocations.map(\.allocation.id) == [Sample.allocation])
            let report = AllocationReport(id: Sample.allocation, client: .failed, description: "gone")
            try await client.report([report], from: Sample.node)
            #expect(cluster.server.snapshot.allocations[Sample.allocation]?.client == .failed)
            await client.close()
        }
    }

    @Test func aHeartbeatDoesNotStandBehindParkedCalls() async throws {
        let asked = AskedAuthorizer()
        try await withCluster(authorizer: asked) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let node = node()
            _ = try await client.register(node)
            let stamp = try await client.assignments(for: node.id, after: .zero, wait: .zero).stamp
            try await withThrowingTaskGroup(of: Void.self) { group in
                let arrived = asked.count + 80
                for _ in 0..<40 {
                    group.addTask {
                        _ = try? await client.assignments(for: node.id, after: stamp, wait: .seconds(300))
                    }
                    group.addTask { _ = try? await client.inquiries(for: node.id, wait: .seconds(300)) }
                }
                try await asked.reaches(arrived)
                _ = try await client.heartbeat(node.id)
                group.cancelAll()
            }
            await client.close()
        }
    }

    @Test func aClientGoesOnToTheNextServer() async throws {
        try await withCluster { cluster in
            // Nothing listens on port 1 of this machine.
            let client = try ClusterClient(servers: ["http://127.0.0.1:1", cluster.address])
            #expect(try await client.register(node()).heartbeatTTL > .zero)
            #expect(client.server == cluster.address)
            await client.close()
            let lonely = try ClusterClient(servers: ["http://127.0.0.1:1"])
            do {
                _ = try await lonely.jobs()
                Issue.record("nothing listens there")
            } catch let error as ClusterError {
                #expect(error.code == .unavailable)
                #expect(error.message.contains("http://127.0.0.1:1"))
            }
            await lonely.close()
        }
    }

    @Test func garbageIsRefused() async throws {
        try await withCluster { cluster in
            for part in ["register", "assignments", "report", "inquiries", "answer"] {
                for body in [[], [UInt8](repeating: 0xFF, count: 40), Array("{}".utf8)] {
                    let reply = try await cluster.send("PUT", "/v1/agent-link/\(node().id)/\(part)", body: body)
                    #expect([200, 400, 404].contains(reply.status), "\(part): \(reply.status)")
                }
            }
            let other = try await cluster.send(
                "PUT", "/v1/agent-link/\(node(2).id)/register", body: node(1).encoded)
            #expect(other.status == 400)
        }
    }

    @Test func aTakenPortIsSaidInWords() async throws {
        try await withCluster { cluster in
            let second = APIServer(cluster.server, configuration: APIConfiguration(port: cluster.port))
            await #expect(
                throws: ClusterError(
                    .inUse,
                    "port \(cluster.port) on 127.0.0.1 is taken by another program; choose another with --http-port")
            ) { try await second.run() }
            #expect(await second.port == nil)
        }
    }
}
