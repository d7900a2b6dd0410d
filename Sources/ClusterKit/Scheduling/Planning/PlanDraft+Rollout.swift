/// What a plan says of roll-outs.
extension PlanDraft {
    /// Ends roll-outs that are out of date, and finds or begins the one that watches what is placed.
    mutating func begin(_ step: Reconciliation.RolloutStep, using entropy: inout Entropy) {
        for (id, reason) in step.ends.sorted(by: { $0.key < $1.key }) {
            guard var ended = head.deployments[id] else { continue }
            ended.end(.cancelled, because: reason, at: now)
            records.add(.putDeployment(ended), because: reason)
        }
        for id in step.promoted { edit(id, because: "was found good") { $0.isCanary = false } }
        if let current = step.current {
            deployment = head.deployments[current]
        } else if !step.begins.isEmpty, let job {
            var new = Deployment(
                id: entropy.identifier(), job: job.job.id, jobVersion: job.version, groups: step.begins, time: now)
            new.describeRunning()
            deployment = new
        }
    }

    /// Writes down how far the roll-out is; ends it when nothing is left to do.
    mutating func finish(_ step: Reconciliation.RolloutStep) {
        guard var deployment else { return }
        for (group, healthy) in step.healthy {
            // Whoever was well and is gone may be made up for.
            if healthy < deployment.groups[group]?.healthy ?? 0 {
                deployment.groups[group]?.expectProgress(after: now)
            }
            deployment.groups[group]?.healthy = healthy
        }
        let isDone = step.current != nil && step.unsettled.isEmpty && deployment.status == .running
        if isDone { deployment.end(.successful, because: "Deployment completed successfully", at: now) }
        guard deployment != head.deployments[deployment.id] else { return }
        deployment.modifyTime = now
        records.add(.putDeployment(deployment), because: deployment.statusDescription)
        guard isDone, var job, !job.isStable, job.version == deployment.jobVersion else { return }
        job.isStable = true
        records.add(.putJob(job), because: "all instances of version \(job.version) are well")
    }

    /// The roll-out that watches an instance which is being placed; it counts it.
    mutating func watch(_ want: Reconciliation.Want, as id: AllocationID) -> DeploymentID? {
        guard want.jobVersion == nil, let deployment = count(in: want.group) else { return nil }
        let previous = want.previous.flatMap { head.allocations[$0] }
        if let previous, previous.deployment == deployment, previous.health?.isHealthy == true {
            self.deployment?.groups[want.group]?.expectProgress(after: now)
        }
        if want.isCanary { self.deployment?.groups[want.group]?.placedCanaries.append(id) }
        return deployment
    }

    /// The roll-out that watches an instance of a group from now on, which goes on as it is.
    mutating func watch(upgradeIn group: String) -> DeploymentID? { count(in: group) }

    private mutating func count(in name: String) -> DeploymentID? {
        guard let id = deployment?.id, var group = deployment?.groups[name] else { return nil }
        group.placed += 1
        if group.progressDeadline > .zero, group.requireProgressBy == nil {
            group.requireProgressBy = now + group.progressDeadline
        }
        deployment?.groups[name] = group
        return id
    }
}

extension Deployment {
    /// Ends the roll-out.
    mutating func end(_ status: DeploymentStatus, because reason: String, at time: WallTime) {
        self.status = status
        statusDescription = reason
        modifyTime = time
    }

    /// Whether every group with canaries wants them promoted without being asked, those included that someone promoted.
    var asksForPromotion: Bool { groups.values.allSatisfy { $0.desiredCanaries == 0 || $0.autoPromote } }

    /// Says in words, as Nomad does, what a running roll-out waits for.
    mutating func describeRunning() {
        let waiting = groups.values.filter { $0.desiredCanaries > 0 && !$0.isPromoted }
        statusDescription =
            waiting.isEmpty
            ? "Deployment is running"
            : asksForPromotion
                ? "Deployment is running pending automatic promotion"
                : "Deployment is running but requires manual promotion"
    }
}
