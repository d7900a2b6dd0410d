/// Finds what nobody needs any more: it has ended, it is old, and nothing that is kept leads to it.
///
/// What is needed is decided job by job, for all that refers to each other belongs to one job. Ages are measured on the
/// wall clock, as they must survive a restart; a clock that runs ahead makes things old too early, never others wait.
struct Collector {
    let head: Snapshot
    let ages: CollectionThresholds
    let now: WallTime
    /// How many versions of a job are kept in any case.
    let keptJobVersions: Int
    /// Jobs that others wait for.
    let awaited: Set<JobID>

    /// What can go of one job, at most `limit` changes, in an order in which any beginning of it may go alone; and how
    /// many records were looked at.
    func spare(of job: JobID, atMost limit: Int) -> (changes: [Change], looked: Int) {
        let belongings = Belongings(of: job, in: head)
        var changes: [Change] = []
        if let record = belongings.record {
            if isOver(record, belongings) {
                // First of all: nobody then takes the job for one whose work is still to be done. The rest of it is
                // as old, and belongs to no job from now on.
                changes = [.removeJob(job)] + remainder(of: belongings)
            } else {
                changes = spare(of: record, belongings)
                changes += head.spareVersions(of: job, beyond: keptJobVersions).map { .removeJobVersion($0) }
            }
        } else {
            changes = remainder(of: belongings)
        }
        return (Array(changes.prefix(limit)), belongings.count)
    }

    /// Nodes that are gone for long and on which nothing is taken to run.
    func spareNodes() -> [Change] {
        head.nodes.unordered.filter { node in
            #if MUTANTS
                if Sabotage.active == .collectsNode { return node.status == .down }
            #endif
            return node.status == .down && isOlder(node.statusTime, than: ages.node)
                && head.allocations(on: node.id).allSatisfy(\.isTerminal)
        }
        .map(\.id).sorted().map { .removeNode($0) }
    }

    // MARK: - Jobs

    /// Whether nothing will ever come of a job again, for long enough.
    private func isOver(_ record: JobRecord, _ belongings: Belongings) -> Bool {
        let job = record.job
        guard !awaited.contains(job.id) else { return false }
        if !record.stopped {
            #if MUTANTS
                if Sabotage.active == .collectsParent, job.isParent {
                    return isOlder(record.submitTime, than: ages.job)
                }
            #endif
            // Services run until they are stopped, and parents stand until then.
            guard job.kind.isFinite, job.periodic == nil, job.parameterized == nil else { return false }
            // One that a schedule made and that found no node, or asks for none, has had its time.
            guard job.origin != nil || !belongings.allocations.isEmpty else { return false }
        }
        guard belongings.isAtRest, belongings.allocations.allSatisfy({ isConfirmed($0) }) else { return false }
        return isOlder(belongings.lastChange, than: ages.job)
    }

    /// What can go of a job that is kept.
    private func spare(of record: JobRecord, _ belongings: Belongings) -> [Change] {
        let age = age(of: record.job.kind)
        var spare: [Change] = []
        let instances = Instances(of: record, belongings, in: head)
        var kept: [Allocation] = []
        for allocation in belongings.allocations {
            let isSpare =
                isConfirmed(allocation) && isOlder(allocation.modifyTime, than: age) && !instances.need(allocation)
            if isSpare { spare.append(.removeAllocation(allocation.id)) } else { kept.append(allocation) }
        }
        let newest = belongings.deployments.last?.id
        for deployment in belongings.deployments where deployment.id != newest || record.stopped {
            if isSpare(deployment, kept) { spare.append(.removeDeployment(deployment.id)) }
        }
        return spare + spareEvaluations(belongings, kept) { _ in age }
    }

    /// What can go of a job that is gone: it is kept as long as that of other jobs, but no longer than jobs are.
    private func remainder(of belongings: Belongings) -> [Change] {
        var spare: [Change] = []
        var kept: [Allocation] = []
        for allocation in belongings.allocations {
            let kind = belongings.kind(of: allocation)
            if isConfirmed(allocation), isOlder(allocation.modifyTime, than: min(age(of: kind), ages.job)) {
                spare.append(.removeAllocation(allocation.id))
            } else {
                kept.append(allocation)
            }
        }
        for deployment in belongings.deployments where isSpare(deployment, kept) {
            spare.append(.removeDeployment(deployment.id))
        }
        return spare + spareEvaluations(belongings, kept) { min(age(of: $0), ages.job) }
    }

    private func isSpare(_ deployment: Deployment, _ kept: [Allocation]) -> Bool {
        !deployment.isActive && isOlder(deployment.modifyTime, than: ages.deployment)
            && !kept.contains { !$0.isTerminal && $0.deployment == deployment.id }
    }

