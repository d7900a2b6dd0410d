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
        let nodes = snapshot.nodes.sortedKeys
        var (placed, besideKept, onKept) = (0, 0, 0)
        for number in 0..<12 {
            let job = job(number, count: 100 + entropy.below(200), &entropy)
            let subject = try #require(PlacementSubject(job, group: "web"))
            // Some ask twice for one allocation, which ends the common way there.
            let ids = entropy.identifiers(job.groups[0].count, of: Allocation.self)
            let requests = requests(ids + ids.prefix(number % 3), subject, among: nodes, &entropy)
            var (one, other) = (entropy, entropy)
            let decisions = indexed.place(requests, using: &one)
            #expect(plain.place(requests, using: &other) == decisions, "job \(number)")
            for (request, decision) in zip(requests, decisions) {
                guard case .placed(let placement) = decision else { continue }
                placed += 1
                if !request.withheld.isEmpty { besideKept += 1 }
                if request.withheld.contains(placement.node) { onKept += 1 }
            }
            let gone = ids.filter { _ in entropy.below(3) == 0 }
            indexed.release(gone)
            plain.release(gone)
        }
        #expect(onKept == 0)
        #expect(placed > 800 && besideKept > 300, "\(placed) \(besideKept)")
    }

    /// Nodes are kept for others in half of all runs, others after some time, and a few instances avoid one.
    private func requests(
        _ ids: [AllocationID], _ subject: PlacementSubject, among nodes: [NodeID], _ entropy: inout Entropy
    ) -> [PlacementRequest] {
        let shares = [[0, 0], [0, 3], [3, 40], [40, 5]][entropy.below(4)]
        let kept = shares.map { share in Set(nodes.filter { _ in entropy.below(100) < share }) }
        let (change, avoiding) = (entropy.below(ids.count), [0, 0, 10][entropy.below(3)])
        return ids.enumerated().map { number, id in
            let avoided = entropy.below(100) < avoiding ? Set(nodes.filter { _ in entropy.below(60) == 0 }) : []
            return PlacementRequest(
                allocation: id, subject: subject, avoided: avoided, withheld: kept[number < change ? 0 : 1])
        }
    }

    // MARK: What it costs

    /// How much is looked at for so many instances, some of whose `nodes` are kept for others.
    private func looks(
        _ count: Int, of job: Job, _ snapshot: Snapshot, _ change: (inout PlacementRequest, _ nodes: [NodeID]) -> Void
    ) throws -> Int {
        var (entropy, decisions) = (Entropy(seed: 1), [Decision]())
        var session = BinPackSession(snapshot, localities: [], indexedFrom: 1)
        let subject = try #require(PlacementSubject(job, group: "web"))
        let nodes = snapshot.nodes.sortedKeys
        let requests = entropy.identifiers(count, of: Allocation.self).map { id in
            var request = PlacementRequest(allocation: id, subject: subject)
            change(&request, nodes)
            return request
        }
        let found = session.indexedCandidates(for: subject)
        var candidates = try #require(found)
        session.place(requests[...], among: &candidates, using: &entropy, into: &decisions)
        #expect(decisions.allSatisfy { if case .placed = $0 { true } else { false } })
        return candidates.looks
    }

    @Test(arguments: [0, 1, 2, 4], [false, true])
    func keptAndAvoidedNodesCostLittle(kind: Int, hasPort: Bool) throws {
        var entropy = Entropy(seed: 7)
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1), records: (0..<300).map { .putNode(node($0, &entropy)) })
        var job = job(kind, count: 400, &entropy)
        if hasPort { job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 8080)]) }
        let plain = try looks(200, of: job, snapshot) { _, _ in }
        let kept = try looks(200, of: job, snapshot) { $0.withheld = Set($1.prefix(20)) }
        let avoiding = try [100, 200].map { count in
            try looks(count, of: job, snapshot) { $0.avoided = [$1[Int($0.allocation.low % 200)]] }
        }
        // Others are the best then, but as few are looked at; a look at all for each would come to some 50,000.
        #expect(kept <= 2 * plain, "\(kept) \(plain)")
        // Twice as many cost twice as much, not four times.
        #expect(avoiding[1] <= 3 * avoiding[0])
    }
}
