extension ServerCore {
    /// Does what someone wants of a roll-out.
    mutating func order(
        _ order: DeploymentOrder, of id: DeploymentID, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var deployment = head.deployments[id] else { throw ClusterError(.notFound, "deployment not found") }
        guard deployment.isActive else {
            throw ClusterError(
                .invalid,
                "deployment \(id.short) is \(deployment.status.rawValue): \(deployment.statusDescription); only one "
                    + "that is running or paused can be changed")
        }
        var changes: [Change] = []
        switch order {
        case .promote(let groups):
            try deployment.promote(groups, in: head, at: now.wall)
            changes = [.putDeployment(deployment)]
        case .pause:
            deployment.end(.paused, because: "Deployment is paused", at: now.wall)
            changes = [.putDeployment(deployment)]
        case .resume:
            deployment.resume(at: now.wall)
            deployment.promoteItself(in: head, at: now.wall)
            changes = [.putDeployment(deployment)]
        case .fail:
            changes = fail(
                deployment, because: "Deployment marked as failed",
                reverting: deployment.groups.values.contains(where: \.autoRevert), at: now)
        case .judge(let healthy, let unhealthy):
            let verdicts =
                healthy.map { RolloutWatch.Verdict(allocation: $0, isHealthy: true) }
                + unhealthy.map { RolloutWatch.Verdict(allocation: $0, isHealthy: false) }
            for verdict in verdicts where head.allocations[verdict.allocation]?.deployment != id {
                throw ClusterError(
                    .invalid, "deployment \(id.short) has no allocation \(verdict.allocation.short)")
            }
            changes = judge(verdicts, byHand: true, at: now)
        }
        let evaluation = evaluation(after: changes, of: deployment, at: now, using: &entropy)
        commit(changes + (evaluation.map { [.putEvaluation($0)] } ?? []), at: now, into: &effects)
        return Receipt(
            evaluation: evaluation?.id, jobModifyRevision: head.jobs[deployment.job]?.jobModifyRevision ?? .zero,
            revision: head.revision)
    }

    /// Decides what has come due: which instances are well, and which roll-outs have waited too long.
    mutating func watchRollouts(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        let due = rollouts.due(at: now.uptime)
        guard !due.isEmpty else { return }
        var changes = judge(due.verdicts, at: now)
        for id in due.overdue {
            // What was just judged may have been the progress that was waited for, or have ended it.
            guard let deployment = head.deployments[id], deployment.status == .running,
                !changes.contains(where: { $0.deployment?.id == id })
            else { continue }
            let late = deployment.groups.values.filter { $0.lacksProgress(in: head) }
            guard !late.isEmpty else { continue }
            changes += fail(
                deployment, because: "Failed due to progress deadline",
                reverting: late.contains(where: \.autoRevert), at: now)
        }
        for deployment in changes.compactMap(\.deployment) {
            guard let next = evaluation(after: changes, of: deployment, at: now, using: &entropy) else { continue }
            changes.append(.putEvaluation(next))
        }
        commit(changes, at: now, into: &effects)
    }

    /// What follows from what was found of instances, by roll-out. Whoever says that one is unwell means the roll-out,
    /// as in Nomad; one that is found unwell may still be made up for until the deadline, unless it failed and nothing
    /// may take its place.
    private func judge(_ verdicts: [RolloutWatch.Verdict], byHand: Bool = false, at now: Now) -> [Change] {
        var changes: [Change] = []
        var touched: [DeploymentID: Deployment] = [:]
        var judged: [AllocationID: Bool] = [:]
        var condemned: [DeploymentID: Set<String>] = [:]
        for verdict in verdicts.sorted(by: { $0.allocation < $1.allocation }) {
            guard var allocation = head.allocations[verdict.allocation], judged[allocation.id] == nil,
                let id = allocation.deployment, var deployment = touched[id] ?? head.deployments[id]
            else { continue }
            judged[allocation.id] = verdict.isHealthy
            if !verdict.isHealthy, byHand || deployment.status == .running && isBeyondHelp(allocation, at: now.wall) {
                condemned[id, default: []].insert(allocation.group)
                touched[id] = deployment
            }
            // What was found already is not counted again, and one that was well may be made up for.
            if !byHand, allocation.health != nil { continue }
            deployment.groups[allocation.group]?
                .count(verdict.isHealthy, instead: allocation.health?.isHealthy, at: now.wall)
            deployment.modifyTime = now.wall
            touched[id] = deployment
            allocation.health = AllocationHealth(isHealthy: verdict.isHealthy, time: now.wall)
            allocation.modifyTime = now.wall
            changes.append(.putAllocation(allocation))
        }
        for id in touched.keys.sorted() {
            guard var deployment = touched[id] else { continue }
            let failing = deployment.groups.filter { name, group in
                condemned[id]?.contains(name) == true
                    || deployment.status == .running && group.progressDeadline == .zero && group.unhealthy > 0
            }
            if !failing.isEmpty {
                changes += fail(
                    deployment, because: "Failed due to unhealthy allocations",
                    reverting: failing.values.contains(where: \.autoRevert), at: now)
                continue
            }
            deployment.promoteItself(in: head, judging: judged, at: now.wall)
            changes.append(.putDeployment(deployment))
        }
        return changes
    }

