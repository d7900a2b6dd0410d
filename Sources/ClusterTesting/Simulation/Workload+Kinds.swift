import ClusterKit

/// The rarer things that a job may state: each of them stands in some jobs.
extension Workload {
    /// Adds to an ordinary job what only some jobs have, and gives whether anything was added.
    @discardableResult
    func elaborate(_ job: inout Job, at number: Int, using entropy: inout Entropy) -> Bool {
        let plain = job
        for _ in 0..<(pick([0, 1, 1, 2], using: &entropy) ?? 0) {
            var changed = job
            switch entropy.below(3) {
            case 0: addLife(to: &changed, at: number, using: &entropy)
            case 1: addDemand(to: &changed, using: &entropy)
            default: addPolicy(to: &changed, using: &entropy)
            }
            // Not all of it goes together.
            if JobValidation.validateWritten(changed).isEmpty { job = changed }
        }
        return job != plain
    }

    /// More tasks, more groups, and what waits for what.
    private func addLife(to job: inout Job, at number: Int, using entropy: inout Entropy) {
        switch entropy.below(6) {
        case 0, 1: addTasks(to: &job.groups[0], using: &entropy)
        case 2, 3:
            guard job.groups.count == 1 else { return }
            job.groups.append(makeSecond(in: job, using: &entropy))
        default:
            // Nobody waits for a later one, so that no two wait for each other.
            guard number > 0, job.after.isEmpty else { return }
            let state = pick(DependencyState.allCases, using: &entropy) ?? .healthy
            job.after = [JobDependency(JobID("job-\(entropy.below(number))"), state)]
        }
    }

    /// Where it may run, and what it needs there.
    private func addDemand(to job: inout Job, using entropy: inout Entropy) {
        let rack = SimulatedAgent.rack(entropy.below(5))
        switch entropy.below(11) {
        case 0:
            job.groups[0].affinities.append(
                Affinity("${meta.rack}", .equal, rack, weight: entropy.below(2) == 0 ? 50 : -50))
        case 1: job.groups[0].spreads.append(Spread("${meta.rack}"))
        case 2: job.groups[0].constraints.append(Constraint("${meta.rack}", .notEqual, rack))
        case 3:
            // What has cores of its own states where it runs, as such jobs do.
            job.groups[0].constraints.append(Constraint("${attr.kernel.name}", .equal, "linux"))
            job.groups[0].tasks[0].resources = TaskResources(cores: 1 + entropy.below(4), memoryMiB: 512)
        case 4: job.constraints.append(Constraint("${attr.kernel.name}", .equal, "linux"))
        case 5:
            job.groups[0].tasks[0].resources.devices = [DeviceRequest(name: "nvidia/gpu", count: 1 + entropy.below(2))]
        case 6: job.nodePool = pick(["lab", "all"], using: &entropy) ?? "all"
        case 7: job.groups[0].nodePools = ["lab", "default"]
        case 8: job.datacenters = [pick(["dc1", "dc2"], using: &entropy) ?? "dc1"]
        case 9:
            job.groups[0].volumes = [VolumeRequest(name: "cache", source: "cache", readOnly: entropy.below(2) == 0)]
        default:
            job.groups[0].constraints.append(
                Constraint("${meta.rack}", .distinctProperty, String(1 + entropy.below(2))))
        }
    }

    /// How it ends, and begins again.
    private func addPolicy(to job: inout Job, using entropy: inout Entropy) {
        switch entropy.below(7) {
        case 0:
            let shortest = job.kind.isFinite ? 30 : 120
            job.groups[0].runLimit = RunLimit(
                .seconds(shortest + entropy.below(120)), warningSignal: entropy.below(2) == 0 ? "SIGUSR1" : nil,
                warningTime: .seconds(10))
        case 1: job.groups[0].restart.mode = .delay
        case 2:
            job.groups[0].reschedule = ReschedulePolicy(
                RescheduleRule(
                    attempts: 1 + entropy.below(3), interval: .seconds(3600), delay: .seconds(5),
                    delayFunction: .constant, unlimited: false))
        case 3: job.groups[0].shutdownDelay = .seconds(1 + entropy.below(8))
        case 4, 5: addCauses(to: &job.groups[0].reschedule, using: &entropy)
        default:
            job.groups[0].migrate = MigrateStrategy(
                maxParallel: 1 + entropy.below(2), healthCheck: pick(["checks", "task_states"], using: &entropy) ?? "",
                minHealthyTime: .seconds(1 + entropy.below(5)), healthyDeadline: .seconds(30))
        }
    }

