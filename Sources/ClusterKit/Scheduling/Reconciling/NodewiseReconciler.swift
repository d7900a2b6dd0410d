/// The reconciler's work on one group of a job that runs everywhere: one instance on each node that takes work and
/// meets its rules.
///
/// Instances belong to their nodes. One that ended is placed anew on its own node or not at all; one whose node meets
/// the rules no longer ends. What runs on a node that only takes no new work stays as it is.
struct NodewiseReconciler {
    private let group: TaskGroup
    private let record: JobRecord
    private var versions: VersionCheck
    private let head: Snapshot
    private let filter: NodeFilter
    /// How many nodes may still get the newest version with this look.
    private var allowance: Int
    /// How many others may be tried where those have no room for it.
    private var alternatives: Int
    /// Whether the next turn is waited for: until then only what waits for room since an earlier one is replaced.
    private let isBetweenTurns: Bool

    /// By node, the instance that stands for its work: it runs, it is done, or it failed for good.
    private var claims: [NodeID: Allocation] = [:]
    /// Numbers that nobody else may get; `nil` until they are asked for.
    private var taken: Set<Int>?
    /// All numbers below are taken.
    private var lowest = 0

    init(
        group: TaskGroup, record: JobRecord, versions: VersionCheck, head: Snapshot, evaluation: EvaluationID?
    ) {
        self.group = group
        self.record = record
        self.versions = versions
        self.head = head
        filter = NodeFilter(record.job, group)
        (allowance, alternatives, isBetweenTurns) = Self.allowance(of: group, record, in: head, for: evaluation)
    }

    /// So many nodes at a time, `stagger` apart: until then, other reasons to look at the job replace nothing but what
    /// waits for room since an earlier turn.
    private static func allowance(
        of group: TaskGroup, _ record: JobRecord, in head: Snapshot, for evaluation: EvaluationID?
    ) -> (allowance: Int, alternatives: Int, isBetweenTurns: Bool) {
        guard let update = group.update ?? record.job.update, update.maxParallel > 0 else { return (.max, 0, false) }
        let open = head.openEvaluations(of: record.job.id)
        let waits = open.contains { $0.trigger == .rollingUpdate && $0.status == .pending && $0.id != evaluation }
        guard waits else { return (update.maxParallel, Reconciliation.mostAlternatives, false) }
        return (open.lazy.filter { $0.status == .blocked }.map { $0.queued[group.name] ?? 0 }.max() ?? 0, 0, true)
    }

    /// Looks at all nodes.
    mutating func reconcile(_ allocations: [Allocation], into result: inout Reconciliation) {
        let ended = claim(allocations, into: &result)
        guard group.count > 0 else { return endAll(into: &result) }
        if isBetweenTurns, allowance > 0 {
            // Nodes that have none wait for room as well, and are no part of any turn.
            let vacant = head.nodes.sorted.count { claims[$0.id] == nil && filter.failure(on: $0) == nil }
            allowance = max(0, allowance - vacant)
        }
        if allowance < .max { result.allowances[group.name] = allowance }
        for node in head.nodes.sorted.sorted(by: { ($0.name, $0.id) < ($1.name, $1.id) }) {
            if let want = want(on: node, after: ended[node.id], into: &result) { result.wants.append(want) }
        }
    }

    /// Finds who stands where. Returns, by node, the newest that ended or is about to, and has no successor.
    private mutating func claim(_ allocations: [Allocation], into result: inout Reconciliation) -> [NodeID: Allocation]
    {
        let ordered = Reconciler.byNumber(allocations)
        var ended: [NodeID: Allocation] = [:]
        for allocation in ordered {
            if !allocation.isTerminal { claim(allocation, into: &result) }
            if !allocation.isLive, allocation.next == nil, isNewer(allocation, than: ended[allocation.node]) {
                ended[allocation.node] = allocation
            }
        }
        for allocation in ordered where allocation.isTerminal && isOver(allocation) {
            if claims[allocation.node] == nil { claims[allocation.node] = allocation }
        }
        return ended
    }

    private mutating func endAll(into result: inout Reconciliation) {
        for allocation in claims.values.sorted(by: { $0.id < $1.id }) where !allocation.isTerminal {
            result.stops.append(.init(allocation: allocation.id, reason: "count was lowered to 0"))
        }
    }

    // MARK: Who stands where

