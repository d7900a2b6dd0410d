public import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Decides as `BinPackScheduler` must, slowly and plainly: for each request it adds up every node from the list of
/// allocations. It defines what is right, and shares no code with what it is compared with.
public struct ReferenceScheduler: Scheduler {
    /// Makes the scheduler; it has nothing to set.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession { ReferenceSession(snapshot) }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        let session = ReferenceSession(snapshot)
        var takers: [Explanation.Line] = []
        var others: [Explanation.Line] = []
        for node in session.sortedNodes {
            switch session.opinion(of: node, on: request) {
            case .takes(let parts, let score):
                takers.append(Explanation.Line(node: node.id, name: node.name, score: score, parts: parts))
            case .forbids(let reason), .lacks(let reason):
                others.append(Explanation.Line(node: node.id, name: node.name, refusal: reason))
            }
        }
        let order = takers.indices.sorted {
            let (left, right) = (takers[$0].score ?? 0, takers[$1].score ?? 0)
            return left == right ? $0 < $1 : left > right
        }
        return Explanation(lines: order.map { takers[$0] } + others)
    }
}

/// All nodes and all that is held, in two dictionaries.
private struct ReferenceSession: SchedulingSession {
    struct Holder {
        var node: NodeID
        var job: JobID
        var group: String
        var resources: AllocatedResources
        var reserved: Bool
    }

    enum Opinion {
        case takes(parts: [String: Double], score: Double)
        case forbids(String)
        case lacks(String)
    }

    var nodes: [NodeID: Node] = [:]
    var holders: [AllocationID: Holder] = [:]

    init(_ snapshot: Snapshot) {
        for node in snapshot.nodes.sorted { nodes[node.id] = node }
        for allocation in snapshot.allocations.sorted { put(allocation) }
    }

    var sortedNodes: [Node] { nodes.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) } }

    mutating func put(_ allocation: Allocation) {
        if allocation.isTerminal {
            holders[allocation.id] = nil
        } else {
            holders[allocation.id] = Holder(
                node: allocation.node, job: allocation.job, group: allocation.group,
                resources: allocation.resources, reserved: false)
        }
    }

    mutating func apply(_ batch: ChangeBatch) -> Freed {
        var freed = Freed()
        for change in batch.changes {
            switch change {
            case .putAllocation(let allocation):
                if allocation.isTerminal, let holder = holders[allocation.id] { freed.nodes.insert(holder.node) }
                put(allocation)
            case .removeAllocation(let id):
                if let holder = holders.removeValue(forKey: id) { freed.nodes.insert(holder.node) }
            case .putNode(let node):
                nodes[node.id] = node
                freed.nodes.insert(node.id)
            case .removeNode(let id): nodes[id] = nil
            default: break
            }
        }
        freed.nodes = freed.nodes.filter { nodes[$0]?.takesWork == true }
        return freed
    }

    mutating func release(_ reserved: [AllocationID]) {
        for id in reserved where holders[id]?.reserved == true { holders[id] = nil }
    }

    func vacancy(on id: NodeID) -> Vacancy? {
        guard let node = nodes[id] else { return nil }
        let here = holders.values.filter { $0.node == id }
        let used = here.reduce(Resources()) { $0 + $1.resources.total }
        return Vacancy(
            cpuMHz: max(0, node.usable.cpuMHz) - used.cpuMHz, memoryMiB: max(0, node.usable.memoryMiB) - used.memoryMiB,
            diskMiB: max(0, node.usable.diskMiB) - used.diskMiB, cores: freeCores(on: node, here).count)
    }

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        var decisions: [Decision] = []
        for request in requests {
            var refusal = Refusal()
            refusal.nodesEvaluated = nodes.count
            var best: (node: Node, score: Double)?
            for node in sortedNodes {
                switch opinion(of: node, on: request) {
                case .takes(_, let score): if score > best?.score ?? -.infinity { best = (node, score) }
                case .forbids(let rule): refusal.filtered[rule, default: 0] += 1
                case .lacks(let resource): refusal.exhausted[resource, default: 0] += 1
                }
            }
            guard let best else {
                refusal.shortages = refusal.exhausted.keys.sorted() + (nodes.isEmpty ? ["no nodes"] : [])
                decisions.append(.refused(refusal))
                continue
            }
            let group = request.subject.group
            let resources = pick(group, on: best.node, using: &entropy)
            holders[request.allocation] = Holder(
                node: best.node.id, job: request.subject.job.id, group: group.name, resources: resources, reserved: true
            )
            decisions.append(.placed(Placement(node: best.node.id, resources: resources, score: best.score)))
        }
        return decisions
    }
}

