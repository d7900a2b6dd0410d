extension BinPackSession {
    /// The smallest changes that would place `request`, which no node takes: the best of each kind.
    func remedies(for request: PlacementRequest, _ candidates: Candidates) -> [Remedy] {
        var (less, ends): (Bid?, Bid?)
        var drops: [String: (nodes: Int, name: String)] = [:]
        for (place, room) in rooms.enumerated() where mayTake(request, room.node) {
            guard let obstacle = obstacle(at: place, candidates) else { continue }
            switch obstacle {
            case .rule(let rule):
                guard Shortage.fits(candidates.rules.needs, on: room) else { continue }
                drops[rule, default: (0, room.node.name)].nodes += 1
            case .amounts(let shortages):
                if let bid = lessBid(shortages, on: room), bid.isBetter(than: less) { less = bid }
                if let bid = endBid(candidates.rules, on: room), bid.isBetter(than: ends) { ends = bid }
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

    private enum Obstacle {
        /// The only rule that is broken.
        case rule(String)
        /// All rules hold, and this is missing.
        case amounts([Shortage])
    }

    /// Whether `request` asks about a node that takes work.
    func mayTake(_ request: PlacementRequest, _ node: Node) -> Bool {
        node.takesWork && !request.withheld.contains(node.id) && (request.pinned == nil || request.pinned == node.id)
    }

    /// What stands in the way on a node; `nil` when several rules do, or something that no job can change.
    private func obstacle(at place: Int, _ candidates: Candidates) -> Obstacle? {
        let broken = candidates.rules.filter.broken(by: rooms[place].node)
        if broken.count == 1 { return .rule(broken[0]) }
        guard broken.isEmpty, candidates.outlook.positions[place] >= 0 else { return nil }
        if let barrier = candidates.barrier(at: candidates.outlook.positions[place]) { return .rule(barrier.rule) }
        let shortages = Shortage.all(candidates.rules.needs, on: rooms[place])
        return shortages.isEmpty ? nil : .amounts(shortages)
    }

    /// Asking for less than is missing; costs the share of what is asked.
    private func lessBid(_ shortages: [Shortage], on room: NodeRoom) -> Bid? {
        var less = Resources()
        var cost = 0.0
        for shortage in shortages {
            let lack = shortage.needed &- max(0, shortage.free)
            guard shortage.free >= 0, lack > 0, lack < shortage.needed else { return nil }
            switch shortage.dimension {
            case "cpu": less.cpuMHz = lack
            case "memory": less.memoryMiB = lack
            case "disk": less.diskMiB = lack
            default: return nil
            }
            cost += Double(lack) / Double(shortage.needed)
        }
        return Bid(remedy: .askLess(less, node: room.node.id, name: room.node.name), cost: cost)
    }

    /// Ending what holds the room; costs one for each allocation, and less than one for the size of the last.
    private func endBid(_ rules: SubjectRules, on room: NodeRoom) -> Bid? {
        let needs = rules.needs
        // To end one of the group so that another may start would help nobody.
        let holders = held.holders(on: room.node.id).filter { $0.instance != rules.instance }.sorted { $0.id < $1.id }
        var trial = room
        for holder in holders { trial.remove(holder) }
        guard !holders.isEmpty, Shortage.fits(needs, on: trial) else { return nil }
        // Smallest first: those that are not needed come back, the largest first, so that few and small ones remain.
        let bySize = holders.sorted { (size($0, room), $1.id) > (size($1, room), $0.id) }
        var ended: [Held] = []
        for holder in bySize {
            trial.add(holder)
            if Shortage.fits(needs, on: trial) { continue }
            trial.remove(holder)
            ended.append(holder)
        }
        // One that suffices alone is better than several small ones.
        let alone = bySize.reversed().first { holder in
            var trial = room
            trial.remove(holder)
            return Shortage.fits(needs, on: trial)
        }
        if let alone, ended.count > 1 { ended = [alone] }
        let sum = ended.reduce(0) { $0 + size($1, room) }
        return Bid(
            remedy: .end(ended.map(\.id).sorted(), node: room.node.id, name: room.node.name),
            cost: Double(ended.count) + min(0.999, sum / 4))
    }

    /// The shares of its node that an allocation holds, added up.
    private func size(_ holder: Held, _ room: NodeRoom) -> Double {
        let total = holder.resources.total
        let share = { (amount: Int, all: Int) in all > 0 ? Double(amount) / Double(all) : 0 }
        return share(total.cpuMHz, room.cpu) + share(total.memoryMiB, room.memory) + share(total.diskMiB, room.disk)
    }
}
