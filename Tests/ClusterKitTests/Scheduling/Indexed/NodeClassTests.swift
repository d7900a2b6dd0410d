import ClusterTesting
import Testing

@testable import ClusterKit

/// Machines of one kind that differ a little in what their agents measure.
@Suite struct NodeClassTests {
    private static let count: UInt64 = 64

    private let snapshot: Snapshot = {
        let nodes = (1...count).map { number in
            var node = SampleCluster.node("n\(100 + number)", number: number, cores: 8, memoryGiB: 16)
            node.attributes["memory.totalbytes"] = "\(17_179_869_184 - number * 4096)"
            node.attributes["cpu.totalcompute"] = "\(16_000 + number)"
            node.attributes["unique.hostname"] = node.name
            return node
        }
        return Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
    }()

    private func place(_ job: Job, indexedFrom nodes: Int) throws -> (decision: Decision, classes: Int) {
        var session = BinPackSession(snapshot, localities: [], indexedFrom: nodes)
        var entropy = Entropy(seed: 1)
        let subject = try #require(PlacementSubject(job, group: "web"))
        let request = PlacementRequest(allocation: AllocationID(high: 1, low: 1), subject: subject)
        let decisions = session.place([request], using: &entropy)
        return (decisions[0], session.field.classes.count)
    }

    @Test func areOfOneClass() throws {
        #expect(try place(.sample("web", count: 1, cpu: 500, memory: 256), indexedFrom: 1).classes == 1)
    }

    @Test(arguments: ["memory.totalbytes", "cpu.totalcompute"]) func aRuleMayTellThemApart(_ name: String) throws {
        for number in [1, Self.count / 2, Self.count] {
            let node = try #require(snapshot.nodes.sorted.first { $0.name == "n\(100 + number)" })
            var job = Job.sample("web", count: 1, cpu: 500, memory: 256)
            job.constraints = [Constraint("${attr.\(name)}", .equal, node.attributes[name] ?? "")]
            for indexedFrom in [1, Int.max] {
                guard case .placed(let placement) = try place(job, indexedFrom: indexedFrom).decision else {
                    Issue.record("only \(node.name) is as it asks, and it was not taken")
                    continue
                }
                #expect(placement.node == node.id)
            }
        }
    }
}
