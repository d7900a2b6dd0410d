/// Empties the nodes that are to be empty, by Nomad's order: services first, as their groups allow; what ends by itself
/// when it has; what runs everywhere last; and at the deadline whatever is left.
///
/// It looks only at nodes and jobs of which something changed or whose time has come. All but how long a replacement
/// has been well is made anew from the state; a new leader lets replacements prove themselves once more.
struct Drainer: Sendable {
    /// What is to be done now.
    struct Steps: Sendable {
        /// Instances with what is wished of them.
        var allocations: [Allocation] = []
        /// Nodes of which nothing is left to wish.
        var nodes: [Node] = []

        var isEmpty: Bool { allocations.isEmpty && nodes.isEmpty }
    }

    /// One node's drain.
    private struct Emptying: Sendable {
        let drain: NodeDrain
        /// When patience ends; `nil` never.
        let end: Uptime?
        var isOver = false
    }

    /// How long an instance has been looked at, and been well.
    private struct Trial: Sendable {
        let since: Uptime
        var wellSince: Uptime?
    }

    private var emptying: [NodeID: Emptying] = [:]
    private var stirredNodes: Set<NodeID> = []
    private var stirredJobs: Set<JobID> = []
    private var trials: [JobID: [AllocationID: Trial]] = [:]
    /// When an instance of a job will have proved itself, or had its chance.
    private var alarms: [JobID: Uptime] = [:]
    /// When something is due of which no change tells.
    private(set) var nextWake: Uptime?

    init() {}

    /// Whether no node is to be emptied.
    var isIdle: Bool { emptying.isEmpty }

    /// The drains of `snapshot`.
    init(of snapshot: Snapshot, at now: Now) {
        for node in snapshot.nodes.sorted where node.drain != nil {
            note(node, at: now)
            stirredJobs.formUnion(snapshot.allocations(on: node.id).lazy.filter(\.isLive).map(\.job))
        }
    }

    /// Takes in a change that became true.
    mutating func note(_ change: Change, at now: Now) {
        switch change {
        case .putNode(let node): note(node, at: now)
        case .removeNode(let id): forget(id)
        case .putAllocation(let allocation) where !emptying.isEmpty:
            stirredJobs.insert(allocation.job)
            if emptying[allocation.node] != nil { stirredNodes.insert(allocation.node) }
        case .putJob(let record) where !emptying.isEmpty: stirredJobs.insert(record.job.id)
        case .putEvaluation(let evaluation) where !emptying.isEmpty && evaluation.status != .pending:
            stirredJobs.insert(evaluation.job)
        default: break
        }
    }

    private mutating func note(_ node: Node, at now: Now) {
        guard let drain = node.drain else { return forget(node.id) }
        guard emptying[node.id]?.drain != drain else { return }
        var end = drain.isForced ? now.uptime : nil
        if let deadline = drain.deadline {
            // Never longer than it was meant to take, however far the wall clock was set back meanwhile.
            let wait = min(deadline - now.wall, deadline - drain.startedAt)
            end = min(end ?? now.uptime + max(.zero, wait), now.uptime + max(.zero, wait))
        }
        emptying[node.id] = Emptying(drain: drain, end: end)
        stirredNodes.insert(node.id)
        nextWake = [nextWake, end].compactMap { $0 }.min()
    }

    private mutating func forget(_ node: NodeID) {
        guard emptying.removeValue(forKey: node) != nil else { return }
        stirredNodes.remove(node)
        if emptying.isEmpty { self = Drainer() } else { noteWake() }
    }

    // MARK: What is due

    /// The next steps in the state `head`. What they change has to be noted before the next call.
    mutating func due(in head: Snapshot, at now: Now) -> Steps {
        guard !emptying.isEmpty else { return Steps() }
        for (id, entry) in emptying where !entry.isOver {
            guard let end = entry.end, end <= now.uptime else { continue }
            emptying[id]?.isOver = true
            stirredNodes.insert(id)
        }
        for (job, alarm) in alarms where alarm <= now.uptime { stirredJobs.insert(job) }
        guard !stirredNodes.isEmpty || !stirredJobs.isEmpty else {
            noteWake()
            return Steps()
        }
        var steps = Steps()
        for id in stirredNodes.sorted() {
            guard let entry = emptying[id], let node = head.nodes[id] else { continue }
            look(at: node, entry, in: head, at: now, into: &steps)
            // Services of the node may have their turn by what is wanted of it, and not only by what changed of them.
            stirredJobs.formUnion(head.allocations(on: id).lazy.filter(\.isLive).map(\.job))
        }
        stirredNodes = []
        // One step after the other: what a node's end asks for is true before jobs are looked at.
        if steps.isEmpty { lookAtJobs(in: head, at: now, into: &steps) }
        noteWake()
        return steps
    }

