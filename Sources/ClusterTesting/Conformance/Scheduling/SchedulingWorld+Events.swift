package import ClusterKit

/// What happens to nodes, instances and rules.
extension SchedulingWorld {
    mutating func newRules() -> SchedulingRules {
        var rules = SchedulingRules(algorithm: chance(70) ? .binpack : .spread, memoryOversubscription: chance(30))
        if character.preempts { rules.preempting = Set(JobKind.allCases.filter { _ in chance(70) }) }
        if !character.allowsPreemption { rules.preempting = [] }
        return rules
    }

    /// Something that happens, as changes.
    package mutating func event() -> [Change] {
        let running = snapshot.allocations.sorted.filter { !$0.isTerminal }
        let evicted = running.filter { $0.desired == .evict }
        if !evicted.isEmpty, chance(25) { return end(evicted) }
        switch below(15) {
        case 0: return [.putNode(newNode())]
        case 1: return changeStanding()
        case 2: return chance(50) ? changeStanding() : changeNode { $0.datacenter = "dc1" }
        case 3: return changeFacts()
        case 4: return changeAmounts()
        case 5: return one(of: running).map { [.removeAllocation($0.id)] } ?? []
        case 6:
            guard var allocation = one(of: running) else { return [] }
            allocation.desired = .stop
            return [.putAllocation(allocation)]
        case 7:
            guard snapshot.nodes.count > 2, let node = one(of: snapshot.nodes.sorted) else { return [] }
            gone.append(node)
            return [.removeNode(node.id)]
        case 8: return [.putSchedulingRules(newRules())]
        case 9: return changeDevices()
        case 10: return comeBack()
        default:
            guard var allocation = one(of: running) else { return [] }
            allocation.client = pick(.complete, .failed, .lost)
            return [.putAllocation(allocation)]
        }
    }

    /// A machine is lost or not to be used, or is back: rather back, or soon none would be left.
    private mutating func changeStanding() -> [Change] {
        if chance(60), var node = one(of: snapshot.nodes.sorted.filter { !$0.takesWork }) {
            (node.status, node.eligibility) = (.ready, .eligible)
            return [.putNode(node)]
        }
        let isLost = chance(50)
        return changeNode { node in
            if isLost { node.status = .down } else { node.eligibility = .ineligible }
        }
    }

    private mutating func changeNode(_ body: (inout Node) -> Void) -> [Change] {
        guard var node = one(of: snapshot.nodes.sorted) else { return [] }
        body(&node)
        return [.putNode(node)]
    }

    /// What is known of a machine becomes another.
    private mutating func changeFacts() -> [Change] {
        let (rack, version, number) = ("r\(below(character.racks))", newVersion(), below(40))
        let turn = below(9)
        return changeNode { node in
            switch turn {
            case 0: node.meta["rack"] = rack
            case 1: node.meta["rack"] = nil
            case 2: node.attributes["os.version"] = version
            case 3: node.attributes["kernel.name"] = "linux"
            case 4: node.pool = number < 30 ? "default" : "gpu"
            case 5: node.name = "n\(number)"
            case 6: node.nodeClass = number < 20 ? "big" : "small"
            case 7: node.drivers["docker"] = DriverStatus(healthy: number < 30)
            default: node.hostVolumes["data"] = number < 10 ? nil : HostVolume(path: "/data", readOnly: number < 15)
            }
        }
    }

    /// A machine has more, or less, also less than is held.
    private mutating func changeAmounts() -> [Change] {
        guard var node = one(of: snapshot.nodes.sorted) else { return [] }
        switch below(7) {
        case 0: node.capacity.memoryMiB += 512
        case 1: node.reserved.cpuMHz = below(500)
        case 2:
            // Perhaps one that is held: it is not free when its holder ends.
            let held = snapshot.allocations(on: node.id).flatMap { $0.resources.ports.map(\.value) }
            node.reservedPorts = [22, chance(70) ? one(of: held) ?? 80 : 20_000 + below(12)]
        case 3: node.dynamicPorts = 20_003...(20_003 + below(12))
        case 4:
            node.cores = pick(0, 2, 8)
            // Perhaps one that is held.
            let held = snapshot.allocations(on: node.id).flatMap { $0.resources.cores.values.joined() }
            node.reservedCores = node.reserved.cpuMHz % 2 == 0 ? [held.min() ?? 1] : []
        case 5: node.reserved.memoryMiB = chance(20) ? node.capacity.memoryMiB : 0
        default: shrink(&node)
        }
        return [.putNode(node)]
    }

    /// A machine that was forgotten joins again, with what still runs on it.
    private mutating func comeBack() -> [Change] {
        guard let node = gone.popLast(), snapshot.nodes[node.id] == nil else { return [] }
        return [.putNode(node)]
    }

    /// One device falls ill or gets well.
    private mutating func changeDevices() -> [Change] {
        guard var node = one(of: snapshot.nodes.sorted.filter { !$0.devices.isEmpty }) else { return [] }
        let group = below(node.devices.count)
        node.devices[group].instances[below(node.devices[group].instances.count)].healthy.toggle()
        return [.putNode(node)]
    }

    /// Instances that were told to make room have done so.
    private mutating func end(_ evicted: [Allocation]) -> [Change] {
        evicted.filter { _ in chance(80) }.map { evicted in
            var evicted = evicted
            evicted.client = .complete
            return .putAllocation(evicted)
        }
    }
}