    private func spareEvaluations(
        _ belongings: Belongings, _ kept: [Allocation], age: (JobKind) -> Duration
    ) -> [Change] {
        var needed = Set(kept.map(\.evaluation))
        needed.formUnion(kept.compactMap(\.followUp))
        for evaluation in belongings.evaluations where evaluation.isOpen {
            if let previous = evaluation.previous { needed.insert(previous) }
        }
        return belongings.evaluations.compactMap { evaluation in
            guard !evaluation.isOpen, !needed.contains(evaluation.id) else { return nil }
            return isOlder(evaluation.modifyTime, than: age(evaluation.kind)) ? .removeEvaluation(evaluation.id) : nil
        }
    }

    // MARK: - Ages

    /// Whether it is certain that nothing of an allocation runs. One that counts as lost may run on until its agent is
    /// back, or its node is given up.
    private func isConfirmed(_ allocation: Allocation) -> Bool {
        #if MUTANTS
            if Sabotage.active == .collectsRunning, allocation.desired != .run { return true }
        #endif
        guard allocation.isTerminal else { return false }
        #if MUTANTS
            if Sabotage.active == .collectsLost { return true }
        #endif
        return allocation.client != .lost || head.nodes.part(of: allocation.node) { $0.status != .down } ?? true
    }

    private func isOlder(_ time: WallTime, than age: Duration) -> Bool { now - time >= age }

    private func age(of kind: JobKind) -> Duration { kind.isFinite ? ages.batchEvaluation : ages.evaluation }
}

/// All that there is of one job.
private struct Belongings {
    let record: JobRecord?
    let allocations: [Allocation]
    let evaluations: [Evaluation]
    let deployments: [Deployment]

    init(of job: JobID, in head: Snapshot) {
        record = head.jobs[job]
        allocations = head.allocations(of: job)
        evaluations = head.evaluations(of: job)
        deployments = head.deployments(of: job)
    }

    var count: Int { 1 + allocations.count + evaluations.count + deployments.count }

    /// Whether nothing of it runs or is to be looked at.
    var isAtRest: Bool {
        allocations.allSatisfy(\.isTerminal) && !evaluations.contains(where: \.isOpen)
            && !deployments.contains(where: \.isActive)
    }

    /// When something last happened.
    var lastChange: WallTime {
        var last = record.map { max($0.submitTime, $0.stopTime ?? $0.submitTime) } ?? WallTime(nanoseconds: .min)
        for allocation in allocations { last = max(last, allocation.modifyTime) }
        for evaluation in evaluations { last = max(last, evaluation.modifyTime) }
        for deployment in deployments { last = max(last, deployment.modifyTime) }
        return last
    }

    /// The kind that a job had when an allocation of it was placed; the one that is kept longest when nothing tells.
    func kind(of allocation: Allocation) -> JobKind {
        evaluations.first { $0.id == allocation.evaluation }?.kind ?? evaluations.first?.kind ?? .batch
    }
}

/// Which ended instances of a job that is kept still say something: that work is done, that it failed for good, or what
/// the next instance at that place follows.
private struct Instances {
    private struct Seat: Hashable {
        let group: String
        let index: Int
    }

    private let record: JobRecord
    private let head: Snapshot
    /// Where an instance stands that has not ended.
    private var occupied: Set<Seat> = []
    /// The newest of those that ended and have no successor, by place.
    private var newest: [Seat: (revision: Revision, id: AllocationID)] = [:]
    private var predecessors: Set<AllocationID> = []
    private var rolledOut: Set<DeploymentID> = []

    init(of record: JobRecord, _ belongings: Belongings, in head: Snapshot) {
        self.record = record
        self.head = head
        rolledOut = Set(belongings.deployments.filter(\.isActive).map(\.id))
        for allocation in belongings.allocations {
            let seat = Seat(group: allocation.group, index: allocation.index)
            if !allocation.isTerminal {
                occupied.insert(seat)
                // Its files may still be fetched from there.
                if allocation.client != .running, let previous = allocation.previous { predecessors.insert(previous) }
            } else if allocation.next == nil {
                let place = (allocation.createRevision, allocation.id)
                if let known = newest[seat], (known.revision, known.id) > place { continue }
                newest[seat] = (revision: place.0, id: place.1)
            }
        }
    }

    func need(_ allocation: Allocation) -> Bool {
        if predecessors.contains(allocation.id) || allocation.deployment.map(rolledOut.contains) == true { return true }
        guard !record.stopped, let group = record.job.group(allocation.group) else { return false }
        // Work that is done counts for the version that asked for it, also where another was placed for it meanwhile.
        let counts = !record.job.kind.isFinite || allocation.jobVersion >= record.workVersion
        let isDone = record.job.kind.isFinite && allocation.client == .complete && allocation.desired == .run
        guard allocation.next == nil || isDone && counts else { return false }
        if record.job.kind.runsEverywhere { return allocation.desired == .run && head.nodes[allocation.node] != nil }
        if allocation.desired == .run { return counts }
        let seat = Seat(group: allocation.group, index: allocation.index)
        return allocation.index < group.count && !occupied.contains(seat) && newest[seat]?.id == allocation.id
    }
}
