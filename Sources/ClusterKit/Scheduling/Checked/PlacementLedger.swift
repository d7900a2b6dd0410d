/// Who holds what on which node, for looking at answers of schedulers.
///
/// One that makes room and the one that waits for it hold the same room, one after the other. So what is held now,
/// without those who wait, has to fit, and what is held later, without those who go.
struct PlacementLedger: Sendable {
    private struct Holder: Sendable {
        let held: Held
        /// Whose end it waits for.
        var awaits: [AllocationID]
    }

    private var nodes: [NodeID: Node] = [:]
    private var holders: [AllocationID: Holder] = [:]
    private var onNode: [NodeID: Set<AllocationID>] = [:]
    private var priorities = JobPriorities()
    private var rules: SchedulingRules

    init(_ snapshot: Snapshot) {
        rules = snapshot.schedulingRules
        for node in snapshot.nodes.unordered { nodes[node.id] = node }
        for record in snapshot.jobVersions.unordered { priorities.learn(record) }
        for allocation in snapshot.allocations.unordered { put(allocation) }
    }

    mutating func apply(_ batch: ChangeBatch) {
        for change in batch.changes {
            _ = priorities.note(change)
            switch change {
            case .putNode(let node): nodes[node.id] = node
            case .removeNode(let id): nodes[id] = nil
            case .putAllocation(let allocation): put(allocation)
            case .removeAllocation(let id): drop(id)
            case .putSchedulingRules(let rules): self.rules = rules
            default: break
            }
        }
    }

    private mutating func put(_ allocation: Allocation) {
        drop(allocation.id)
        if !allocation.isTerminal { add(Holder(held: Held(allocation), awaits: allocation.preempted)) }
    }

    private mutating func add(_ holder: Holder) {
        holders[holder.held.id] = holder
        onNode[holder.held.node, default: []].insert(holder.held.id)
    }

    private mutating func drop(_ id: AllocationID) {
        guard let holder = holders.removeValue(forKey: id) else { return }
        onNode[holder.held.node]?.remove(id)
        if onNode[holder.held.node]?.isEmpty == true { onNode[holder.held.node] = nil }
    }

    /// Notes a placement in which nothing is wrong.
    mutating func reserve(_ request: PlacementRequest, _ placement: Placement) {
        var held = Held(
            id: request.allocation, node: placement.node, groupKey: request.subject.key,
            resources: placement.resources)
        held.isReserved = true
        add(Holder(held: held, awaits: placement.evicting))
    }

    /// Gives back what was reserved and is not confirmed.
    mutating func release(_ reserved: [AllocationID]) {
        for id in reserved where holders[id]?.held.isReserved == true { drop(id) }
    }

    // MARK: What may be wrong

    /// What is wrong with a placement, in words; `nil` when it can be taken.
    func mistake(in placement: Placement, for request: PlacementRequest) -> String? {
        guard holders[request.allocation] == nil else {
            return "allocation \(request.allocation.short) has a node already"
        }
        guard let node = nodes[placement.node] else { return "node \(placement.node.short) is not known" }
        if !node.takesWork { return "node \(node.name) takes no work" }
        if request.withheld.contains(node.id) { return "node \(node.name) is kept for other work" }
        if let pinned = request.pinned, pinned != node.id { return "node \(node.name) was not asked about" }
        let here = (onNode[node.id] ?? []).sorted().compactMap { holders[$0] }
        let going = Set(here.flatMap(\.awaits)).union(here.lazy.filter(\.held.isGoing).map(\.held.id))
        if Set(placement.evicting).count < placement.evicting.count { return "an allocation ends twice" }
        for id in placement.evicting {
            if let mistake = mistake(ending: id, on: node, for: request, going) { return mistake }
        }
        let others = here.filter { !placement.evicting.contains($0.held.id) }
        let now = others.filter { $0.awaits.allSatisfy { holders[$0] == nil } }
        let later = others.filter { !going.contains($0.held.id) }
        for holders in [now, later] {
            if let clash = clash(of: placement.resources, with: holders, on: node, for: request) { return clash }
        }
        return nil
    }

    private func mistake(
        ending id: AllocationID, on node: Node, for request: PlacementRequest, _ going: Set<AllocationID>
    ) -> String? {
        guard let victim = holders[id]?.held, victim.node == node.id else {
            return "allocation \(id.short), which is to end, is not on node \(node.name)"
        }
        let job = request.subject.job
        if id == request.replacing {
            let mayEnd = victim.groupKey == request.subject.key && victim.isLive && !going.contains(id)
            return mayEnd ? nil : "allocation \(id.short) cannot be replaced"
        }
        guard rules.preempting.contains(job.kind) else { return "\(job.kind) jobs may not let others end" }
        // Whoever makes room already may be awaited by anyone.
        if going.contains(id) { return nil }
        let priority = priorities.priority(of: victim.groupKey.job, version: victim.version) ?? .max
        let isLower = priority <= job.priority &- VictimChoice.gap
        guard victim.isLive, victim.groupKey.job != job.id, isLower else {
            return "allocation \(id.short) need not end for this job"
        }
        return nil
    }

    /// What an instance would hold that is not there, or is less than it needs.
    private func clash(
        of resources: AllocatedResources, with others: [Holder], on node: Node, for request: PlacementRequest
    ) -> String? {
        var room = NodeRoom(node)
        for other in others { room.add(other.held) }
        let needs = GroupNeeds(request.subject.group)
        let (total, gauge) = (resources.total, room.gauge)
        let cpu = needs.cpu(coreShare: gauge.coreShare)
        if total.cpuMHz < cpu || total.memoryMiB < needs.memory || total.diskMiB < needs.disk {
            return "it gives \(total), and \(cpu) MHz, \(needs.memory) MiB and \(needs.disk) MiB of disk are needed"
        }
        if total.cpuMHz > gauge.freeCPU || total.memoryMiB > gauge.freeMemory || total.diskMiB > gauge.freeDisk {
            return "node \(node.name) has less than \(total)"
        }
        for (task, count) in needs.coresByTask where resources.cores[task]?.count != count {
            return "task \(task) needs \(count) cores"
        }
        let cores = resources.cores.values.flatMap(\.self)
        if Set(cores).count < cores.count
            || cores.contains(where: { !(0..<room.cores).contains($0) || room.usedCores.contains($0) })
        {
            return "cores \(cores.sorted()) of node \(node.name) are not free"
        }
        return portClash(of: resources, needs, room) ?? deviceClash(of: resources, needs, room)
    }

    private func portClash(of resources: AllocatedResources, _ needs: GroupNeeds, _ room: NodeRoom) -> String? {
        guard resources.ports.map(\.label) == needs.ports.map(\.label) else {
            return "it gives the ports \(resources.ports.map(\.label)), not \(needs.ports.map(\.label))"
        }
        var taken: Set<Int> = []
        for (port, spec) in zip(resources.ports, needs.ports) {
            let isMeant = spec.number == 0 ? (1...65_535).contains(port.value) : port.value == spec.number
            if !isMeant || room.usedPorts.contains(port.value) || !taken.insert(port.value).inserted {
                return "port \(port.value) of node \(room.name) is not free"
            }
        }
        return nil
    }

    private func deviceClash(of resources: AllocatedResources, _ needs: GroupNeeds, _ room: NodeRoom) -> String? {
        guard room.devices.isFree(resources.devices) else { return "a device of node \(room.name) is not free" }
        guard let lack = room.devices.lack(of: needs.devices, among: resources.devices) else { return nil }
        return "\(lack.needed) of the devices \(lack.name) are needed, and it gives \(lack.free)"
    }
}
