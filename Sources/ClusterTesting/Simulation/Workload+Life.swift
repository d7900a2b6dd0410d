import ClusterKit

/// What users and operators ask for beyond changing their jobs: roll-outs, drains, schedules and dispatches.
extension Workload {
    // MARK: - Silence

    /// Every way of living with a node that falls silent.
    func addSilence(to group: inout TaskGroup, using entropy: inout Entropy) {
        switch entropy.below(6) {
        case 0, 1:
            group.disconnect = DisconnectPolicy(
                lostAfter: .seconds(10 + entropy.below(90)), replaces: entropy.below(4) > 0,
                choice: pick(ReconnectChoice.allCases, using: &entropy) ?? .bestScore)
        case 2: group.disconnect = DisconnectPolicy(stopOnClientAfter: .seconds(5 + entropy.below(60)))
        case 3:
            group.atMostOne = true
            group.update?.canary = 0
            group.update?.autoPromote = false
        default: break
        }
    }

    // MARK: - Roll-outs

    /// Every way of rolling out, quick enough to come to an end within minutes.
    func makeUpdate(of count: Int, using entropy: inout Entropy) -> UpdateStrategy {
        let canary = entropy.below(3) == 0 ? 1 + entropy.below(count) : 0
        return UpdateStrategy(
            maxParallel: entropy.below(4), healthCheck: entropy.below(2) == 0 ? "checks" : "task_states",
            minHealthyTime: .seconds(1 + entropy.below(5)), healthyDeadline: .seconds(30),
            progressDeadline: .seconds(60 + entropy.below(60)), canary: min(canary, count),
            autoRevert: entropy.below(2) == 0, autoPromote: canary > 0 && entropy.below(2) == 0)
    }

    mutating func nextOfRollout(
        of job: Job, in truth: Snapshot, using entropy: inout Entropy
    ) -> (ServerRequest, String)? {
        let active = pick(truth.deployments.sorted.filter(\.isActive), using: &entropy)
        switch entropy.below(8) {
        case 0, 1:
            let groups = entropy.below(3) == 0 ? ["main"] : nil
            return active.map { (.orderDeployment($0.id, .promote(groups: groups)), "promote") }
        case 2: return active.map { (.orderDeployment($0.id, .pause), "pause") }
        case 3, 4: return active.map { (.orderDeployment($0.id, .resume), "resume") }
        case 5: return active.map { (.orderDeployment($0.id, .fail), "fail") }
        case 6:
            guard let version = pick(truth.versionsByJob.members(of: job.id), using: &entropy) else { return nil }
            return (.revert(job.id, to: version.version, ifVersion: nil, note: nil), "revert")
        default:
            guard let one = pick(truth.allocations(of: job.id).filter(\.isLive), using: &entropy) else { return nil }
            return (.retire(one.id), "retire")
        }
    }

    // MARK: - Gangs

    /// Instances that are placed together: large ones, of which four find room at most, so that gangs wait for each
    /// other and for others.
    func makeGang(_ id: JobID, _ kind: JobKind, using entropy: inout Entropy) -> Job {
        let task = TaskSpec(
            name: "work", driver: "raw_exec", config: ["command": "work"],
            resources: TaskResources(cpuMHz: 1000, memoryMiB: 150_000), killTimeout: .seconds(2))
        var group = TaskGroup(
            name: "main", count: 2 + entropy.below(3), tasks: [task],
            restart: RestartPolicy(attempts: 1, interval: .seconds(60), delay: .seconds(2)),
            reschedule: ReschedulePolicy(RescheduleRule(delay: .seconds(5), delayFunction: .constant, unlimited: true)),
            disk: EphemeralDisk(sizeMiB: 100), kind: kind)
        group.gang = Gang(window: .seconds(10 + entropy.below(11)))
        return Job(id: id, kind: kind, priority: 20 + entropy.below(6) * 10, groups: [group])
    }

    // MARK: - Operators