    private mutating func noteWake() {
        let ends = emptying.values.filter { !$0.isOver }.compactMap(\.end)
        nextWake = (ends + alarms.values).min()
    }

    private func look(at node: Node, _ entry: Emptying, in head: Snapshot, at now: Now, into steps: inout Steps) {
        var left: [(allocation: Allocation, kind: JobKind)] = []
        for allocation in head.allocations(on: node.id) where !allocation.isTerminal {
            let kind = (head.jobs[allocation.job]?.job ?? head.job(of: allocation))?.kind ?? .service
            if kind.runsEverywhere && entry.drain.ignoresSystemJobs { continue }
            left.append((allocation, kind))
        }
        guard !left.isEmpty else {
            steps.nodes.append(node.leaving(entry.drain, "Node drain complete", at: now.wall))
            return
        }
        if entry.isOver, entry.drain.isTidying {
            for (allocation, _) in left where allocation.desired == .run && allocation.wish == .migrate {
                steps.wish(nil, of: allocation, at: now.wall)
            }
            let words = "Node drain ended: not all found room elsewhere"
            steps.nodes.append(node.leaving(entry.drain, words, at: now.wall))
            return
        }
        let known = steps.allocations.count
        let isLast = left.allSatisfy { $0.kind == .system }
        for (allocation, kind) in left where allocation.desired == .run {
            #if MUTANTS
                if Sabotage.active == .forgottenDrain, entry.isOver { continue }
            #endif
            if entry.isOver {
                if allocation.wish != .forceMigrate { steps.wish(.forceMigrate, of: allocation, at: now.wall) }
            } else if kind == .system, isLast, allocation.wish == nil {
                steps.wish(.migrate, of: allocation, at: now.wall)
            }
        }
        if entry.isOver, !entry.drain.isForced, steps.allocations.count > known {
            var late = node
            let words = "Node drain deadline reached; \(steps.allocations.count - known) allocations are stopped"
            late.note(NodeEvent(time: now.wall, subsystem: "Drain", message: words))
            steps.nodes.append(late)
        }
    }

    // MARK: Services

    private mutating func lookAtJobs(in head: Snapshot, at now: Now, into steps: inout Steps) {
        var leaving: Set<JobID> = []
        for node in emptying.keys {
            leaving.formUnion(head.allocations(on: node).lazy.filter(\.isLive).map(\.job))
        }
        for job in stirredJobs.sorted() {
            alarms[job] = nil
            guard leaving.contains(job), let record = head.jobs[job], !record.stopped, record.job.kind == .service
            else {
                trials[job] = nil
                continue
            }
            let old = trials.updateValue([:], forKey: job) ?? [:]
            let running = head.allocations(of: job).filter { !$0.isTerminal }
            for group in record.job.groups {
                let members = running.filter { $0.group == group.name }
                look(at: group, of: job, members, old, in: head, at: now, into: &steps)
            }
        }
        stirredJobs = []
    }

