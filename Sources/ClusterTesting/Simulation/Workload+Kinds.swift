import ClusterKit

/// The rarer things that a job may state: each of them stands in one of a few jobs.
extension Workload {
    /// Adds to an ordinary job what only some jobs have.
    func elaborate(_ job: inout Job, using entropy: inout Entropy) {
        switch entropy.below(16) {
        case 0: addTasks(to: &job.groups[0], using: &entropy)
        case 1: job.groups.append(makeSecond(beside: job.groups[0], using: &entropy))
        case 2 where job.kind == .batch:
            job.groups[0].runLimit = RunLimit(
                .seconds(30 + entropy.below(120)), warningSignal: entropy.below(2) == 0 ? "SIGUSR1" : nil,
                warningTime: .seconds(10))
        case 3: job.groups[0].restart.mode = .delay
        case 4:
            job.groups[0].affinities.append(
                Affinity("${meta.rack}", .equal, makeRack(using: &entropy), weight: entropy.below(2) == 0 ? 50 : -50))
        case 5: job.groups[0].spreads.append(Spread("${meta.rack}"))
        case 6: job.groups[0].constraints.append(Constraint("${meta.rack}", .notEqual, makeRack(using: &entropy)))
        case 7:
            // What has cores of its own states where it runs, as such jobs do.
            job.groups[0].constraints.append(Constraint("${attr.kernel.name}", .equal, "linux"))
            job.groups[0].tasks[0].resources = TaskResources(cores: 1 + entropy.below(4), memoryMiB: 512)
        case 8:
            job.groups[0].reschedule = ReschedulePolicy(
                attempts: 1 + entropy.below(3), interval: .seconds(3600), delay: .seconds(5), delayFunction: .constant,
                unlimited: false)
        case 9: job.constraints.append(Constraint("${attr.kernel.name}", .equal, "linux"))
        default: break
        }
    }

    /// The racks in which machines stand.
    static func rack(_ number: Int) -> String { "r\(number % 5)" }

    private func makeRack(using entropy: inout Entropy) -> String { Self.rack(entropy.below(5)) }

    /// Tasks that come before, beside and after the main one, or one that leads.
    private func addTasks(to group: inout TaskGroup, using entropy: inout Entropy) {
        func task(_ name: String, _ lifecycle: TaskLifecycle?) -> TaskSpec {
            TaskSpec(
                name: name, driver: "raw_exec", config: ["command": "help"],
                resources: TaskResources(cpuMHz: 100, memoryMiB: 64), killTimeout: .seconds(2), lifecycle: lifecycle)
        }
        // Checks ask an instance, not one task of it.
        group.services = []
        group.update?.healthCheck = "task_states"
        switch entropy.below(5) {
        case 0: group.tasks.append(task("before", TaskLifecycle(.prestart)))
        case 1: group.tasks.append(task("beside", TaskLifecycle(.prestart, isSidecar: true)))
        case 2: group.tasks.append(task("then", TaskLifecycle(.poststart)))
        case 3: group.tasks.append(task("after", TaskLifecycle(.poststop)))
        default:
            group.tasks[0].isLeader = true
            group.tasks.append(task("follower", nil))
        }
    }

    private func makeSecond(beside group: TaskGroup, using entropy: inout Entropy) -> TaskGroup {
        let task = TaskSpec(
            name: "work", driver: "raw_exec", config: ["command": "work"],
            resources: TaskResources(cpuMHz: 200, memoryMiB: 128), killTimeout: .seconds(2))
        var second = group
        second.name = "second"
        second.count = 1 + entropy.below(3)
        second.tasks = [task]
        second.network = nil
        second.services = []
        second.constraints = []
        second.update?.healthCheck = "task_states"
        second.update?.canary = min(group.update?.canary ?? 0, second.count)
        return second
    }

    // MARK: - Wishes

    /// What is rarely asked for.
    mutating func nextOfRare(
        of job: Job, in truth: Snapshot, using entropy: inout Entropy
    ) -> (ServerRequest, String)? {
        let version = pick(truth.versionsByJob.members(of: job.id), using: &entropy)
        let live = pick(truth.allocations(of: job.id).filter(\.isLive), using: &entropy)
        switch entropy.below(8) {
        case 0: return pick(truth.nodes.sorted, using: &entropy).map { (.evaluateNode($0.id), "evaluate node") }
        case 1:
            return live.map {
                let work = WorkStatus(
                    isBusy: entropy.below(2) == 0, keepCost: Double(entropy.below(10)), time: $0.modifyTime)
                return (.setWork($0.id, work), "set work")
            }
        case 2:
            return version.map {
                let tag = VersionTag(
                    name: "t\(entropy.below(3))", time: truth.jobs[job.id]?.submitTime ?? WallTime(nanoseconds: 0))
                return (.tag(job.id, version: $0.version, entropy.below(3) == 0 ? nil : tag), "tag")
            }
        case 3:
            return version.map {
                (.setStability(job.id, version: $0.version, isStable: entropy.below(2) == 0), "set stability")
            }
        case 4, 5:
            // As it was read; now and then as it was long ago.
            let known = truth.jobs[job.id]?.jobModifyRevision ?? .zero
            let seen = entropy.below(4) == 0 ? Revision.zero : known
            return (.register(job, source: nil, ifUnchangedSince: seen), "register if unchanged")
        case 6: return nextJudgment(in: truth, using: &entropy)
        default:
            let lost = truth.nodes.sorted.filter { $0.status == .down }
            return pick(lost, using: &entropy).map { (.purgeNode($0.id), "purge node") }
        }
    }

    private func nextJudgment(in truth: Snapshot, using entropy: inout Entropy) -> (ServerRequest, String)? {
        guard let active = pick(truth.deployments.sorted.filter(\.isActive), using: &entropy),
            let one = pick(
                truth.allocations(of: active.job).filter { $0.isLive && $0.deployment == active.id }, using: &entropy)
        else { return nil }
        let isHealthy = entropy.below(3) > 0
        return (
            .orderDeployment(
                active.id, .judge(healthy: isHealthy ? [one.id] : [], unhealthy: isHealthy ? [] : [one.id])), "judge"
        )
    }
}
