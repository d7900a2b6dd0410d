/// Finds the moves of a `TidyingPlan` by trying them out: on a session of its own, in which the nodes that run nothing
/// take no work.
struct TidyingSearch {
    /// A node that runs something.
    private struct Site {
        let node: Node
        /// Without what runs everywhere: it stays.
        var residents: [Allocation]
        /// Whether something is planned to come here: what moved once is not moved again.
        var isTarget = false
        var vacancy: Vacancy
    }

    private let snapshot: Snapshot
    /// Nodes that nothing moves to.
    private let kept: Set<NodeID>
    private var session: any SchedulingSession
    private var revision: Revision
    /// In the order of their names.
    private var sites: [Site] = []
    private var places: [NodeID: Int] = [:]
    private var subjects: [GroupKey: PlacementSubject] = [:]

    /// The most nodes that are tried in vain before the rest counts as no better.
    private static let mostFailures = 1000

    init(_ snapshot: Snapshot, _ session: any SchedulingSession, keeping kept: Set<NodeID>) {
        (self.snapshot, self.kept) = (snapshot, kept)
        self.session = session
        revision = snapshot.revision
        var rules = snapshot.schedulingRules
        // Nobody ends for a move, and full nodes are what it is made for.
        (rules.preempting, rules.algorithm) = ([], .binpack)
        var changes: [Change] = [.putSchedulingRules(rules)]
        for node in snapshot.nodes.sorted where node.takesWork {
            let residents = snapshot.allocations(on: node.id).filter { allocation in
                let kind = snapshot.jobs[allocation.job]?.job.kind ?? snapshot.job(of: allocation)?.kind
                return !allocation.isTerminal && kind?.runsEverywhere != true
            }
            guard !residents.isEmpty, let vacancy = session.vacancy(on: node.id) else {
                changes.append(Self.closed(node))
                continue
            }
            sites.append(Site(node: node, residents: residents, vacancy: vacancy))
        }
        sites.sort { ($0.node.name, $0.node.id) < ($1.node.name, $1.node.id) }
        for (place, site) in sites.enumerated() { places[site.node.id] = place }
        apply(changes)
    }

    private static func closed(_ node: Node) -> Change {
        var node = node
        node.eligibility = .ineligible
        return .putNode(node)
    }

    private mutating func apply(_ changes: [Change]) {
        revision = revision.next
        let time = WallTime(nanoseconds: 0)
        _ = session.apply(ChangeBatch(revision: revision, epoch: snapshot.epoch, time: time, changes: changes))
    }

    mutating func plan(budget: Int, nodes: Int, sparing spared: Set<NodeID>, using entropy: inout Entropy)
        -> TidyingPlan
    {
        var plan = TidyingPlan()
        var failures = 0
        for place in order(upTo: budget) where failures < Self.mostFailures {
            let left = budget - plan.moves.count
            guard left > 0, plan.emptied.count < nodes else { break }
            guard !sites[place].isTarget, !spared.contains(sites[place].node.id), sites[place].residents.count <= left
            else { continue }
            if let moves = empty(place, using: &entropy) {
                plan.moves += moves
                let node = sites[place].node
                plan.emptied.append(
                    TidyingPlan.Emptied(node: node.id, name: node.name, usable: node.usable, moves: moves.count))
            } else {
                failures += 1
            }
        }
        return plan
    }

    /// Nodes all of whose instances may move: those with few of them first, of equals the emptiest.
    private mutating func order(upTo budget: Int) -> [Int] {
        var loads: [(place: Int, count: Int, load: Double)] = []
        for place in sites.indices where sites[place].residents.count <= budget {
            let site = sites[place]
            guard site.residents.allSatisfy({ mayMove($0) }) else { continue }
            let load = site.residents.reduce(0.0) { $0 + Self.size($1, on: site.node) }
            loads.append((place, site.residents.count, load))
        }
        return loads.sorted { ($0.count, $0.load, $0.place) < ($1.count, $1.load, $1.place) }.map(\.place)
    }

    // MARK: Who moves

    private mutating func mayMove(_ allocation: Allocation) -> Bool {
        guard allocation.isLive, allocation.client == .running, allocation.wish == nil,
            let record = snapshot.jobs[allocation.job],
            record.version == allocation.jobVersion, !record.stopped, let subject = subject(of: allocation, record)
        else { return false }
        let (job, group) = (subject.job, subject.group)
        // What may run only once would have to end before it starts elsewhere.
        guard !group.atMostOne, allocation.fence == nil else { return false }
        return job.kind == .service && job.affinities.isEmpty && job.spreads.isEmpty && group.affinities.isEmpty
            && group.spreads.isEmpty && group.tasks.allSatisfy { $0.affinities.isEmpty }
            && group.tasks.allSatisfy { task in task.resources.devices.allSatisfy(\.affinities.isEmpty) }
    }

