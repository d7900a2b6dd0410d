/// A plan in the making.
struct PlanDraft {
    let evaluation: Evaluation
    let scope: PlanScope
    let head: Snapshot
    let now: WallTime
    private let epoch: Epoch
    let job: JobRecord?

    /// Instances that change, each once, in the order in which they were first touched.
    private var touched: [AllocationID] = []
    private var edits: [AllocationID: Edit] = [:]
    private var placed: Plan
    /// The instance that was placed last: the next one of its group stands beside it.
    private var latest: Allocation?
    /// Why groups found no room, and how many instances of each.
    private(set) var refusals: [String: Refusal] = [:]
    private(set) var queued: [String: Int] = [:]
    /// Jobs of instances that make room.
    private(set) var robbed: Set<JobID> = []
    /// The first evaluation that wakes failed instances later.
    var nextWake: EvaluationID?
    /// What follows for evaluations and old versions.
    var records: Plan
    /// The roll-out that watches what is placed; `nil` when none does.
    var deployment: Deployment?

    /// For how long instances of the group that was placed last may run on after their lease, where they have one.
    private var fence: (group: String, version: Int, time: Duration?)?

    private struct Edit {
        var allocation: Allocation
        var reason: String
    }

    init(_ evaluation: Evaluation, _ scope: PlanScope, on head: Snapshot, epoch: Epoch, at now: WallTime) {
        self.evaluation = evaluation
        self.scope = scope
        self.head = head
        self.epoch = epoch
        self.now = now
        job = head.jobs[evaluation.job]
        placed = Plan(revision: head.revision, evaluation: evaluation.id)
        records = placed
    }

    /// The plan, once all is in it.
    mutating func finish() -> Plan {
        var plan = Plan(revision: head.revision, evaluation: evaluation.id)
        for edit in touched.compactMap({ edits[$0] }) {
            plan.add(.putAllocation(edit.allocation), because: edit.reason)
        }
        // Most plans only place, and then nothing is copied.
        if touched.isEmpty { swap(&plan, &placed) } else { plan.add(placed) }
        plan.add(records)
        return plan
    }

    /// The revision that the plan makes unless something else comes first: what is stamped with it already need not be
    /// copied to be.
    private var revision: Revision { head.revision.next }

    /// Takes what waits of all groups but one from the evaluations that tell of it, the first of them first: only that
    /// one was looked at.
    mutating func takeOver(allBut group: String, from waiting: [Evaluation]) {
        let (queued, refusals) = (queued[group], refusals[group])
        (self.queued, self.refusals) = ([:], [:])
        for evaluation in waiting {
            for (name, count) in evaluation.queued where self.queued[name] == nil {
                self.queued[name] = count
                self.refusals[name] = evaluation.refusals[name]
            }
        }
        self.queued[group] = queued
        self.refusals[group] = refusals
    }

    /// Tells how many instances may be placed.
    mutating func expect(_ count: Int) { placed.reserve(count + 2) }

    /// Whether nothing of the job itself changes.
    var changesNoInstance: Bool { touched.isEmpty && placed.changes.isEmpty }

    // MARK: Instances

    mutating func edit(_ id: AllocationID, because reason: String, _ body: (inout Allocation) -> Void) {
        guard var allocation = edits[id]?.allocation ?? head.allocations[id] else { return }
        body(&allocation)
        allocation.modifyTime = now
        allocation.modifyRevision = revision
        if edits[id] == nil { touched.append(id) }
        edits[id] = Edit(allocation: allocation, reason: reason)
    }

    mutating func stop(_ stops: [Reconciliation.Stop]) {
        for stop in stops {
            if !stop.isFailure { end(stop.allocation, because: stop.reason) }
            guard stop.lost else { continue }
            edit(stop.allocation, because: stop.reason) { allocation in
                allocation.client = .lost
                allocation.cause = .node
                allocation.clientDescription = stop.reason
            }
        }
    }

    private mutating func end(_ id: AllocationID, because reason: String) {
        edit(id, because: reason) { allocation in
            guard allocation.desired == .run else { return }
            allocation.desired = .stop
            allocation.desiredDescription = reason
        }
    }

    mutating func mark(unknown silent: [Reconciliation.Silence]) {
        for silence in silent {
            edit(silence.allocation, because: silence.reason) { allocation in
                allocation.client = .unknown
                allocation.clientDescription = silence.reason
            }
        }
    }

    mutating func upgrade(_ upgrades: [AllocationID]) {
        guard let version = job?.version else { return }
        for id in upgrades {
            let group = head.allocations.part(of: id, \.group)
            let watching = group.flatMap { watch(upgradeIn: $0) }
            let time = group.flatMap { fence(of: $0, version) }
            edit(id, because: "goes on under version \(version) of the job") {
                $0.jobVersion = version
                // Whoever watches over what runs now knows the old time, and the new one from the next start on.
                if let known = $0.fence, let time { $0.fence = max(known, time) }
                guard let watching else { return }
                $0.deployment = watching
                $0.health = nil
            }
        }
    }

    /// Lets instances have no successor any more.
    mutating func welcome(_ returned: [AllocationID]) {
        for id in returned { edit(id, because: "has returned, and stays") { $0.next = nil } }
    }

