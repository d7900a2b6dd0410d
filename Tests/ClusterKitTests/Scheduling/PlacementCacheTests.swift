import ClusterTesting
import Testing

@testable import ClusterKit

/// What a session remembers between calls changes no answer, and many requests at once get what they get one by one.
@Suite struct PlacementCacheTests {
    @Test(arguments: 0..<12)
    func memoryChangesNothing(seed: UInt64) throws {
        var world = RuleWorld(seed: seed)
        var session = BinPackScheduler().session(on: world.snapshot)
        var placed = 0
        for _ in 0..<40 {
            let requests = world.requests()
            let choice = world.entropy
            var (one, other, third) = (choice, choice, choice)
            var fresh = BinPackScheduler().session(on: world.snapshot)
            var single = session
            let explanation = BinPackScheduler().explain(requests[0], on: world.snapshot)
            let decisions = session.place(requests, using: &one)
            #expect(fresh.place(requests, using: &other) == decisions)
            #expect(requests.flatMap { single.place([$0], using: &third) } == decisions)
            if case .placed(let first) = decisions[0] {
                #expect(explanation.lines[0].node == first.node && explanation.lines[0].score == first.score)
                placed += 1
            } else {
                #expect(explanation.lines.allSatisfy { $0.score == nil && !$0.refusal.isEmpty })
            }
            guard world.entropy.below(4) > 0 else {
                session.release(requests.map(\.allocation))
                continue
            }
            _ = session.apply(world.commit(requests, decisions))
        }
        #expect(placed > 10)
    }
}

/// Nodes that differ in all that rules look at, and jobs with some of all rules.
private struct RuleWorld {
    var entropy: Entropy
    private(set) var snapshot = Snapshot()
    private var jobs: [Job] = []

    init(seed: UInt64) {
        entropy = Entropy(seed: seed)
        let nodes = (1...18).map { node(UInt64($0)) }
        snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        jobs = (1...6).map { job("job\($0)") }
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element { choices[entropy.below(choices.count)] }

    private mutating func node(_ number: UInt64) -> Node {
        var node = SampleCluster.node("n\(number)", number: number, cores: pick([2, 4]), memoryGiB: pick([2, 4, 8]))
        node.datacenter = pick(["dc1", "dc2"])
        node.pool = pick(["default", "default", "gpu"])
        node.meta = pick([[:], ["rack": "r1"], ["rack": "r2"], ["rack": "r3"]])
        node.nodeClass = pick(["fast", "slow"])
        node.hostVolumes = pick([[:], ["cache": HostVolume(path: "/cache")]])
        if node.pool == "gpu" {
            node.devices = [
                DeviceGroup(
                    name: DeviceName(vendor: "nvidia", kind: "gpu", model: pick(["t4", "a100"])),
                    instances: [DeviceInstance("0"), DeviceInstance("1")])
            ]
        }
        node.eligibility = pick([.eligible, .eligible, .eligible, .ineligible])
        return node
    }

    private mutating func job(_ name: String) -> Job {
        var job = Job.sample(name, count: 6, cpu: pick([200, 900]), memory: pick([100, 700]))
        let targets = [SpreadTarget("dc1", percent: pick([30, 60, 100]))]
        job.spreads = pick([[], [Spread("${meta.rack}")], [Spread("${node.datacenter}", weight: 20, targets: targets)]])
        job.affinities = pick([[], [Affinity("${node.class}", .equal, "fast", weight: pick([-40, 70]))]])
        job.constraints = pick([
            [], [Constraint("", .distinctHosts)], [Constraint("${meta.rack}", .distinctProperty, "2")],
        ])
        job.nodePool = "all"
        job.groups[0].spreads = pick([[], [Spread("${node.class}")]])
        job.groups[0].nodePools = pick([[], ["gpu", "default"], ["default", "all"]])
        job.groups[0].volumes = pick([[], [], [VolumeRequest(name: "v", source: "cache")]])
        job.groups[0].tasks[0].resources.devices = pick([
            [], [],
            [DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .equal, "t4")])],
        ])
        job.groups[0].network = pick([
            nil, NetworkSpec(ports: [PortSpec(label: "a", number: 80), PortSpec(label: "b")]),
        ])
        return job
    }

    mutating func requests() -> [PlacementRequest] {
        let nodes = snapshot.nodes.sorted.map(\.id)
        var requests: [PlacementRequest] = []
        for _ in 0...entropy.below(2) {
            guard let subject = PlacementSubject(pick(jobs), group: "web") else { continue }
            for _ in 0...entropy.below(4) {
                requests.append(
                    PlacementRequest(
                        allocation: entropy.identifier(), subject: subject,
                        avoided: pick([[], [], [pick(nodes), pick(nodes)]]),
                        withheld: pick([[], [], [], Set(nodes.prefix(6))]),
                        pinned: pick([nil, nil, nil, nil, pick(nodes)])))
            }
        }
        return requests
    }

    /// Makes true what was decided, and something else.
    mutating func commit(_ requests: [PlacementRequest], _ decisions: [Decision]) -> ChangeBatch {
        var changes: [Change] = []
        for (request, decision) in zip(requests, decisions) {
            guard case .placed(let placement) = decision else { continue }
            let job = request.subject.job
            let allocation = Allocation(
                id: request.allocation, job: job.id, jobVersion: 0, group: "web", index: 0, node: placement.node,
                evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1), resources: placement.resources,
                time: WallTime(nanoseconds: 0))
            changes.append(.putAllocation(allocation))
        }
        let running = snapshot.allocations.sorted.filter { !$0.isTerminal }
        switch entropy.below(6) {
        case 0: changes.append(.putNode(node(UInt64(1 + entropy.below(20)))))
        case 1: changes.append(.removeNode(NodeID(high: 0, low: UInt64(1 + entropy.below(20)))))
        case 2: changes.append(.putSchedulingRules(SchedulingRules(algorithm: pick([.binpack, .spread]))))
        // Another version of a job, with rules of its own.
        case 3: jobs[0] = job("job1")
        default:
            for _ in 0..<3 where !running.isEmpty {
                var allocation = pick(running)
                allocation.client = .complete
                changes.append(.putAllocation(allocation))
            }
        }
        let batch = ChangeBatch(
            revision: snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes)
        let follows = snapshot.apply(batch)
        #expect(follows)
        return batch
    }
}
