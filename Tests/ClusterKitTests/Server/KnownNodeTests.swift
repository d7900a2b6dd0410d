import Logging
import Testing

@testable import ClusterKit

/// Machines that older servers took, and register again.
@Suite struct KnownNodeTests {
    private let known: Node = {
        var node = Node(
            id: NodeID(high: 1, low: 1), name: "n", capacity: Resources(cpuMHz: 8, memoryMiB: 4, diskMiB: 4))
        (node.datacenter, node.pool, node.address) = ("Meyrin hall 1", "gpu x", "no where")
        node.reserved = Resources(memoryMiB: 5)
        return node
    }()

    private func changed(_ change: (inout Node) -> Void) -> Node {
        var node = known
        change(&node)
        return node
    }

    @Test func theyStayAsTheyAre() {
        #expect(known.mistake != nil && known.mistake(after: nil) == known.mistake)
        #expect(known.mistake(after: known) == nil)
        #expect(changed { $0.capacity.memoryMiB = 3 }.mistake(after: known) == nil, "what it has may shrink")
        #expect(changed { $0.datacenter = "dc1" }.mistake(after: known) == nil)
    }

    @Test func newNamesHaveToBeSound() {
        #expect(
            changed { $0.datacenter = "hall 2" }.mistake(after: known)?.contains("its datacenter \"hall 2\"") == true)
        #expect(changed { $0.pool = "gpu y" }.mistake(after: known)?.contains("its node pool \"gpu y\"") == true)
        #expect(changed { $0.address = "no\n" }.mistake(after: known)?.contains("its address") == true)
    }

    /// Nobody was ever taken with what sums could overflow by.
    @Test func amountsAreBoundedAllTheSame() {
        #expect(changed { $0.capacity.cpuMHz = .max }.mistake(after: known)?.contains("its amounts") == true)
        #expect(changed { $0.reservedPorts = [0] }.mistake(after: known)?.contains("its ports") == true)
    }

    @Test func theirWorkGoesOnAndTheLogWarns() async throws {
        let log = LoggedLines()
        try await withServer(logger: log.logger) { server in
            await #expect(throws: ClusterError.self) { try await server.register(known) }
            #expect(server.snapshot.nodes.count == 0)
            // As older servers did.
            _ = try await server.send(.registerNode(known))
            _ = try await server.register(known)
            _ = try await server.register(changed { $0.name = "renamed" })
            #expect(server.snapshot.nodes[known.id]?.name == "renamed")
            let error = await #expect(throws: ClusterError.self) {
                try await server.register(changed { $0.datacenter = "hall 2" })
            }
            #expect(error?.code == .invalid && error?.message.contains("hall 2") == true)
            #expect(server.snapshot.nodes[known.id]?.datacenter == "Meyrin hall 1")
        }
        let warnings = log.text.split(separator: "\n").filter { $0.contains("its node pool \"gpu x\"") }
        #expect(warnings.count == 2 && warnings.first?.contains("node n (") == true, "\(log.text)")
    }
}
