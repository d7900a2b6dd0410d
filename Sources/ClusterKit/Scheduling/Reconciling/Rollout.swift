/// The roll-out of the newest version of a job, as the reconciler finds it.
struct Rollout {
    /// The one of the newest version, unless it has succeeded: it runs, is paused, or has failed.
    let current: Deployment?
    /// Those that still run although their version is no longer the newest, or the job was stopped.
    let outlived: [Deployment]
    /// Whether nothing was done for the newest version yet: a roll-out begins with this look.
    let begins: Bool
    /// Whether nothing of the job shall run.
    let isStopped: Bool

    init(of job: JobID, _ record: JobRecord?, in head: Snapshot, among allocations: [Allocation]) {
        let all = head.deployments(of: job)
        guard let record, !record.stopped else {
            (current, outlived, begins, isStopped) = (nil, all.filter(\.isActive), false, true)
            return
        }
        // What is left of a purged job of the same name is not of this one.
        let own = all.filter { $0.jobVersion == record.version && $0.createRevision >= record.createRevision }
        current = own.last.flatMap { $0.isActive || $0.status == .failed ? $0 : nil }
        isStopped = false
        let id = current?.id
        outlived = all.filter { $0.isActive && $0.id != id }
        begins =
            record.job.kind == .service && own.isEmpty
            && !allocations.contains { $0.jobVersion == record.version }
    }

    /// What holds for one group.
    func of(_ group: TaskGroup, in job: Job) -> GroupRollout {
        guard let strategy = group.update ?? job.update, strategy.maxParallel > 0, job.kind == .service else {
            return GroupRollout()
        }
        return GroupRollout(
            strategy: begins || current?.groups[group.name] != nil ? strategy : nil, deployment: current,
            state: current?.groups[group.name])
    }
}

/// What a roll-out allows the reconciler to do with one group.
struct GroupRollout {
    /// The rules; `nil` when changed instances are replaced at once.
    var strategy: UpdateStrategy?
    /// The roll-out, unless it only begins.
    var deployment: Deployment?
    /// How far it is with the group.
    var state: DeploymentGroup?

    /// Whether it replaces nothing: someone paused it, or it failed.
    var isHalted: Bool { state != nil && deployment?.status != .running }

    /// Whether it failed.
    var hasFailed: Bool { state != nil && deployment?.status == .failed }

    /// Whether canaries run, or shall, and nobody has found them good yet.
    var isCanarying: Bool { state.map { $0.desiredCanaries > 0 && !$0.isPromoted } ?? false }

    /// Whether an instance of an older version that has to be placed anew keeps its version: while it is not known
    /// whether the newest one is any good.
    var keepsVersions: Bool { isHalted || isCanarying }

    /// Whether the roll-out placed an instance, or watches it.
    func owns(_ allocation: Allocation) -> Bool {
        guard state != nil, let deployment else { return false }
        return allocation.deployment == deployment.id
    }

    /// How many instances may be replaced now, those included that are placed for other reasons; of `awaited` it is not
    /// known yet what becomes of them. Whoever ends with this look holds nothing up, for nobody would look again.
    /// `unproven` go on as they are, from a roll-out that has not ended.
    func allowance(
        beside awaited: Int, among allocations: [Allocation], ending stops: [Reconciliation.Stop],
        unproven: [Allocation]
    ) -> Int {
        guard let strategy else { return .max }
        if isHalted || isCanarying { return 0 }
        #if MUTANTS
            if Sabotage.active == .unboundedRollout { return .max }
            if Sabotage.active == .stalledRollout, state != nil { return 0 }
        #endif
        var allowance = strategy.maxParallel - awaited
        guard state != nil else {
            // What the former roll-out found of them is true of this version as well.
            if unproven.contains(where: { $0.health?.isHealthy == false }) { return 0 }
            return max(0, allowance - unproven.count { $0.health == nil })
        }
        let ending = Dictionary(stops.map { ($0.allocation, $0.isFailure) }) { first, _ in first }
        for allocation in allocations where allocation.desired == .run && allocation.next == nil && owns(allocation) {
            let isFailure = ending[allocation.id]
            if isFailure == false { continue }
            // One that is not well, or ended, shows what would become of the others.
            if allocation.client == .failed || allocation.health?.isHealthy == false { return 0 }
            if isFailure == nil, !allocation.isTerminal, allocation.health == nil { allowance -= 1 }
        }
        return max(0, allowance)
    }
}

extension Reconciliation.RolloutStep {
    /// Takes in what is to be said of the job as a whole.
    mutating func note(_ rollout: Rollout) {
        for deployment in rollout.outlived {
            ends[deployment.id] =
                rollout.isStopped ? "Cancelled because job is stopped" : "Cancelled due to newer version of job"
        }
        if let deployment = rollout.current, deployment.isActive { current = deployment.id }
    }
}