extension ReferenceSession {
    func opinion(of node: Node, on request: PlacementRequest) -> Opinion {
        let (job, group) = (request.subject.job, request.subject.group)
        if let rule = ReferenceRules.broken(by: node, job, group) { return .forbids(rule) }
        let here = holders.values.filter { $0.node == node.id }
        let siblings = here.count { $0.job == job.id && $0.group == group.name }
        let distinct = { (constraints: [Constraint]) in
            constraints.contains { $0.comparison == .distinctHosts && $0.value != "false" }
        }
        if distinct(job.constraints), here.contains(where: { $0.job == job.id }) {
            return .forbids("distinct_hosts")
        }
        if distinct(group.constraints + group.tasks.flatMap(\.constraints)), siblings > 0 {
            return .forbids("distinct_hosts")
        }
        if let resource = missing(group, on: node, here) { return .lacks(resource) }
        let ask = amounts(group, on: node)
        let free = { (usable: Double, used: Double, ask: Double) in usable > 0 ? (usable - used - ask) / usable : 0 }
        let cpu = free(
            Double(node.capacity.cpuMHz) - Double(node.reserved.cpuMHz),
            here.reduce(0) { $0 + Double($1.resources.total.cpuMHz) }, ask.cpu)
        let memory = free(
            Double(node.capacity.memoryMiB) - Double(node.reserved.memoryMiB),
            here.reduce(0) { $0 + Double($1.resources.total.memoryMiB) }, ask.memory)
        var parts = ["binpack": max(0, min(18, 20 - (pow(10, cpu) + pow(10, memory)))) / 18]
        if siblings > 0 { parts["job-anti-affinity"] = -Double(siblings + 1) / Double(max(1, group.count)) }
        if request.avoided.contains(node.id) { parts["node-reschedule-penalty"] = -1 }
        let sum = parts.keys.sorted().reduce(0) { $0 + (parts[$1] ?? 0) }
        return .takes(parts: parts, score: sum / Double(parts.count))
    }

    /// Fractions do not overflow, and amounts of real machines are exact in them.
    private func amounts(_ group: TaskGroup, on node: Node) -> (cpu: Double, memory: Double, disk: Double) {
        let cores = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.cores)) }
        let share = node.cores > 0 ? node.capacity.cpuMHz / node.cores : 0
        let cpu = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.cpuMHz)) } + cores * Double(share)
        let memory = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.memoryMiB)) }
        return (cpu, memory, Double(max(0, group.disk.sizeMiB)))
    }

    private func takenPorts(on node: Node, _ here: [Holder]) -> Set<Int> {
        Set(node.reservedPorts + here.flatMap { $0.resources.ports.map(\.value) })
    }

    private func freeCores(on node: Node, _ here: [Holder]) -> [Int] {
        let taken = Set(here.flatMap { $0.resources.cores.values.joined() })
        return node.cores > 0 ? (0..<node.cores).filter { !taken.contains($0) } : []
    }

    private func missing(_ group: TaskGroup, on node: Node, _ here: [Holder]) -> String? {
        let fixed = (group.network?.ports ?? []).map(\.number).filter { $0 != 0 }
        let taken = takenPorts(on: node, here)
        if Set(fixed).count < fixed.count || fixed.contains(where: { taken.contains($0) || $0 < 1 || $0 > 65_535 }) {
            return "port"
        }
        let unavailable = taken.union(fixed)
        let choices = node.dynamicPorts.clamped(to: 1...65_535).count { !unavailable.contains($0) }
        if (group.network?.ports ?? []).count - fixed.count > choices { return "dynamic ports" }
        let cores = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.cores)) }
        if cores > Double(freeCores(on: node, here).count) { return "cores" }
        let ask = amounts(group, on: node)
        let used = here.reduce((cpu: 0.0, memory: 0.0, disk: 0.0)) { sum, holder in
            let total = holder.resources.total
            return (
                sum.cpu + Double(total.cpuMHz), sum.memory + Double(total.memoryMiB), sum.disk + Double(total.diskMiB)
            )
        }
        if used.cpu + ask.cpu > Double(node.capacity.cpuMHz) - Double(node.reserved.cpuMHz) { return "cpu" }
        if used.memory + ask.memory > Double(node.capacity.memoryMiB) - Double(node.reserved.memoryMiB) {
            return "memory"
        }
        return used.disk + ask.disk > Double(node.capacity.diskMiB) - Double(node.reserved.diskMiB) ? "disk" : nil
    }

    /// What the instance gets on a node where nothing is missing.
    private func pick(_ group: TaskGroup, on node: Node, using entropy: inout Entropy) -> AllocatedResources {
        let here = holders.values.filter { $0.node == node.id }
        let ask = amounts(group, on: node)
        var resources = AllocatedResources(
            total: Resources(cpuMHz: Int(ask.cpu), memoryMiB: Int(ask.memory), diskMiB: Int(ask.disk)))
        var cores = freeCores(on: node, here)
        for task in group.tasks where task.resources.cores > 0 {
            resources.cores[task.name] = Array(cores.prefix(task.resources.cores))
            cores.removeFirst(task.resources.cores)
        }
        let specs = group.network?.ports ?? []
        var taken = takenPorts(on: node, here).union(specs.map(\.number))
        for spec in specs {
            var number = spec.number
            if number == 0 {
                let choices = node.dynamicPorts.clamped(to: 1...65_535).filter { !taken.contains($0) }
                number = choices[entropy.below(choices.count)]
                taken.insert(number)
            }
            resources.ports.append(PortMapping(label: spec.label, value: number, to: spec.to, hostIP: node.address))
        }
        return resources
    }
}
