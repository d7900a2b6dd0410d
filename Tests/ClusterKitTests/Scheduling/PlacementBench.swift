import ClusterKit
import ClusterTesting
import Testing

/// A state and a session on it, to ask for placements in few words.
struct PlacementBench {
    private(set) var snapshot: Snapshot
    private(set) var session: any SchedulingSession
    private var entropy = Entropy(seed: 3)
    private let scheduler: BinPackScheduler

    init(_ nodes: [Node], rules: SchedulingRules? = nil, scheduler: BinPackScheduler = BinPackScheduler()) {
        var records = nodes.map(Change.putNode)
        if let rules { records.append(.putSchedulingRules(rules)) }
        snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: records)
        self.scheduler = scheduler
        session = scheduler.session(on: snapshot)
    }

    /// Asks for `times` instances, and makes true what was placed.
    mutating func place(
        _ job: Job, _ group: String = "web", times: Int = 1, _ change: (inout PlacementRequest) -> Void = { _ in }
    ) -> [Decision] {
        guard let subject = PlacementSubject(job, group: group) else { return [] }
        let requests = (0..<times).map { _ in
            var request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            change(&request)
            return request
        }
        let decisions = session.place(requests, using: &entropy)
        var changes: [Change] = []
        for (request, decision) in zip(requests, decisions) {
            guard case .placed(let placement) = decision else { continue }
            let allocation = Allocation(
                id: request.allocation, job: job.id, jobVersion: 0, group: group, index: 0, node: placement.node,
                evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1), resources: placement.resources,
                time: WallTime(nanoseconds: 0))
            changes.append(.putAllocation(allocation))
            for var victim in placement.evicting.compactMap({ snapshot.allocations[$0] }) {
                victim.desired = .evict
                changes.append(.putAllocation(victim))
            }
        }
        commit(changes)
        return decisions
    }

    mutating func commit(_ changes: [Change]) {
        let batch = ChangeBatch(
            revision: snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes)
        let follows = snapshot.apply(batch)
        #expect(follows)
        _ = session.apply(batch)
    }

    mutating func end(_ id: AllocationID) {
        guard var allocation = snapshot.allocations[id] else { return }
        allocation.client = .complete
        commit([.putAllocation(allocation)])
    }

    /// The names of the nodes that were given; `-` where none was.
    func names(_ decisions: [Decision]) -> [String] {
        decisions.map { decision in
            guard case .placed(let placement) = decision else { return "-" }
            return snapshot.nodes[placement.node]?.name ?? "?"
        }
    }

    func refusal(_ decisions: [Decision]) -> Refusal {
        for case .refused(let refusal) in decisions { return refusal }
        Issue.record("nothing was refused")
        return Refusal()
    }

    /// What each node says to one more instance, by name.
    func lines(
        _ job: Job, _ group: String = "web", _ change: (inout PlacementRequest) -> Void = { _ in }
    ) throws -> [String: Explanation.Line] {
        var request = PlacementRequest(
            allocation: AllocationID(high: 9, low: 9), subject: try #require(PlacementSubject(job, group: group)))
        change(&request)
        let lines = scheduler.explain(request, on: snapshot).lines
        return Dictionary(uniqueKeysWithValues: lines.map { ($0.name, $0) })
    }
}

extension Double {
    /// Whether the difference is one of rounding only.
    func isNearly(_ other: Double) -> Bool { abs(self - other) < 1e-12 }
}

/// Equal nodes `a1`, `a2`, … for `[("a", 2)]`, each with its prefix as datacenter and rack.
func sites(_ sites: [(name: String, count: Int)], cores: Int = 4, memoryGiB: Int = 4) -> [Node] {
    var nodes: [Node] = []
    for site in sites {
        for number in 0..<site.count {
            var node = SampleCluster.node(
                "\(site.name)\(number + 1)", number: UInt64(nodes.count + 1), cores: cores, memoryGiB: memoryGiB)
            node.datacenter = site.name
            node.meta["rack"] = site.name
            nodes.append(node)
        }
    }
    return nodes
}
