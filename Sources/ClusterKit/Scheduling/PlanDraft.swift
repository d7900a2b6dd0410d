/// A plan in the making.
struct PlanDraft {
    let evaluation: Evaluation
    let head: Snapshot
    let now: WallTime
    private let epoch: Epoch
    private let job: JobRecord?

    /// Instances that change, each once, in the order in which they were first touched.
    private var touched: [AllocationID] = []
    private var edits: [AllocationID: Edit] = [:]
    private var placed: [PlannedChange] = []
    /// Groups whose changed instances end although their successors have no node yet; `false` where no node ever could.
    private var couldFit: [String: Bool] = [:]
    /// Why groups found no room, and how many instances of each.
    private(set) var refusals: [String: Refusal] = [:]
    private(set) var queued: [String: Int] = [:]
    /// Jobs of instances that make room.
    private(set) var robbed: Set<JobID> = []
    /// The first evaluation that wakes failed instances later.
    var nextWake: EvaluationID?
    /// What follows for evaluations and old versions.
    var records: [PlannedChange] = []

    private struct Edit {
        var allocation: Allocation
        var reason: String
    }

    init(_ evaluation: Evaluation, on head: Snapshot, epoch: Epoch, at now: WallTime) {
        self.evaluation = evaluation
        self.head = head
        self.epoch = epoch
        self.now = now
        job = head.jobs[evaluation.job]
    }

    var plan: Plan {
        let edited = touched.compactMap { edits[$0] }.map {
            PlannedChange(.putAllocation($0.allocation), because: $0.reason)
        }
        return Plan(revision: head.revision, evaluation: evaluation.id, planned: edited + placed + records)
    }

    /// Whether nothing of the job itself changes.
    var changesNoInstance: Bool { touched.isEmpty && placed.isEmpty }

    // MARK: Instances

    private mutating func edit(_ id: AllocationID, because reason: String, _ body: (inout Allocation) -> Void) {
        guard var allocation = edits[id]?.allocation ?? head.allocations[id] else { return }
        body(&allocation)
        allocation.modifyTime = now
        if edits[id] == nil { touched.append(id) }
        edits[id] = Edit(allocation: allocation, reason: reason)
    }

    mutating func stop(_ stops: [Reconciliation.Stop]) {
        for stop in stops { end(stop.allocation, because: stop.reason, lost: stop.lost) }
    }

    private mutating func end(_ id: AllocationID, because reason: String, lost: Bool = false) {
        edit(id, because: reason) { allocation in
            if allocation.desired == .run {
                allocation.desired = .stop
                allocation.desiredDescription = reason
            }
            guard lost else { return }
            allocation.client = .lost
            allocation.clientDescription = reason
        }
    }

    mutating func upgrade(_ upgrades: [AllocationID]) {
        guard let version = job?.version else { return }
        for id in upgrades {
            edit(id, because: "goes on under version \(version) of the job") { $0.jobVersion = version }
        }
    }

    /// Links a failed instance to the evaluation that wakes it.
    mutating func delay(_ id: AllocationID, until evaluation: EvaluationID) {
        edit(id, because: "failed; is placed anew later") { $0.followUp = evaluation }
    }

    // MARK: Placements

    mutating func place(_ want: Reconciliation.Want, as id: AllocationID, _ placement: Placement) {
        guard let job else { return }
        var allocation = Allocation(
            id: id, job: job.job.id, jobVersion: job.version, group: want.group, index: want.index,
            node: placement.node, nodeName: head.nodes[placement.node]?.name ?? "", evaluation: evaluation.id,
            epoch: epoch, resources: placement.resources, time: now)
        if want.previous != nil { allocation.previous = want.previous }
        if !want.reschedules.isEmpty { allocation.reschedules = want.reschedules }
        allocation.score = placement.score
        if !placement.evicting.isEmpty { allocation.preempted = placement.evicting }
        placed.append(PlannedChange(.putAllocation(allocation), because: want.reason))
        switch want.retirement {
        case .whenPlaced(let reason), .atOnce(let reason):
            if let previous = want.previous { end(previous, because: reason) }
        case nil: break
        }
        if let previous = want.previous {
            let reason = edits[previous]?.reason ?? "allocation \(id.short) follows it"
            edit(previous, because: reason) { $0.next = id }
        }
        for victim in placement.evicting {
            edit(victim, because: "makes room for \(allocation.name)") {
                $0.desired = .evict
                $0.desiredDescription = "made room for \(allocation.name)"
                $0.preemptedBy = id
            }
            if let victim = edits[victim]?.allocation { robbed.insert(victim.job) }
        }
    }

    mutating func refuse(_ want: Reconciliation.Want, of job: Job, _ refusal: Refusal) {
        queued[want.group, default: 0] += 1
        if refusals[want.group] == nil {
            refusals[want.group] = refusal
        } else {
            refusals[want.group]?.coalesced += 1
        }
        // The old instance ends first when that may make room; a change that fits nowhere leaves it running.
        guard case .atOnce(let reason) = want.retirement, let previous = want.previous else { return }
        if let pinned = want.pinned {
            if nodes(head.nodes[pinned].map { [$0] } ?? [], couldTake: want.group, of: job) {
                end(previous, because: reason)
            }
            return
        }
        let possible = couldFit[want.group] ?? nodes(head.nodes.unordered, couldTake: want.group, of: job)
        couldFit[want.group] = possible
        if possible { end(previous, because: reason) }
    }

    /// Whether one of `nodes` could take an instance if nothing ran there.
    private func nodes(_ nodes: some Sequence<Node>, couldTake name: String, of job: Job) -> Bool {
        guard let group = job.group(name) else { return false }
        let (filter, needs) = (NodeFilter(job, group), GroupNeeds(group))
        return nodes.contains { filter.failure(on: $0) == nil && Shortage.fits(needs, on: NodeRoom($0)) }
    }
}
