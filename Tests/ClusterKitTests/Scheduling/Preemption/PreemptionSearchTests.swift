import ClusterTesting
import Testing

@testable import ClusterKit

/// Who makes room is found without a look at all nodes, and is whoever a look at all of them finds.
@Suite struct PreemptionSearchTests {
    @Test(arguments: 0..<8)
    func searchFindsWhatALookAtAllFinds(seed: UInt64) {
        var world = CrowdedWorld(seed: seed, nodes: 70 + Int(seed) * 30)
        let plain = BinPackScheduler(indexedFrom: .max).session(on: world.snapshot)
        let indexed = BinPackScheduler(indexedFrom: 1).session(on: world.snapshot)
        var sessions = [plain, indexed]
        var (evicting, stretches) = (0, Set<Int>())
        for round in 0..<60 {
            let requests = world.requests()
            let choice = world.entropy
            let answers = sessions.indices.map { number in
                var entropy = choice
                return sessions[number].place(requests, using: &entropy)
            }
            for (place, pair) in zip(answers[0], answers[1]).enumerated() where pair.0 != pair.1 {
                Issue.record("round \(round), request \(place + 1) of \(requests.count): \(pair.0)\nbut \(pair.1)")
                return
            }
            for case .placed(let placement) in answers[1] where !placement.evicting.isEmpty {
                evicting += 1
                if let number = world.number(of: placement.node) { stretches.insert(number / YieldingStretches.width) }
            }
            let batch = world.commit(requests, answers[1])
            for number in sessions.indices {
                if batch.isEmpty { sessions[number].release(requests.map(\.allocation)) }
                _ = sessions[number].apply(
                    ChangeBatch(
                        revision: world.snapshot.revision, epoch: Epoch(1), time: WallTime(nanoseconds: 0),
                        changes: batch))
            }
        }
        #expect(evicting > 40 && stretches.count > 1)
    }

    /// What a stretch promises is never less than what one of its nodes offers, and nothing where none can.
    @Test func fewestCountsWhatIsMissing() {
        let ask = PreemptionAsk(cpu: 100, memory: 50, disk: 0, ports: [], limit: 40, algorithm: .binpack)
        let fewest = { (free: (Int, Int), largest: (Int, Int)) in
            ask.fewest(
                free: PlacementIndex.Amounts(cpu: free.0, memory: free.1),
                largest: PlacementIndex.Amounts(cpu: largest.0, memory: largest.1))
        }
        #expect(fewest((100, 50), (0, 0)) == 1)
        #expect(fewest((0, 50), (100, 0)) == 1)
        #expect(fewest((0, 50), (99, 0)) == 2)
        #expect(fewest((-1, 50), (50, 0)) == 3)
        #expect(fewest((0, 0), (100, 10)) == 5)
        #expect(fewest((0, 50), (0, 50)) == nil)
    }

    @Test func noVictimsHaveAHigherPart() {
        for lowest in [-3, 0, 1, 2, 3, 10, 40] {
            for count in 1...9 {
                let best = VictimChoice.best(lowest: lowest, count: count)
                for highest in [lowest, lowest + 1, lowest + 2, lowest + 5, lowest + 60] {
                    let part = VictimChoice.part([highest] + Array(repeating: lowest, count: count - 1))
                    #expect(part <= best, "\(count) of \(lowest), \(highest)")
                }
                if lowest > 0, count - 1 <= lowest {
                    #expect(VictimChoice.part(Array(repeating: lowest, count: count)) == best)
                }
            }
        }
    }
}

/// A cluster that work of many priorities fills, and requests that others have to make room for.
private struct CrowdedWorld {
    var entropy: Entropy
    private(set) var snapshot: Snapshot
    private var jobs = 0
    private var order: [NodeID]

