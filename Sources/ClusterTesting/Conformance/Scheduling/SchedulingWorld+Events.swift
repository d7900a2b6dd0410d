package import ClusterKit

/// What happens to nodes, instances and rules.
extension SchedulingWorld {
    mutating func newRules() -> SchedulingRules {
        var rules = SchedulingRules(algorithm: chance(70) ? .binpack : .spread, memoryOversubscription: chance(30))
        if character.preempts { rules.preempting = Set(JobKind.allCases.filter { _ in chance(70) }) }
        return rules
    }

    /// Something that happens, as changes.
    package mutating func event() -> [Change] {
        let running = snapshot.allocations.sorted.filter { !$0.isTerminal }
        let evicted = running.filter { $0.desired == .evict }
        if !evicted.isEmpty, chance(40) { return end(evicted) }
        switch below(15) {
        case 0: return [.putNode(newNode())]
        case 1: return changeStanding()
        case 2: return chance(50) ? changeStanding() : changeNode { $0.datacenter = "dc1" }
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
        case 8: return [.putSchedulingRules(newRules())]
        case 9: return changeDevices()
        case 10:
            let rack = "r\(below(character.racks))"
            return changeNode { $0.meta["rack"] = rack }
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
