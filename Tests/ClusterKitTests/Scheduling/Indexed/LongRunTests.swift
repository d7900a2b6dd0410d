import ClusterTesting
import Testing

@testable import ClusterKit

/// Runs of hundreds of equal instances: through the index, which remembers much between them, they get what a look at
/// all nodes gives each.
@Suite struct LongRunTests {
    private static let racks = 5

    private func node(_ number: UInt64, _ entropy: inout Entropy) -> Node {
        var node = SampleCluster.node(
            "n\(1000 + number)", number: number, cores: [4, 8][entropy.below(2)], memoryGiB: [8, 16][entropy.below(2)])
        node.meta = ["rack": "r\(number % UInt64(Self.racks))", "kind": "k\(entropy.below(2))"]
        node.capacity.diskMiB = [2_000, 40_000][entropy.below(2)]
        return node
    }

    /// One of six ways in which instances of a job look at each other.
    private func job(_ number: Int, count: Int, _ entropy: inout Entropy) -> Job {
        let (cpu, memory) = ([300, 700, 1100][entropy.below(3)], [128, 512, 900][entropy.below(3)])
        var job = Job.sample("job\(number)", count: count, cpu: cpu, memory: memory)
        job.groups[0].disk.sizeMiB = [0, 300][entropy.below(2)]
        switch number % 6 {
        case 0: break
        case 1: job.spreads = [Spread("${meta.rack}")]
        case 2: job.spreads = [Spread("${meta.rack}", targets: [SpreadTarget("r0", percent: 50)])]
        case 3: job.constraints = [Constraint("${meta.rack}", .distinctProperty, "\(count / 6)")]
        case 4:
            job.spreads = [Spread("${meta.rack}"), Spread("${meta.kind}", weight: 30)]
            job.affinities = [Affinity("${meta.kind}", .equal, "k1", weight: 40)]
        default: job.constraints = [Constraint("", .distinctHosts)]
        }
        return job
    }

    @Test(arguments: 0..<3 as Range<UInt64>, [PlacementAlgorithm.binpack, .spread])
    func indexDecidesAsALookAtAllNodes(seed: UInt64, algorithm: PlacementAlgorithm) throws {
        var entropy = Entropy(seed: seed)
        var records = (0..<150).map { Change.putNode(node($0, &entropy)) }
        records.append(.putSchedulingRules(SchedulingRules(algorithm: algorithm)))
        let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: records)
        var indexed = BinPackScheduler(indexedFrom: 1).session(on: snapshot)
        var plain = BinPackScheduler(indexedFrom: .max).session(on: snapshot)
        var placed = 0
        for number in 0..<12 {
            let job = job(number, count: 100 + entropy.below(200), &entropy)
            let subject = try #require(PlacementSubject(job, group: "web"))
            // Some ask twice for one allocation, which ends the common way there.
            let ids = entropy.identifiers(job.groups[0].count, of: Allocation.self)
            let requests = (ids + ids.prefix(number % 3)).map { PlacementRequest(allocation: $0, subject: subject) }
            var (one, other) = (entropy, entropy)
            let decisions = indexed.place(requests, using: &one)
            #expect(plain.place(requests, using: &other) == decisions, "job \(number)")
            placed += decisions.count { if case .placed = $0 { true } else { false } }
            let gone = ids.filter { _ in entropy.below(3) == 0 }
            indexed.release(gone)
            plain.release(gone)
        }
        #expect(placed > 800)
    }
}
