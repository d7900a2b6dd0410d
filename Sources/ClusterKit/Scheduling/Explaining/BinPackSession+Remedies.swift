extension BinPackSession {
    /// The smallest changes that would place `request`, which no node takes: the best of each kind. Each of them is
    /// enough by itself. Of ends only those count of which `leaves` says so.
    func remedies(
        for request: PlacementRequest, _ candidates: Candidates,
        where leaves: (_ ended: [AllocationID], _ node: NodeID) -> Bool
    ) -> [Remedy] {
        let (rules, neighbors) = (candidates.rules, neighbors(candidates.rules))
        let spare = rules.subject.group.spare(rules.needs)
        var (less, ends): (Bid?, Bid?)
        var drops: [String: (nodes: Int, name: String)] = [:]
        let old = replaced(by: request, rules)
        for (place, asItIs) in rooms.enumerated() where mayTake(request, asItIs.node) {
            var room = asItIs
            // What it would take the place of stands in no way.
            let isHome = old?.place == place
            if isHome, let old { room.remove(old.held) }
            let obstacles = obstacles(on: room, at: place, leaving: isHome ? 1 : 0, candidates, neighbors)
            let shortages = obstacles.compactMap(\.shortage)
            if obstacles.count == 1, let rule = obstacles[0].rule {
                drops[rule, default: (0, room.node.name)].nodes += 1
            } else if !shortages.isEmpty, shortages.count == obstacles.count {
                if let bid = lessBid(shortages, sparing: spare, on: room), bid.isBetter(than: less) { less = bid }
                guard let (ended, cost) = cheapestEnd(rules, on: room) else { continue }
                let bid = Bid(remedy: .end(ended, node: room.node.id, name: room.node.name), cost: cost)
                if bid.isBetter(than: ends), leaves(ended, room.node.id) { ends = bid }
            }
        }
        let drop = drops.sorted { ($1.value.nodes, $0.key) < ($0.value.nodes, $1.key) }.first.map {
            Remedy.drop(rule: $0.key, nodes: $0.value.nodes, name: $0.value.name)
        }
        return [less?.remedy, ends?.remedy, drop].compactMap(\.self)
    }

    /// A remedy and what it costs: the cheapest of its kind is proposed, of equals that of the first name.
    private struct Bid {
        let remedy: Remedy
        let cost: Double

        func isBetter(than other: Bid?) -> Bool { cost < other?.cost ?? .infinity }
    }

    /// Whether `request` asks about a node that takes work.
    func mayTake(_ request: PlacementRequest, _ node: Node) -> Bool {
        node.takesWork && !request.withheld.contains(node.id) && (request.pinned == nil || request.pinned == node.id)
    }

    /// By node, the instances that `distinct_hosts` keeps the next one away from.
    private func neighbors(_ rules: SubjectRules) -> [NodeID: Int] {
        if rules.distinct.hostsOfJob { return held.ofJob(rules.groupKey.job) }
        return rules.distinct.hostsOfGroup ? held.ofGroup(rules.groupKey) : [:]
    }

    /// All that keeps an instance off the node at `place`, which is as `room` says once `gone` of its group have ended.
    /// Two broken rules stand for more: no single change helps.
    private func obstacles(
        on room: NodeRoom, at place: Int, leaving gone: Int, _ candidates: Candidates, _ neighbors: [NodeID: Int]
    ) -> [Obstacle] {
        let broken = candidates.rules.filter.broken(by: room.node, atMost: 2).map(Obstacle.rule)
        if broken.count > 1 { return broken }
        let hosted = neighbors[room.node.id, default: 0] - gone
        let hosts = hosted > 0 ? [DistinctBarrier.hosts(instances: hosted)] : []
        let barriers = hosts + candidates.propertyBarriers(at: place, leaving: gone)
        return broken + barriers.map(Obstacle.apart)
            + Shortage.all(candidates.rules.needs, on: room).map(Obstacle.shortage)
    }

    /// Asking for less by what is missing; costs the share of what is asked.
    private func lessBid(_ shortages: [Shortage], sparing spare: Resources, on room: NodeRoom) -> Bid? {
        var less = Resources()
        var cost = 0.0
        for shortage in shortages {
            guard let amount = shortage.dimension.amount else { return nil }
            let lack = shortage.needed &- max(0, shortage.free)
            guard shortage.free >= 0, lack > 0, lack <= spare[keyPath: amount] else { return nil }
            less[keyPath: amount] = lack
            cost += Double(lack) / Double(shortage.needed)
        }
        return Bid(remedy: .askLess(less, node: room.node.id, name: room.node.name), cost: cost)
    }

    /// Who holds the room and may end; costs one for each allocation, and less than one for their size.
    private func cheapestEnd(_ rules: SubjectRules, on room: NodeRoom) -> (ended: [AllocationID], cost: Double)? {
        let needs = rules.needs
        let holders = held.holders(on: room.node.id).filter { leavesRoom($0, to: rules.subject.job) }
            .sorted { $0.id < $1.id }
        var trial = room
        for holder in holders { trial.remove(holder) }
        guard !holders.isEmpty, needs.fit(on: trial) else { return nil }
        // Smallest first: those that are not needed come back, the largest first, so that few and small ones remain.
        let bySize = holders.sorted { (size($0, room), $1.id) > (size($1, room), $0.id) }
        var ended: [Held] = []
        for holder in bySize {
            trial.add(holder)
            if needs.fit(on: trial) { continue }
            trial.remove(holder)
            ended.append(holder)
        }
        // One that suffices alone is better than several small ones.
        let alone = bySize.reversed().first { holder in
            var trial = room
            trial.remove(holder)
            return needs.fit(on: trial)
        }
        if let alone, ended.count > 1 { ended = [alone] }
        let sum = ended.reduce(0) { $0 + size($1, room) }
        return (ended.map(\.id).sorted(), Double(ended.count) + min(0.999, sum / 4))
    }

    /// Whether an instance of `job` gets the room of `holder` when that ends. To end one of the job itself so that
    /// another may start would help nobody.
    private func leavesRoom(_ holder: Held, to job: Job) -> Bool {
        holder.groupKey.job != job.id && priorities.leavesRoom(holder.groupKey.job, toPriority: job.priority)
    }

    /// The shares of its node that an allocation holds, added up.
    private func size(_ holder: Held, _ room: NodeRoom) -> Double {
        let total = holder.resources.total
        let share = { (amount: Int, all: Int) in all > 0 ? Double(amount) / Double(all) : 0 }
        return share(total.cpuMHz, room.cpu) + share(total.memoryMiB, room.memory) + share(total.diskMiB, room.disk)
    }
}

extension Dimension {
    /// What a group would ask less of; `nil` where that is no plain amount.
    fileprivate var amount: WritableKeyPath<Resources, Int>? {
        switch self {
        case .cpu: \.cpuMHz
        case .memory: \.memoryMiB
        case .disk: \.diskMiB
        case .cores, .devices, .takenPort, .unknownPort, .dynamicPorts: nil
        }
    }
}

extension TaskGroup {
    /// By how much the group may ask for less and still be one that is accepted. What whole cores take along is not
    /// asked for.
    fileprivate func spare(_ needs: GroupNeeds) -> Resources {
        let logs = tasks.map { task in
            let (size, overflow) = task.logs.files.multipliedReportingOverflow(by: task.logs.fileSizeMiB)
            return overflow ? .max : size
        }
        return Resources(
            cpuMHz: needs.cpu &- tasks.count { $0.resources.cores == 0 },
            memoryMiB: needs.memory &- tasks.count &* TaskResources.leastMemoryMiB,
            diskMiB: needs.disk &- max(EphemeralDisk.leastMiB, logs.max() ?? 0))
    }
}