    private mutating func subject(of allocation: Allocation, _ record: JobRecord) -> PlacementSubject? {
        let key = GroupKey(job: allocation.job, group: allocation.group)
        if let known = subjects[key] { return known }
        let subject = PlacementSubject(record.job, group: allocation.group)
        subjects[key] = subject
        return subject
    }

    /// Its larger share of its node, of processor time and of memory. Disk seldom decides.
    private static func size(_ allocation: Allocation, on node: Node) -> Double {
        let (total, usable) = (allocation.resources.total, node.usable)
        let share = { (amount: Int, all: Int) in all > 0 ? Double(amount) / Double(all) : 0 }
        return max(share(total.cpuMHz, usable.cpuMHz), share(total.memoryMiB, usable.memoryMiB))
    }

    // MARK: One node

    /// Moves all that a node runs to others; `nil`, and nothing is changed, when something finds no room.
    private mutating func empty(_ place: Int, using entropy: inout Entropy) -> [TidyingPlan.Move]? {
        let site = sites[place]
        // What is large finds room last, so it is tried first.
        let residents = site.residents.sorted {
            (Self.size($1, on: site.node), $0.id) < (Self.size($0, on: site.node), $1.id)
        }
        guard residents.allSatisfy({ isRoom(for: $0, beside: place) }) else { return nil }
        var moved: [Allocation] = []
        for resident in residents {
            guard let copy = move(resident, from: site.node, using: &entropy) else {
                session.release(moved.map(\.id))
                return nil
            }
            guard isWelcome(copy, from: site.node, beside: moved) else {
                session.release(moved.map(\.id) + [copy.id])
                return nil
            }
            moved.append(copy)
        }
        settle(place, residents, moved)
        return zip(residents, moved).map { resident, copy in
            TidyingPlan.Move(
                allocation: resident.id, name: resident.name, from: site.node.id, fromName: site.node.name,
                to: copy.node, toName: copy.nodeName, gain: 1 / Double(moved.count),
                reason: Self.reason(site.node.name, beside: moved.count - 1))
        }
    }

    private static func reason(_ name: String, beside others: Int) -> String {
        switch others {
        case 0: "empties \(name)"
        case 1: "empties \(name), with 1 other"
        default: "empties \(name), with \(others) others"
        }
    }

    /// Whether any other node has enough left: a quick look that spares most of the long ones.
    private func isRoom(for resident: Allocation, beside place: Int) -> Bool {
        let total = resident.resources.total
        return sites.indices.contains { other in
            let vacancy = sites[other].vacancy
            return other != place && !sites[other].residents.isEmpty && total.memoryMiB <= vacancy.memoryMiB
                && total.cpuMHz <= vacancy.cpuMHz && total.diskMiB <= vacancy.diskMiB
                && !kept.contains(sites[other].node.id)
        }
    }

    /// The instance as it would be elsewhere.
    private mutating func move(_ resident: Allocation, from node: Node, using entropy: inout Entropy) -> Allocation? {
        guard let subject = subjects[GroupKey(job: resident.job, group: resident.group)] else { return nil }
        let request = PlacementRequest(
            allocation: entropy.identifier(), subject: subject, withheld: kept.union([node.id]))
        guard case .placed(let placement) = session.place([request], using: &entropy).first else { return nil }
        var copy = resident
        (copy.id, copy.node, copy.resources) = (request.allocation, placement.node, placement.resources)
        copy.nodeName = places[placement.node].map { sites[$0].node.name } ?? ""
        copy.previous = resident.id
        guard placement.evicting.isEmpty, places[placement.node] != nil else {
            session.release([copy.id])
            return nil
        }
        return copy
    }

    /// Whether `copy` is as well placed as it was: not beside another of its group, and in no later pool.
    private func isWelcome(_ copy: Allocation, from node: Node, beside moved: [Allocation]) -> Bool {
        guard let target = places[copy.node].map({ sites[$0] }) else { return false }
        let isSibling = { (other: Allocation) in other.job == copy.job && other.group == copy.group }
        if target.residents.contains(where: isSibling) { return false }
        if moved.contains(where: { $0.node == copy.node && isSibling($0) }) { return false }
        guard let pools = subjects[GroupKey(job: copy.job, group: copy.group)]?.group.nodePools else { return false }
        let rank = { (node: Node) in NodeFilter.tier(of: node, in: pools) ?? pools.count }
        return rank(target.node) <= rank(node)
    }

    /// Takes the moves for made.
    private mutating func settle(_ place: Int, _ residents: [Allocation], _ moved: [Allocation]) {
        var changes: [Change] = moved.map { .putAllocation($0) }
        for var resident in residents {
            (resident.desired, resident.client) = (.stop, .complete)
            changes.append(.putAllocation(resident))
        }
        changes.append(Self.closed(sites[place].node))
        apply(changes)
        sites[place].residents = []
        for copy in moved {
            guard let target = places[copy.node] else { continue }
            sites[target].residents.append(copy)
            sites[target].isTarget = true
            if let vacancy = session.vacancy(on: copy.node) { sites[target].vacancy = vacancy }
        }
    }
}
