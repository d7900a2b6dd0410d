/// Those who wait before a group, and what they leave it of room that comes free.
struct QueueAhead {
    /// Entries with one demand: a node that takes one of them takes all.
    private struct Line {
        let first: WaitingEntry
        let demand: Demand
        let needs: GroupNeeds
        /// What `distinct_property` asks, and how many instances count at each value.
        let properties: [(rule: DistinctRules.Property, used: [String: Int])]

        /// How many more `distinct_property` admits on `node` when `leaving` are gone.
        func most(on node: Node, without leaving: [Allocation]) -> Int {
            let leaving = leaving.filter { $0.job == first.job }
            let replaced = demand.replaces ? 1 : 0
            return properties.map { rule, used in
                guard let value = rule.attribute.value(of: node) else { return 0 }
                let gone = leaving.count { rule.ofJob || $0.group == first.waiter.group } + replaced
                return max(0, rule.limit - max(0, used[value, default: 0] - gone))
            }.min() ?? .max
        }
    }

    private let view: QueueView
    private var state: Snapshot { view.state }
    /// Tells where those go who are told to end.
    private var session: any SchedulingSession
    private let entries: [WaitingEntry]
    private var lines: [WaitingLine.Address: Line] = [:]

    /// Whoever stands before `rank` in `view`, of whose state `session` is.
    init(_ view: QueueView, before rank: QueueRank, _ session: any SchedulingSession) {
        (self.view, self.session) = (view, session)
        entries = view.queue.entries.values.filter { $0.rank < rank }.sorted { $0.rank < $1.rank }
        for entry in entries where lines[entry.address] == nil {
            guard let demand = view.queue.line(entry.address)?.demand, let job = view.state.jobs[entry.job]?.job,
                let group = job.group(entry.waiter.group)
            else { continue }
            let properties = demand.countsPropertyValues ? DistinctRules(job, group).properties : []
            lines[entry.address] = Line(
                first: entry, demand: demand, needs: GroupNeeds(group),
                properties: properties.map { ($0, view.state.used(by: entry.own, $0)) })
        }
    }

    /// Whether an instance that asks for `needs` still fits on a node when `ended` have ended there, and all who come
    /// before it have taken what they can of that. Of some it is not known whether they do: of a gang, whose others
    /// need places too, and of new versions in place of older ones. It has to fit either way. What the one has that it
    /// is `replacing` nobody else gets.
    mutating func leaves(
        _ needs: GroupNeeds, on id: NodeID, replacing old: AllocationID?, without ended: [AllocationID]
    ) -> Bool {
        guard let node = state.nodes[id] else { return true }
        let there = state.allocations(on: id).filter { !$0.isTerminal }
        let leaving = there.filter { ended.contains($0.id) }
        // A group that waits for more becomes younger, and then other nodes may be kept, and for others: so no end of
        // its instances is proposed, here or elsewhere, while any node is kept for it.
        let owners = view.kept.all.compactMap { view.queue.entries[$0.waiter] }
        if owners.contains(where: { owner in leaving.contains { $0.isOf(owner) } }) { return false }
        let before = SpareRoom(node, holding: there, in: state)
        var room = SpareRoom(node, holding: there.filter { !ended.contains($0.id) }, in: state)
        for (own, resources) in successors(of: leaving, on: id, before) { room.give(resources, to: own) }
        let replaced = there.first { $0.id == old && $0.isLive }
        guard room.fits(needs, replacing: replaced) else { return false }
        if lines.isEmpty { return true }
        let halls = Set(view.queue.halls(admitting: node))
        let takers = lines.filter { address, line in
            guard halls.contains(address.hall), line.most(on: node, without: leaving) > 0,
                room.takes(line.demand, line.needs, of: line.first)
            else { return false }
            // Who could have gone there before is kept from it by something else than room.
            return line.demand.gangWindow != nil || leaving.contains { $0.job == line.first.job }
                || !before.fits(line.demand, line.needs, of: line.first)
        }
        if takers.isEmpty { return true }
        let certain = takers.filter { _, line in
            line.demand.gangWindow == nil && room.fits(line.demand, line.needs, of: line.first)
        }
        // Successors of those who end may put their group behind all others.
        let staying = entries.filter { entry in !leaving.contains { $0.isOf(entry) } }
        return [entries, staying].allSatisfy { waiting in
            [takers, certain].allSatisfy {
                isLeft(needs, of: room, replacing: replaced, by: $0, among: waiting, with: leaving)
            }
        }
    }

    /// What successors of `leaving` take on the node that those leave. A successor is looked for a place as soon as the
    /// other is told to end, so it may have what is free beside it: here, when no node is better.
    private mutating func successors(
        of leaving: [Allocation], on id: NodeID, _ before: SpareRoom
    ) -> [(GroupKey, AllocatedResources)] {
        let subjects = leaving.filter(\.isLive).sorted { $0.id < $1.id }.compactMap { allocation in
            state.jobs[allocation.job].flatMap { $0.stopped ? nil : PlacementSubject($0.job, group: allocation.group) }
        }
        guard subjects.contains(where: { before.fits(GroupNeeds($0.group)) }) else { return [] }
        var entropy = Entropy(seed: 0)
        let requests = zip(subjects, entropy.identifiers(subjects.count, of: Allocation.self)).map { subject, next in
            PlacementRequest(
                allocation: next, subject: subject,
                withheld: view.withheld(from: subject.group.name, of: subject.job))
        }
        defer { session.release(requests.map(\.allocation)) }
        return zip(subjects, session.place(requests, using: &entropy)).compactMap { subject, decision in
            guard case .placed(let placement) = decision, placement.node == id else { return nil }
            return (subject.key, placement.resources)
        }
    }

