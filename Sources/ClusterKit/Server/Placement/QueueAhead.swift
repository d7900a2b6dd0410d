/// Those who wait before a group, and what they leave it of room that comes free.
struct QueueAhead {
    /// Entries with one demand: a node that takes one of them takes all.
    private struct Line {
        let first: WaitingEntry
        let demand: Demand
        let needs: GroupNeeds
    }

    private let state: Snapshot
    private let queue: WaitingQueue
    private let entries: [WaitingEntry]
    private var lines: [WaitingLine.Address: Line] = [:]

    /// Whoever stands before `rank`.
    init(_ view: QueueView, before rank: QueueRank) {
        (state, queue) = (view.state, view.queue)
        entries = view.queue.entries.values.filter { $0.rank < rank }.sorted { $0.rank < $1.rank }
        for entry in entries where lines[entry.address] == nil {
            guard let demand = queue.line(entry.address)?.demand,
                let group = state.jobs[entry.job]?.job.group(entry.waiter.group)
            else { continue }
            lines[entry.address] = Line(first: entry, demand: demand, needs: GroupNeeds(group))
        }
    }

    /// Whether an instance that asks for `needs` still fits on a node when `ended` have ended there, and all who come
    /// before it have taken what they can of that. One of a gang counts as if the others of it had a place.
    func leaves(_ needs: GroupNeeds, on id: NodeID, without ended: [AllocationID]) -> Bool {
        guard !lines.isEmpty, let node = state.nodes[id] else { return true }
        let there = state.allocations(on: id).filter { !$0.isTerminal }
        let leaving = there.filter { ended.contains($0.id) }
        let room = FreedRoom(node, holding: there.filter { !ended.contains($0.id) }, in: state)
        let before = FreedRoom(node, holding: there, in: state)
        let halls = Set(queue.halls(admitting: node))
        let takers = lines.filter { address, line in
            guard halls.contains(address.hall), room.takes(line.demand, line.needs, of: line.first) else {
                return false
            }
            // Who could have gone there before is kept from it by something else than room.
            return line.demand.gangWindow != nil || leaving.contains { $0.job == line.first.job }
                || !before.takes(line.demand, line.needs, of: line.first)
        }
        // A group that waits for more becomes younger: successors of those who end may put theirs behind all others.
        return [entries, entries.filter { entry in !leaving.contains { $0.isOf(entry) } }].allSatisfy {
            isLeft(needs, of: room, by: takers, among: $0, with: leaving)
        }
    }

    /// Whether `needs` fit beside what those among `waiting` take one after the other of whom `takers` know.
    private func isLeft(
        _ needs: GroupNeeds, of room: FreedRoom, by takers: [WaitingLine.Address: Line], among waiting: [WaitingEntry],
        with leaving: [Allocation]
    ) -> Bool {
        var (room, takers) = (room, takers)
        for entry in waiting {
            guard let line = takers[entry.address] else { continue }
            // Successors wait with the others of their group.
            var left = entry.count + leaving.count { $0.isOf(entry) }
            while left > 0, room.takes(line.demand, line.needs, of: entry) {
                room.give(line.needs, to: entry)
                guard room.fits(needs) else { return false }
                left -= 1
            }
            if left > 0 { takers[entry.address] = nil }
            if takers.isEmpty { return true }
        }
        return true
    }
}

extension Allocation {
    fileprivate func isOf(_ entry: WaitingEntry) -> Bool { job == entry.job && group == entry.waiter.group }
}

/// What a node has for those who wait, as one after the other takes of it.
private struct FreedRoom {
    private let state: Snapshot
    private var room: NodeRoom
    private let holders: [Allocation]
    /// Groups that were given a place here.
    private var given: Set<InstanceKey> = []
    private var entropy = Entropy(seed: 0)

    init(_ node: Node, holding holders: [Allocation], in state: Snapshot) {
        (self.state, self.holders) = (state, holders)
        room = NodeRoom(node)
        for holder in holders { room.add(Held(holder)) }
    }

    func fits(_ needs: GroupNeeds) -> Bool { Shortage.fits(needs, on: room) }

    /// Whether the next instance of `entry` finds room, if need be in place of its own older ones or of less important
    /// work.
    func takes(_ demand: Demand, _ needs: GroupNeeds, of entry: WaitingEntry) -> Bool {
        let own = InstanceKey(job: entry.job, group: entry.waiter.group)
        guard !isKeptOff(demand, own) else { return false }
        if fits(needs) { return true }
        guard demand.replaces || demand.preempts else { return false }
        let (version, limit) = (state.jobs.part(of: entry.job, \.version), entry.rank.priority &- VictimChoice.gap)
        var most = room
        for holder in holders {
            let isOld = demand.replaces && holder.isReplaceable(by: own, version ?? holder.jobVersion)
            let yields = demand.preempts && state.priority(of: holder).map { $0 <= limit } ?? true
            if isOld || yields { most.remove(Held(holder)) }
        }
        return Shortage.fits(needs, on: most)
    }

    /// Whether `distinct_hosts` keeps it off.
    private func isKeptOff(_ demand: Demand, _ own: InstanceKey) -> Bool {
        switch demand.apart {
        case .nobody: false
        case .group: given.contains(own) || holders.contains { $0.job == own.job && $0.group == own.group }
        case .job: given.contains { $0.job == own.job } || holders.contains { $0.job == own.job }
        }
    }

    /// One instance takes what it asks for.
    mutating func give(_ needs: GroupNeeds, to entry: WaitingEntry) {
        let own = InstanceKey(job: entry.job, group: entry.waiter.group)
        given.insert(own)
        // What is to be had only once others have ended is as good as taken: more than there is.
        let total = Resources(
            cpuMHz: needs.cpu(coreShare: room.coreShare), memoryMiB: needs.memory, diskMiB: needs.disk)
        let resources = room.allocate(needs, using: &entropy) ?? AllocatedResources(total: total)
        room.add(Held(id: AllocationID(high: 0, low: 0), node: room.node.id, instance: own, resources: resources))
    }
}