    private mutating func look(
        at group: TaskGroup, of job: JobID, _ members: [Allocation], _ old: [AllocationID: Trial], in head: Snapshot,
        at now: Now, into steps: inout Steps
    ) {
        let rule = group.migrate ?? MigrateStrategy()
        // Whoever may run only once ends first, and is on its way until its successor is placed. Those that leave
        // because fewer are wanted have none.
        let leaving = members.count { !$0.isLive && $0.next == nil && ($0.fence != nil || group.atMostOne) }
        // Of a silent one that was replaced its successor counts.
        let members = members.filter { $0.isLive && ($0.client != .unknown || $0.next == nil) }
        let parting = min(leaving, max(0, group.count - members.count))
        guard members.contains(where: { emptying[$0.node] != nil }) else { return }
        var (candidates, waiting): ([Allocation], Int) = ([], 0)
        var room = max(1, rule.maxParallel) - parting
        for member in members {
            if member.wish?.leavesNode == true {
                waiting += 1
            } else if emptying[member.node] != nil, member.client != .unknown {
                if member.wish == nil { candidates.append(member) }
            } else if !isSettled(member, rule, in: group, old, at: now) {
                room -= 1
            }
        }
        guard !candidates.isEmpty else { return }
        // Those who wait for room or for their next attempt are missing already.
        room -= max(waiting, head.waiting(for: group.name, of: job)) + head.resting(of: group.name, in: job)
        guard room > 0 else { return }
        // What is not well loses nothing.
        let ranked = candidates.map { (isUp: $0.isUp(by: rule, in: group), allocation: $0) }
        let ordered = ranked.sorted {
            $0.isUp != $1.isUp ? $1.isUp : Departure($0.allocation) < Departure($1.allocation)
        }
        for entry in ordered.prefix(room) { steps.wish(.migrate, of: entry.allocation, at: now.wall) }
    }

    /// Whether an instance elsewhere counts as there: what ran before the drain when it is up, what came since when it
    /// has been up for long enough, and both once they have had their time.
    private mutating func isSettled(
        _ member: Allocation, _ rule: MigrateStrategy, in group: TaskGroup, _ old: [AllocationID: Trial], at now: Now
    ) -> Bool {
        if member.health != nil { return true }
        let start = emptying.values.map(\.drain.startedAt).min() ?? now.wall
        let needed = member.createTime < start ? Duration.zero : rule.minHealthyTime
        var trial = old[member.id] ?? Trial(since: now.uptime)
        trial.wellSince = member.isUp(by: rule, in: group) ? trial.wellSince ?? now.uptime : nil
        trials[member.job, default: [:]][member.id] = trial
        let last = trial.since + rule.healthyDeadline
        let due = trial.wellSince.map { min($0 + needed, last) } ?? last
        if due <= now.uptime { return true }
        alarms[member.job] = min(alarms[member.job] ?? due, due)
        return false
    }
}

extension Drainer.Steps {
    fileprivate mutating func wish(_ wish: AllocationWish?, of allocation: Allocation, at time: WallTime) {
        var wishing = allocation
        wishing.wish = wish
        wishing.modifyTime = time
        allocations.append(wishing)
    }
}

extension Node {
    /// This node without its drain; one that was drained only to come free takes work again.
    fileprivate func leaving(_ drain: NodeDrain, _ words: String, at time: WallTime) -> Node {
        var node = self
        node.drain = nil
        node.note(NodeEvent(time: time, subsystem: "Drain", message: words))
        if drain.isTidying, node.setAside == nil {
            node.eligibility = .eligible
            node.note(NodeEvent(time: time, message: "Node marked as eligible for scheduling"))
        }
        return node
    }
}

extension Allocation {
    /// Whether it runs and, where its group wants that, all its checks pass.
    fileprivate func isUp(by rule: MigrateStrategy, in group: TaskGroup) -> Bool {
        guard client == .running else { return false }
        guard rule.healthCheck == "checks" else { return true }
        return group.placedServices.allSatisfy { service in
            service.spec.checks.indices.allSatisfy { place in
                checks.contains { $0.service == service.key && $0.index == place && $0.health == .passing }
            }
        }
    }
}

extension Snapshot {
    /// How many instances of a group wait for room.
    fileprivate func waiting(for group: String, of job: JobID) -> Int {
        evaluations(of: job).filter { evaluation in
            // What waits for other work was not there before the drain.
            evaluation.status == .blocked && evaluation.refusals[group]?.awaits.isEmpty != false
        }.map { $0.queued[group] ?? 0 }.max() ?? 0
    }

    /// How many instances of a group failed and wait for their next attempt.
    fileprivate func resting(of group: String, in job: JobID) -> Int {
        allocations(of: job).count { allocation in
            guard allocation.group == group, allocation.desired == .run, allocation.next == nil else { return false }
            guard allocation.isTerminal, let wake = allocation.followUp else { return false }
            return evaluations[wake]?.status == .pending
        }
    }
}