    /// Rules for failures of one cause or several: some go on for ever, some end, some allow nothing.
    private func addCauses(to policy: inout ReschedulePolicy, using entropy: inout Entropy) {
        let others: [FailureCause] = [.driver, .setup, .memory, .disk]
        for cause in [.node, .exit, pick(others, using: &entropy) ?? .driver] where entropy.below(2) == 0 {
            let isUnlimited = entropy.below(3) == 0
            policy.causes[cause] = RescheduleRule(
                attempts: isUnlimited ? 0 : entropy.below(3), interval: .seconds(3600),
                delay: .seconds(5 + entropy.below(10)),
                delayFunction: pick(DelayFunction.allCases, using: &entropy) ?? .constant, maxDelay: .seconds(40),
                unlimited: isUnlimited)
        }
    }

    /// Tasks that come before, beside and after the main one, or one that leads.
    func addTasks(to group: inout TaskGroup, using entropy: inout Entropy) {
        guard group.tasks.count == 1 else { return }
        func task(_ name: String, _ lifecycle: TaskLifecycle?) -> TaskSpec {
            TaskSpec(
                name: name, driver: "raw_exec", config: ["command": "help"],
                resources: TaskResources(cpuMHz: 100, memoryMiB: 64), killTimeout: .seconds(2), lifecycle: lifecycle)
        }
        // Checks ask an instance, not one task of it.
        group.services = []
        group.update?.healthCheck = "task_states"
        let helpers = [
            task("before", TaskLifecycle(.prestart)), task("beside", TaskLifecycle(.prestart, isSidecar: true)),
            task("then", TaskLifecycle(.poststart)), task("watch", TaskLifecycle(.poststart, isSidecar: true)),
            task("after", TaskLifecycle(.poststop)),
        ]
        for helper in helpers where entropy.below(2) == 0 { group.tasks.append(helper) }
        guard entropy.below(2) == 0 else { return }
        group.tasks[0].isLeader = entropy.below(3) > 0
        group.tasks.append(task("follower", nil))
    }

    /// A second group, which may wait for the first or want its port.
    func makeSecond(in job: Job, using entropy: inout Entropy) -> TaskGroup {
        let first = job.groups[0]
        var second = first
        second.name = "second"
        second.count = 1 + entropy.below(3)
        second.tasks = [
            TaskSpec(
                name: "work", driver: "raw_exec", config: ["command": "work"],
                resources: TaskResources(cpuMHz: 200, memoryMiB: 128), killTimeout: .seconds(2))
        ]
        second.services = []
        second.constraints = []
        second.network = nil
        if let port = first.network?.ports.first, port.number > 0 { second.network = NetworkSpec(ports: [port]) }
        second.update?.healthCheck = "task_states"
        second.update?.canary = min(first.update?.canary ?? 0, second.count)
        if second.update?.canary ?? 0 > 0, entropy.below(2) == 0 { second.update?.autoPromote.toggle() }
        if entropy.below(2) == 0 { second.after = [first.name] }
        return second
    }

    /// An ordinary job stated anew: with a group more or less, or with more of what only some have.
    func restate(_ job: Job, at number: Int, using entropy: inout Entropy) -> (Job, String)? {
        guard !job.isParent, !job.kind.runsEverywhere, job.groups[0].gang == nil else { return nil }
        var changed = job
        if entropy.below(2) == 0 {
            return elaborate(&changed, at: number, using: &entropy) ? (changed, "elaborate") : nil
        }
        guard changed.groups.count == 1 else {
            changed.groups.removeLast()
            return (changed, "remove group")
        }
        changed.groups.append(makeSecond(in: job, using: &entropy))
        return JobValidation.validateWritten(changed).isEmpty ? (changed, "add group") : nil
    }
}