    /// Whether `needs` fit beside what those among `waiting` take one after the other of whom `takers` know.
    private func isLeft(
        _ needs: GroupNeeds, of room: SpareRoom, replacing replaced: Allocation?,
        by takers: [WaitingLine.Address: Line], among waiting: [WaitingEntry], with leaving: [Allocation]
    ) -> Bool {
        var (room, takers) = (room, takers)
        for entry in waiting {
            guard let line = takers[entry.address] else { continue }
            // Successors wait with the others of their group.
            let count = entry.count + leaving.count { $0.isOf(entry) }
            var left = min(count, line.most(on: room.node, without: leaving))
            while left > 0, room.takes(line.demand, line.needs, of: entry) {
                room.give(line.needs, to: entry.own)
                guard room.fits(needs, replacing: replaced) else { return false }
                left -= 1
            }
            if left > 0 { takers[entry.address] = nil }
            if takers.isEmpty { return true }
        }
        return true
    }
}

extension WaitingEntry {
    fileprivate var own: GroupKey { GroupKey(job: job, group: waiter.group) }
}

extension Allocation {
    fileprivate func isOf(_ entry: WaitingEntry) -> Bool { job == entry.job && group == entry.waiter.group }
}

extension Snapshot {
    /// How many instances a rule counts at each value.
    fileprivate func used(by own: GroupKey, _ rule: DistinctRules.Property) -> [String: Int] {
        let counted = allocations(of: own.job).filter { !$0.isTerminal && (rule.ofJob || $0.group == own.group) }
        let values = counted.compactMap { nodes[$0.node].flatMap(rule.attribute.value) }
        return Dictionary(values.lazy.map { ($0, 1) }, uniquingKeysWith: +)
    }
}

/// What a node has for those who wait, as one after the other takes of it.
private struct SpareRoom {
    private let state: Snapshot
    private var room: NodeRoom
    private let holders: [Allocation]
    /// Groups that were given a place here.
    private var given: Set<GroupKey> = []
    private var entropy = Entropy(seed: 0)

    init(_ node: Node, holding holders: [Allocation], in state: Snapshot) {
        (self.state, self.holders) = (state, holders)
        room = NodeRoom(node)
        for holder in holders { room.add(Held(holder)) }
    }

    var node: Node { room.node }

    /// Whether that is free, or will be once `old` has ended.
    func fits(_ needs: GroupNeeds, replacing old: Allocation? = nil) -> Bool {
        guard let old else { return needs.fit(on: room) }
        var room = room
        room.remove(Held(old))
        return needs.fit(on: room)
    }

    /// Whether the next instance of `entry` finds room beside all that is there.
    func fits(_ demand: Demand, _ needs: GroupNeeds, of entry: WaitingEntry) -> Bool {
        fits(needs) && !isKeptOff(demand, entry.own) { _ in false }
    }

    /// Whether the next instance of `entry` finds room, if need be in place of its own older ones or of less important
    /// work.
    func takes(_ demand: Demand, _ needs: GroupNeeds, of entry: WaitingEntry) -> Bool {
        let own = entry.own
        let version = demand.replaces ? state.jobs.part(of: entry.job, \.version) : nil
        let isOld = { (holder: Allocation) in version.map { holder.isReplaceable(by: own, $0) } ?? false }
        guard !isKeptOff(demand, own, but: isOld) else { return false }
        if fits(needs) { return true }
        guard demand.replaces || demand.preempts else { return false }
        let limit = entry.rank.priority &- VictimChoice.gap
        var most = room
        for holder in holders {
            let yields = demand.preempts && state.priority(of: holder).map { $0 <= limit } ?? true
            if isOld(holder) || yields { most.remove(Held(holder)) }
        }
        return needs.fit(on: most)
    }

    /// Whether `distinct_hosts` keeps it off: not the one that it takes the place of.
    private func isKeptOff(_ demand: Demand, _ own: GroupKey, but isOld: (Allocation) -> Bool) -> Bool {
        guard demand.apart != .nobody else { return false }
        let counts = { (job: JobID, group: String) in
            job == own.job && (demand.apart == .job || group == own.group)
        }
        if given.contains(where: { counts($0.job, $0.group) }) { return true }
        let others = holders.filter { counts($0.job, $0.group) }
        return others.count > (others.contains(where: isOld) ? 1 : 0)
    }

    /// One instance takes what it asks for.
    mutating func give(_ needs: GroupNeeds, to own: GroupKey) {
        // What is to be had only once others have ended is as good as taken: more than there is.
        let total = Resources(
            cpuMHz: needs.cpu(coreShare: room.coreShare), memoryMiB: needs.memory, diskMiB: needs.disk)
        give(room.allocate(needs, using: &entropy) ?? AllocatedResources(total: total), to: own)
    }

    mutating func give(_ resources: AllocatedResources, to own: GroupKey) {
        given.insert(own)
        room.add(Held(id: AllocationID(high: 0, low: 0), node: room.node.id, groupKey: own, resources: resources))
    }
}
