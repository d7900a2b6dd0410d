package import ClusterKit

/// A cluster drawn from a seed, the jobs that are asked of it, and the changes that happen to it.
package struct SchedulingWorld {
    package private(set) var snapshot = Snapshot()
    package private(set) var entropy: Entropy
    private var nextNode: UInt64 = 1

    package init(seed: UInt64) {
        entropy = Entropy(seed: seed)
        var changes: [Change] = []
        for _ in 0..<(2 + entropy.below(10)) { changes.append(.putNode(newNode())) }
        commit(changes)
    }

    /// Makes changes true and gives the batch, for the session to take in.
    @discardableResult
    package mutating func commit(_ changes: [Change]) -> ChangeBatch {
        let batch = ChangeBatch(
            revision: snapshot.revision.next, epoch: Epoch(1),
            time: WallTime(nanoseconds: Int64(snapshot.revision.number) * 1_000_000_000), changes: changes)
        snapshot.apply(batch)
        return batch
    }

    package mutating func chance(_ percent: Int) -> Bool { entropy.below(100) < percent }

    package mutating func one<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[entropy.below(elements.count)]
    }

    // MARK: Nodes

    private mutating func newNode() -> Node {
        let cores = [0, 2, 4, 16][entropy.below(4)]
        var node = Node(
            id: NodeID(high: entropy.next(), low: nextNode), name: "n\(nextNode)",
            datacenter: ["dc1", "dc2", "east-1"][entropy.below(3)], pool: chance(80) ? "default" : "gpu",
            capacity: Resources(
                cpuMHz: 1000 * (1 + entropy.below(16)), memoryMiB: 1024 * (1 + entropy.below(16)),
                diskMiB: 5000 * (1 + entropy.below(4))),
            reserved: Resources(cpuMHz: entropy.below(500), memoryMiB: entropy.below(512)), cores: cores)
        nextNode += 1
        node.attributes = ["kernel.name": chance(80) ? "linux" : "darwin", "rank": "\(entropy.below(12))"]
        if chance(50) { node.attributes["unique.tag"] = "t\(entropy.below(3))" }
        node.meta = chance(50) ? ["sets": "a, b,c", "tier": "\(entropy.below(3))"] : [:]
        node.reservedPorts = chance(50) ? [22, 8080] : [22]
        let first = 20_000 + entropy.below(10)
        node.dynamicPorts = first...(first + 5 + entropy.below(20))
        node.drivers = ["raw_exec": DriverStatus(healthy: chance(95))]
        if chance(50) { node.drivers["docker"] = DriverStatus(healthy: true) }
        node.status = chance(95) ? .ready : .down
        node.eligibility = chance(95) ? .eligible : .ineligible
        return node
    }

    // MARK: Jobs

    /// A job with one or two groups, most of which fit somewhere.
    package mutating func newJob() -> Job {
        var groups: [TaskGroup] = []
        for number in 0...entropy.below(2) {
            var group = TaskGroup(name: "g\(number)", count: 1 + entropy.below(6))
            for task in 0...entropy.below(2) { group.tasks.append(newTask("t\(task)")) }
            group.disk.sizeMiB = 100 + entropy.below(1500)
            group.network = newNetwork()
            if chance(30) { group.constraints.append(newConstraint()) }
            if chance(10) { group.constraints.append(Constraint("", .distinctHosts)) }
            groups.append(group)
        }
        var job = Job(id: JobID("j\(entropy.below(12))"), groups: groups)
        job.datacenters = [["*"], ["dc*"], ["dc1", "*-1"], ["dc2"]][entropy.below(4)]
        job.nodePool = chance(60) ? "default" : chance(70) ? "all" : "gpu"
        if chance(30) { job.constraints.append(newConstraint()) }
        if chance(5) { job.constraints.append(Constraint("", .distinctHosts)) }
        return job
    }

    private mutating func newTask(_ name: String) -> TaskSpec {
        var task = TaskSpec(name: name, driver: chance(85) ? "raw_exec" : "docker")
        task.resources.cpuMHz = 100 + entropy.below(1500)
        task.resources.memoryMiB = 64 + entropy.below(chance(5) ? 100_000 : 2000)
        if chance(25) {
            task.resources.cpuMHz = 0
            task.resources.cores = 1 + entropy.below(3)
        }
        return task
    }

    private mutating func newNetwork() -> NetworkSpec? {
        guard chance(60) else { return nil }
        var network = NetworkSpec()
        for number in 0..<entropy.below(4) { network.ports.append(PortSpec(label: "p\(number)")) }
        if chance(30) {
            let number = [80, 8080, 20_012][entropy.below(3)]
            network.ports.insert(PortSpec(label: "fixed", number: number), at: entropy.below(network.ports.count + 1))
        }
        return network
    }

    private mutating func newConstraint() -> Constraint {
        let choices = [
            Constraint("${attr.kernel.name}", .equal, "linux"), Constraint("${attr.kernel.name}", .notEqual, "darwin"),
            Constraint("${attr.rank}", .greater, "\(entropy.below(10))"),
            Constraint("${attr.rank}", .lessOrEqual, "\(2 + entropy.below(12))"),
            Constraint("${attr.rank}", .less, "9.5"), Constraint("${attr.kernel.name}", .greaterOrEqual, "e"),
            Constraint("${meta.tier}", .isSet), Constraint("${meta.tier}", .isNotSet),
            Constraint("${meta.tier}", .notEqual, "1"), Constraint("${meta.sets}", .setContains, "c,a"),
            Constraint("${meta.sets}", .setContainsAny, "x, b"), Constraint("${node.datacenter}", .notEqual, "dc2"),
            Constraint("${attr.unique.tag}", .equal, "${unique.tag}"), Constraint("${node.pool}", .equal, "gpu"),
        ]
        return choices[entropy.below(choices.count)]
    }

    /// Requests for instances of one group of `job`, some of them with nodes to avoid.
    package mutating func requests(for job: Job, atMost count: Int) -> [PlacementRequest] {
        guard let group = one(of: job.groups), let subject = PlacementSubject(job, group: group.name) else { return [] }
        let nodes = snapshot.nodes.sortedKeys
        return (0...entropy.below(count)).map { _ in
            var request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            if chance(20), let node = one(of: nodes) { request.avoided = [node] }
            return request
        }
    }

    /// What is stored when a placement becomes true.
    package func allocation(_ request: PlacementRequest, _ placement: Placement) -> Allocation {
        var allocation = Allocation(
            id: request.allocation, job: request.subject.job.id, jobVersion: 0, group: request.subject.group.name,
            index: 0,
            node: placement.node, evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1),
            resources: placement.resources, time: WallTime(nanoseconds: 0))
        allocation.score = placement.score
        return allocation
    }

    // MARK: Events

    /// Something that happens to nodes and instances, as changes.
    package mutating func event() -> [Change] {
        let running = snapshot.allocations.sorted.filter { !$0.isTerminal }
        switch entropy.below(12) {
        case 0: return [.putNode(newNode())]
        case 1: return changeNode { $0.status = $0.status == .ready ? .down : .ready }
        case 2: return changeNode { $0.eligibility = $0.eligibility == .eligible ? .ineligible : .eligible }
        case 3: return changeNode { $0.capacity.memoryMiB += 512 }
        case 4: return changeNode { $0.attributes["kernel.name"] = "linux" }
        case 5: return one(of: running).map { [.removeAllocation($0.id)] } ?? []
        case 6:
            guard var allocation = one(of: running) else { return [] }
            allocation.desired = .stop
            return [.putAllocation(allocation)]
        case 7:
            guard snapshot.nodes.count > 2, let node = one(of: snapshot.nodes.sortedKeys) else { return [] }
            return [.removeNode(node)]
        default:
            guard var allocation = one(of: running) else { return [] }
            allocation.client = [.complete, .failed, .lost][entropy.below(3)]
            return [.putAllocation(allocation)]
        }
    }

    private mutating func changeNode(_ body: (inout Node) -> Void) -> [Change] {
        guard var node = one(of: snapshot.nodes.sorted) else { return [] }
        body(&node)
        return [.putNode(node)]
    }
}