    /// Whether an instance failed that is not to be placed anew.
    private func isBeyondHelp(_ allocation: Allocation, at time: WallTime) -> Bool {
        guard allocation.client == .failed, let group = head.job(of: allocation)?.group(allocation.group) else {
            return false
        }
        return RescheduleTimer(after: allocation, group.reschedule, at: time) == nil
    }

    /// Gives a roll-out up, and goes back to the newest stable version if that is asked for.
    private func fail(
        _ deployment: Deployment, because reason: String, reverting: Bool, at now: Now
    ) -> [Change] {
        var (deployment, reason, changes) = (deployment, reason, [Change]())
        #if MUTANTS
            let reverting = reverting && Sabotage.active != .deafRevert
        #endif
        if reverting, let record = head.jobs[deployment.job], record.version == deployment.jobVersion, !record.stopped {
            let versions = head.versionsByJob.members(of: deployment.job).compactMap { head.jobVersions[$0] }
            switch versions.last(where: { $0.isStable && $0.version < record.version }) {
            case nil: reason += " - no stable job version to auto revert to"
            case let stable? where JobChange.isSame(stable.job, record.job):
                reason +=
                    " - not rolling back to stable job version \(stable.version) as current job has same specification"
            case let stable? where JobChange.isSame(stable.job, record.job.withCounts(of: stable.job)):
                reason += " - not rolling back to stable job version \(stable.version) as only counts differ"
            case let stable? where head.cycle(of: stable.job) != nil:
                reason +=
                    " - not rolling back to stable job version \(stable.version) as it would wait for itself by way of "
                    + "others"
            case let stable?:
                reason += " - rolling back to job version \(stable.version)"
                let note = ChangeNote(
                    author: "cluster", reason: "version \(record.version) failed: \(deployment.id.short)")
                changes = [.putJob(stable.returning(after: record, note, at: now.wall))]
            }
        }
        deployment.end(.failed, because: reason, at: now.wall)
        return [.putDeployment(deployment)] + changes
    }

    /// A reason to look at the job of a roll-out that changed.
    private func evaluation(
        after changes: [Change], of deployment: Deployment, at now: Now, using entropy: inout Entropy
    ) -> Evaluation? {
        guard !changes.isEmpty, let job = head.jobs[deployment.job]?.job else { return nil }
        var evaluation = makeEvaluation(of: job, .deploymentWatcher, at: now, using: &entropy)
        let reverts = changes.contains { if case .putJob(let record) = $0 { record.job.id == job.id } else { false } }
        if reverts { evaluation.jobModifyRevision = head.revision.next }
        return evaluation
    }
}

extension Job {
    /// The same with as many instances of each group as `other` has.
    fileprivate func withCounts(of other: Job) -> Job {
        var job = self
        for (place, group) in job.groups.enumerated() {
            if let count = other.group(group.name)?.count { job.groups[place].count = count }
        }
        return job
    }
}

extension Change {
    fileprivate var deployment: Deployment? {
        if case .putDeployment(let deployment) = self { deployment } else { nil }
    }
}

extension JobRecord {
    /// The version after `current` that states the same as this one.
    func returning(after current: JobRecord, _ note: ChangeNote?, at time: WallTime) -> JobRecord {
        var record = JobRecord(job: job, version: current.version + 1, submitTime: time, source: source)
        record.note = note
        return record
    }
}