    private mutating func claim(_ allocation: Allocation, into result: inout Reconciliation) {
        switch head.whereabouts(of: allocation) {
        case .lost(let loss): result.stops.append(.init(allocation: allocation.id, reason: loss, lost: true))
        case .unknown(let reason):
            result.note(silent: allocation, because: reason, in: head)
            // It has its node for itself until it is lost: nothing is placed there meanwhile.
            claims[allocation.node] = claims[allocation.node] ?? allocation
        case .known where allocation.desired == .run:
            guard let rival = claims[allocation.node] else {
                claims[allocation.node] = allocation
                return
            }
            let (kept, extra) = prefers(allocation, to: rival) ? (allocation, rival) : (rival, allocation)
            claims[allocation.node] = kept
            result.stops.append(.init(allocation: extra.id, reason: "allocation \(kept.id.short) is on the same node"))
        case .known: break
        }
    }

    /// Of two on one node the one that fits the job stays; else the older one.
    private func prefers(_ left: Allocation, to right: Allocation) -> Bool {
        let (leftFits, rightFits) = (versions.runsNewest(left), versions.runsNewest(right))
        if leftFits != rightFits { return leftFits }
        return (left.createRevision, left.id) < (right.createRevision, right.id)
    }

    private func isNewer(_ allocation: Allocation, than other: Allocation?) -> Bool {
        guard let other else { return true }
        return (allocation.createRevision, allocation.id) > (other.createRevision, other.id)
    }

    /// Whether an instance that ended has done all that this version of the job asks of its node, or cannot do it.
    private func isOver(_ allocation: Allocation) -> Bool {
        guard allocation.desired == .run, allocation.next == nil else { return false }
        #if MUTANTS
            if Sabotage.active == .repeatedNodeWork, allocation.client == .complete { return false }
        #endif
        switch allocation.client {
        case .complete: return record.job.kind.isFinite && allocation.jobVersion == record.version
        case .failed: return allocation.jobVersion == record.version && allocation.wish != .replace
        case .pending, .running, .lost, .unknown: return false
        }
    }

    // MARK: What follows

    private mutating func want(
        on node: Node, after ended: Allocation?, into result: inout Reconciliation
    ) -> Reconciliation.Want? {
        guard let claim = claims[node.id] else {
            guard filter.failure(on: node) == nil, ended != nil || record.reaches(node) else { return nil }
            return fill(node, after: ended)
        }
        if claim.isTerminal { return nil }
        if claim.wish?.leavesNode == true {
            result.stops.append(.init(allocation: claim.id, reason: "node \(node.name) is drained"))
            return nil
        }
        if let rule = filter.mismatch(on: node) {
            let reason = "node \(node.name) does not meet the rules of the job: \(rule)"
            result.stops.append(.init(allocation: claim.id, reason: reason))
            return nil
        }
        guard claim.jobVersion != record.version else { return nil }
        guard let reason = versions.outdated(claim, in: group) else {
            result.upgrades.append(claim.id)
            return nil
        }
        // Its successor could not be placed there.
        guard node.takesWork else { return nil }
        let want = Reconciliation.Want(
            group: group.name, index: claim.index, previous: claim.id, retirement: .givingRoom(reason),
            pinned: node.id, reason: reason)
        guard allowance > 0 else {
            if alternatives > 0 {
                alternatives -= 1
                result.alternatives.append(want)
            }
            let stagger = (group.update ?? record.job.update)?.stagger ?? .zero
            result.stagger = max(result.stagger ?? .zero, stagger)
            return nil
        }
        allowance -= 1
        return want
    }

    private mutating func fill(_ node: Node, after ended: Allocation?) -> Reconciliation.Want {
        var want = Reconciliation.Want(
            group: group.name, index: number(preferring: ended?.index), pinned: node.id,
            reason: "node \(node.name) has no instance")
        guard let ended else { return want }
        want.previous = ended.id
        if ended.desired == .run {
            want.reason = ended.client == .lost ? "instance was lost" : "instance ended"
            if ended.jobVersion != record.version { want.reason = "job changed to version \(record.version)" }
            want.retirement = .whenPlaced(want.reason)
        }
        return want
    }

    /// The number that the node had, if nobody has it now; else the lowest that is free.
    private mutating func number(preferring old: Int?) -> Int {
        var numbers = taken ?? Set(claims.values.map(\.index))
        taken = nil
        defer { taken = numbers }
        if let old, numbers.insert(old).inserted { return old }
        while !numbers.insert(lowest).inserted { lowest += 1 }
        return lowest
    }
}

extension JobRecord {
    /// Whether a job that runs everywhere begins on a node where it never was. What a schedule or a dispatch began is
    /// for the nodes that there were: each that comes later would else do the work of all times that are kept.
    func reaches(_ node: Node) -> Bool { job.origin == nil || node.createRevision <= createRevision }
}