    /// Links a failed instance to the evaluation that wakes it.
    mutating func delay(_ id: AllocationID, until evaluation: EvaluationID) {
        // Of one whose node is lost that is told already, which says more.
        let reason = edits[id]?.reason ?? "failed; is placed anew later"
        edit(id, because: reason) { $0.followUp = evaluation }
    }

    // MARK: Placements

    mutating func place(_ want: Reconciliation.Want, as id: AllocationID, _ placement: Placement) {
        guard let job else { return }
        let nodeName = placement.nodeName ?? head.nodes.part(of: placement.node, \.name) ?? ""
        let version = want.jobVersion ?? job.version
        let watching = watch(want, as: id)
        var allocation: Allocation
        if let latest, latest.group == want.group, latest.jobVersion == version {
            allocation = Allocation(
                beside: latest, id: id, index: want.index, node: placement.node, nodeName: nodeName,
                resources: placement.resources)
        } else {
            allocation = Allocation(
                id: id, job: job.job.id, jobVersion: version, group: want.group, index: want.index,
                node: placement.node, nodeName: nodeName, evaluation: evaluation.id, epoch: epoch,
                resources: placement.resources, time: now)
        }
        if let watching { allocation.watch(by: watching, like: latest) }
        if let time = fence(of: want.group, version) { allocation.fence = time }
        if want.isCanary { allocation.isCanary = true }
        if want.previous != nil { allocation.previous = want.previous }
        if !want.reschedules.isEmpty { allocation.reschedules = want.reschedules }
        allocation.score = placement.score
        if !placement.evicting.isEmpty { allocation.preempted = placement.evicting }
        allocation.stamp(revision, createdAt: revision)
        latest = allocation
        placed.add(.putAllocation(allocation), because: want.reason)
        switch want.retirement {
        case .whenPlaced(let reason), .givingRoom(let reason):
            if let previous = want.previous { end(previous, because: reason) }
        case nil: break
        }
        if let previous = want.previous {
            let reason = edits[previous]?.reason ?? "allocation \(id.short) follows it"
            edit(previous, because: reason) { $0.next = id }
        }
        for victim in placement.evicting where victim != want.previous && !isGoing(victim) {
            edit(victim, because: "makes room for \(allocation.name)") {
                $0.desired = .evict
                $0.desiredDescription = "made room for \(allocation.name)"
                $0.preemptedBy = id
            }
            if let victim = edits[victim]?.allocation { robbed.insert(victim.job) }
        }
    }

    private mutating func fence(of group: String, _ version: Int) -> Duration? {
        if let fence, fence.group == group, fence.version == version { return fence.time }
        guard let job else { return nil }
        let stated = version == job.version ? job.job : head.jobVersions[JobVersion(job.job.id, version)]?.job
        let found = stated?.group(group).flatMap { $0.atMostOne ? $0.killTime : nil }
        fence = (group, version, found)
        return found
    }

    /// Whether an instance has to end before the one that takes its number may be placed.
    func hasToEndFirst(_ want: Reconciliation.Want) -> Bool {
        guard let id = want.previous, let previous = edits[id]?.allocation ?? head.allocations[id],
            !previous.isTerminal
        else { return false }
        return previous.fence != nil || job?.job.group(want.group)?.atMostOne == true
    }

    /// Ends an instance whose number another gets once it has ended.
    mutating func makeWay(for want: Reconciliation.Want) {
        switch want.retirement {
        case .whenPlaced(let reason), .givingRoom(let reason):
            guard let id = want.previous else { return }
            end(id, because: reason)
            let cause = evaluation.id
            edit(id, because: reason) { $0.followUp = cause }
        case nil: break
        }
    }

    /// Whether an instance ends for another already.
    private func isGoing(_ id: AllocationID) -> Bool {
        (edits[id]?.allocation ?? head.allocations[id])?.desired != .run
    }

    /// Notes that an instance waits. The one that it shall replace, if there is one, runs on until it has a node.
    mutating func refuse(_ want: Reconciliation.Want, _ refusal: Refusal) {
        queued[want.group, default: 0] += 1
        if refusals[want.group] == nil {
            refusals[want.group] = refusal
        } else {
            refusals[want.group]?.coalesced += 1
        }
    }

    /// Notes instances that wait for other work.
    mutating func hold(_ holds: [Reconciliation.Hold]) {
        for hold in holds {
            queued[hold.group, default: 0] += hold.count
            var refusal = refusals[hold.group] ?? Refusal()
            refusal.coalesced += refusals[hold.group] == nil ? hold.count - 1 : hold.count
            refusal.awaits = hold.obstacles
            refusals[hold.group] = refusal
        }
    }

    /// What the evaluation that waits says of itself.
    var waitingDescription: String {
        let obstacles = refusals.sorted { $0.key < $1.key }.flatMap(\.value.awaits)
        guard refusals.values.allSatisfy(\.isAtGate), let first = obstacles.first else {
            let isShortOfRoom = refusals.values.contains { !$0.exhausted.isEmpty || !$0.shortages.isEmpty }
            return isShortOfRoom ? "waits for room" : "waits for a node that may take it"
        }
        let others = Set(obstacles).count - 1
        return "waits for other work: \(first)" + (others > 0 ? ", and \(others) more" : "")
    }
}