    mutating func nextOfOperator(in truth: Snapshot, using entropy: inout Entropy) -> (ServerRequest, String)? {
        // Drains are short, so one that is under way is often ended before it would end by itself.
        if entropy.below(2) == 0, let drained = pick(truth.nodes.sorted.filter { $0.drain != nil }, using: &entropy) {
            return (.endDrain(drained.id, makingEligible: entropy.below(4) > 0), "end drain")
        }
        guard let node = pick(truth.nodes.sorted, using: &entropy) else { return nil }
        switch entropy.below(9) {
        case 0, 1, 2:
            let limit = [DrainLimit.atOnce, .after(.seconds(30 + entropy.below(240))), .unlimited]
            return (
                .drain(
                    node.id, pick(limit, using: &entropy) ?? .atOnce, ignoringSystemJobs: entropy.below(2) == 0,
                    reason: "maintenance"), "drain"
            )
        case 3, 4, 5:
            let closed = pick(
                truth.nodes.sorted.filter { $0.eligibility == .ineligible && $0.drain == nil }, using: &entropy)
            if let closed { return (.setEligibility(closed.id, .eligible), "open node") }
            fallthrough
        case 6: return (.setEligibility(node.id, .ineligible), "close node")
        case 7: return (.collect, "collect")
        default:
            let rules = SchedulingRules(
                algorithm: entropy.below(4) == 0 ? .spread : .binpack,
                preempting: entropy.below(3) == 0 ? [.system, .service, .batch] : [.system],
                movesPerHour: pick([0, 60, 600], using: &entropy) ?? 0)
            return (.setSchedulingRules(rules, ifUnchangedSince: nil), "allow moves")
        }
    }

    // MARK: - Schedules and dispatches

    /// Some users have a job that makes others.
    func makeParent(_ id: JobID, using entropy: inout Entropy) -> Job? {
        let turn = entropy.below(12)
        guard turn < 3 else { return nil }
        let task = TaskSpec(
            name: "work", driver: "raw_exec", config: ["command": "work"],
            resources: TaskResources(cpuMHz: 200, memoryMiB: 128), killTimeout: .seconds(2))
        let kind = turn == 2 ? pick([JobKind.system, .system, .sysbatch], using: &entropy) ?? .system : .batch
        var group = TaskGroup(
            name: "main", tasks: [task],
            restart: RestartPolicy(attempts: 1, interval: .seconds(60), delay: .seconds(2)),
            reschedule: kind == .batch
                ? ReschedulePolicy(RescheduleRule(delay: .seconds(5), delayFunction: .constant, unlimited: true)) : nil,
            disk: EphemeralDisk(sizeMiB: 100), kind: kind)
        if entropy.below(3) == 0 { addTasks(to: &group, using: &entropy) }
        var job = Job(id: id, kind: kind, priority: 20 + entropy.below(6) * 10, groups: [group])
        switch turn {
        case 0:
            let minutes = pick(["*", "*/2", "3,17,40"], using: &entropy) ?? "*"
            let crons = entropy.below(3) == 0 ? ["1,31 * * * *", "*/5 * * * *"] : ["\(minutes) * * * *"]
            job.periodic = PeriodicSpec(crons, prohibitsOverlap: entropy.below(2) == 0)
        case 1: job.parameterized = ParameterizedSpec(optionalMeta: ["number"])
        default: break
        }
        return job
    }

    /// What is asked of a job that makes others; `nil` for ordinary ones.
    func nextOfParent(_ job: Job, using entropy: inout Entropy) -> (ServerRequest, String)? {
        if job.parameterized != nil, entropy.below(4) > 0 {
            // The same words again now and then, as after an answer that did not come.
            let order = DispatchOrder(
                meta: ["number": String(entropy.below(5))], idempotencyToken: "t\(entropy.below(40))")
            return (.dispatch(job.id, order), "dispatch")
        }
        if job.periodic != nil, entropy.below(4) == 0 { return (.force(job.id), "force") }
        return nil
    }
}
