import HeapModule

/// Those for whom nodes may be kept.
extension WaitingQueue {
    /// Those that wait to be placed together, in order.
    var waitingGangs: [(entry: WaitingEntry, window: Duration)] {
        gangs.compactMap { waiter in
            guard let entry = entries[waiter], let window = line(entry.address)?.demand.gangWindow else { return nil }
            return (entry, window)
        }.sorted { $0.entry.rank < $1.entry.rank }
    }

    /// What the gang with this serial asks for.
    func gangNeed(_ serial: UInt64) -> KeptNodes.GangNeed? {
        guard let entry = gangs.lazy.compactMap({ entries[$0] }).first(where: { $0.standing == serial }),
            let hall = halls[entry.address.hall], let demand = hall.lines[entry.address.line]?.demand
        else { return nil }
        return KeptNodes.GangNeed(entry: entry, demand: demand, filter: hall.filter)
    }

    /// Those who have waited long enough by now may have a node kept for them.
    mutating func ripen(at now: Uptime) {
        while let alarm = ripening.min, alarm.time <= now {
            ripening.removeMin()
            guard let entry = entries[alarm.waiter], entry.serial == alarm.serial else { continue }
            entries[alarm.waiter]?.isRipe = true
            halls[entry.address.hall]?.lines[entry.address.line]?.ripen()
            mark(entry.address)
        }
    }

    /// When the next will have waited long enough.
    var nextRipening: Uptime? { ripening.min?.time }

    /// The first after `rank` of a line in which someone has waited long enough for a node to be kept.
    mutating func firstRipe(after rank: QueueRank?) -> (entry: WaitingEntry, demand: Demand, filter: NodeFilter)? {
        var best: (address: WaitingLine.Address, rank: QueueRank)?
        for hall in halls.indices {
            guard let found = halls[hall]?.tree.firstRipe(after: rank, looks: &looks) else { continue }
            if best.map({ found.rank < $0.rank }) ?? true { best = (.init(hall: hall, line: found.slot), found.rank) }
        }
        guard let address = best?.address, let hall = halls[address.hall] else { return nil }
        let there = entries
        guard let line = hall.lines[address.line],
            let ticket = halls[address.hall]?.lines[address.line]?.first({ there[$0.waiter]?.serial == $0.serial }),
            let entry = entries[ticket.waiter]
        else { return nil }
        return (entry, line.demand, hall.filter)
    }

    /// No node could take what the line of `entry` asks for, whatever ended there, as long as nodes stay as they are.
    mutating func giveUp(on entry: WaitingEntry) {
        hopeless.insert(entry.address)
        halls[entry.address.hall]?.lines[entry.address.line]?.isHopeless = true
        mark(entry.address)
    }

    /// A node joined or changed: those who fit there if nothing else runs may hope again.
    mutating func reconsider(_ node: Node) {
        guard !hopeless.isEmpty else { return }
        let opening = Opening(node, halls: halls(admitting: node))
        for address in hopeless where opening.halls.contains(address.hall) {
            guard let demand = line(address)?.demand, opening.couldTake(demand) else { continue }
            hopeless.remove(address)
            halls[address.hall]?.lines[address.line]?.isHopeless = false
            mark(address)
        }
    }
}
