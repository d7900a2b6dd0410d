import Testing

@testable import ClusterKit

/// What a running server tells of the nodes that it keeps.
@Suite struct KeptNodeTellingTests {
    @Test func theListAndTheReasonsNameTheNodesThatTheServerKeeps() async throws {
        try await withServer { server in
            for number in 1...2 as ClosedRange<UInt64> {
                let node = Node(
                    id: NodeID(high: 1, low: number), name: "node-\(number)",
                    capacity: Resources(cpuMHz: 4000, memoryMiB: 8192, diskMiB: 100_000),
                    drivers: ["raw_exec": DriverStatus(healthy: true)])
                _ = try await server.register(node)
            }
            _ = try await server.register(makeJob("filler", count: 8, cpuMHz: 1000, kind: .batch))
            #expect(server.waitingList.groups.isEmpty)
            var urgent = makeJob("urgent", cpuMHz: 2000, kind: .batch)
            urgent.priority = 90
            var gang = makeJob("gang", count: 2, cpuMHz: 4000, kind: .batch)
            gang.groups[0].gang = Gang()
            for job in [urgent, gang, makeJob("small", cpuMHz: 1000, kind: .batch)] {
                _ = try await server.register(job)
            }
            let groups = server.waitingList.groups
            #expect(groups.map(\.job.id) == ["urgent", "gang", "small"])
            #expect(groups.map(\.keptNodeNames) == [[], ["node-1", "node-2"], []])
            func reasons(_ job: String) throws -> [String] {
                try server.placement(of: JobID(job)).groups.flatMap { $0.explanation.refusals.map(\.refusal) }
            }
            #expect(try reasons("small") == [Refusal.kept])
            #expect(
                try !reasons("urgent").contains(Refusal.kept), "what is kept for those behind it is not kept from it")
            #expect(try !reasons("gang").contains(Refusal.kept))
        }
    }
}