    init(seed: UInt64, nodes count: Int) {
        var entropy = Entropy(seed: seed)
        let nodes = (0..<count).map { number in
            var node = SampleCluster.node(
                "n\(1000 + number)", number: UInt64(number + 1), cores: entropy.below(4) == 0 ? 2 : 4,
                memoryGiB: entropy.below(4) == 0 ? 16 : 4)
            node.meta = ["rack": "r\(entropy.below(4))"]
            node.pool = entropy.below(5) == 0 ? "spare" : "default"
            return node
        }
        order = nodes.map(\.id)
        snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1),
            records: nodes.map(Change.putNode) + [
                .putSchedulingRules(
                    SchedulingRules(
                        algorithm: seed % 4 == 3 ? .spread : .binpack, preempting: Set(JobKind.allCases)))
            ])
        self.entropy = entropy
        fill(nodes)
    }

    /// Some of the work is alike on all nodes, and some is like no other.
    private mutating func fill(_ nodes: [Node]) {
        let lows = [10, 20, 20, 25, 30, 55].map { priority in
            Job.sample("low-\(priority)-\(entropy.below(1000))") { $0.priority = priority }
        }
        var changes = lows.map { Change.putJob(JobRecord(job: $0, submitTime: WallTime(nanoseconds: 0))) }
        for node in nodes {
            var free = (cpu: node.capacity.cpuMHz, memory: node.capacity.memoryMiB)
            while free.cpu > 1000, free.memory > 256 {
                let isAlike = entropy.below(3) > 0
                let cpu = min(free.cpu, isAlike ? 2500 : 500 + entropy.below(4000))
                let memory = min(free.memory, isAlike ? 1024 : 100 + entropy.below(2000))
                free = (free.cpu - cpu, free.memory - memory)
                changes.append(
                    .putAllocation(
                        allocation(
                            entropy.identifier(), lows[entropy.below(lows.count)].id, "web", node.id,
                            Resources(cpuMHz: cpu, memoryMiB: memory, diskMiB: 300))))
            }
        }
        apply(changes)
    }

    private mutating func allocation(
        _ id: AllocationID, _ job: JobID, _ group: String, _ node: NodeID, _ resources: Resources
    ) -> Allocation {
        Allocation(
            id: id, job: job, jobVersion: 0, group: group, index: 0, node: node,
            evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: resources), time: WallTime(nanoseconds: Int64(entropy.below(5))))
    }

    private mutating func apply(_ changes: [Change]) {
        let follows = snapshot.apply(
            ChangeBatch(
                revision: snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes))
        #expect(follows)
    }

    func number(of node: NodeID) -> Int? { order.firstIndex(of: node) }

    mutating func requests() -> [PlacementRequest] {
        let isOld = jobs > 3 && entropy.below(3) == 0
        let number = isOld ? entropy.below(jobs) : jobs
        if !isOld { jobs += 1 }
        // The same job is the same each time it comes.
        var own = Entropy(seed: UInt64(number))
        let sizes = [(2500, 1024), (5000, 2048), (5000, 512), (1000 + own.below(5000), 100 + own.below(3000))]
        let size = sizes[own.below(sizes.count)]
        var job = Job.sample("high-\(number)", count: 2 + own.below(4), cpu: size.0, memory: size.1)
        job.priority = [35, 50, 70][own.below(3)]
        if own.below(4) == 0 { job.spreads = [Spread("${meta.rack}", weight: 50)] }
        if own.below(4) == 0 { job.affinities = [Affinity("${meta.rack}", .equal, "r1", weight: 30)] }
        if own.below(6) == 0 { job.constraints = [Constraint("${meta.rack}", .notEqual, "r2")] }
        if own.below(6) == 0 { job.groups[0].nodePools = ["spare", "default"] }
        if own.below(6) == 0 { job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 8080)]) }
        if own.below(6) == 0 { job.constraints.append(Constraint("", .distinctHosts, "true")) }
        var other = job.groups[0]
        other.name = "api"
        job.groups.append(other)
        guard let subject = PlacementSubject(job, group: entropy.below(3) == 0 ? "api" : "web") else { return [] }
        return (0..<1 + entropy.below(4)).map { _ in
            var request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            if entropy.below(8) == 0 { request.avoided = [order[entropy.below(order.count)]] }
            if entropy.below(8) == 0 { request.withheld = [order[entropy.below(order.count)]] }
            if entropy.below(8) == 0 { request.pinned = order[entropy.below(order.count)] }
            return request
        }
    }

    /// What becomes true after an answer: nothing, or the placements, with the end of some victims and of others.
    mutating func commit(_ requests: [PlacementRequest], _ decisions: [Decision]) -> [Change] {
        guard entropy.below(6) > 0, let job = requests.first?.subject.job else { return [] }
        var changes = [Change.putJob(JobRecord(job: job, submitTime: WallTime(nanoseconds: 0)))]
        for (request, decision) in zip(requests, decisions) {
            guard case .placed(let placement) = decision else { continue }
            var placed = allocation(
                request.allocation, job.id, request.subject.group.name, placement.node, placement.resources.total)
            placed.resources = placement.resources
            changes.append(.putAllocation(placed))
            for id in placement.evicting { changes += end(id, isConfirmed: entropy.below(2) == 0) }
        }
        let others = snapshot.allocations.sorted
        for _ in 0..<entropy.below(3) where !others.isEmpty {
            changes += end(others[entropy.below(others.count)].id, isConfirmed: true)
        }
        if entropy.below(5) == 0, var node = snapshot.nodes[order[entropy.below(order.count)]] {
            node.meta = ["rack": "r\(entropy.below(4))"]
            changes.append(.putNode(node))
        }
        apply(changes)
        return changes
    }

    private func end(_ id: AllocationID, isConfirmed: Bool) -> [Change] {
        guard var victim = snapshot.allocations[id] else { return [] }
        victim.desired = .evict
        if isConfirmed { victim.client = .complete }
        return [.putAllocation(victim)]
    }
}
