import ClusterKit

/// Looks at roll-outs: how many instances change at a time, that one which is unwell stops it, that a version which
/// fails is taken back, and that something comes of each. Shares no code with what it checks.
struct RolloutChecker {
    /// How long a roll-out of which nothing is awaited may stand still.
    private static let pause = Duration.seconds(10)
    /// How late a roll-out without progress may be given up, once nothing is done to the cluster any more.
    private static let lateness = Duration.seconds(30)

    /// When each roll-out last changed.
    private var changed: [DeploymentID: Uptime] = [:]
    /// Since when nothing is awaited of roll-outs that run.
    private var idle: [DeploymentID: Uptime] = [:]
    /// Since when roll-outs have all that they need to go on or to end.
    private var ready: [DeploymentID: (rule: String, since: Uptime)] = [:]

    // MARK: - Step by step

    /// Checks what `batch` made of `before`.
    mutating func check(
        _ batch: ChangeBatch, from before: Snapshot, to after: Snapshot, at now: Uptime, into report: inout WorldReport
    ) {
        var replaced: [DeploymentID: [String: Int]] = [:]
        for change in batch.changes {
            switch change {
            case .putAllocation(let allocation):
                guard let rollout = Self.rollout(replacing: allocation, from: before, to: after) else { continue }
                replaced[rollout, default: [:]][allocation.group, default: 0] += 1
            case .putDeployment(let deployment):
                changed[deployment.id] = now
                checkReturn(of: deployment, from: before, to: after, into: &report)
            case .removeDeployment(let id): changed[id] = nil
            default: break
            }
        }
        for (id, groups) in replaced.sorted(by: { $0.key < $1.key }) {
            guard let deployment = after.deployments[id] else { continue }
            for (group, count) in groups.sorted(by: { $0.key < $1.key }) {
                checkPace(of: deployment, group, count, from: before, in: after, into: &report)
            }
        }
    }

    /// The roll-out that ends an instance which might run on, so that one of a newer version takes its place.
    private static func rollout(
        replacing allocation: Allocation, from before: Snapshot, to after: Snapshot
    ) -> DeploymentID? {
        guard allocation.desired != .run, let old = before.allocations[allocation.id], old.isLive,
            old.client != .unknown, old.wish == nil, before.nodes[old.node]?.status == .ready,
            let next = allocation.next.flatMap({ after.allocations[$0] }), before.allocations[next.id] == nil,
            !next.isCanary, next.jobVersion > old.jobVersion
        else { return nil }
        return next.deployment
    }

    /// No more change at a time than the rules of their group allow, those counted of which nothing is known yet, and
    /// none once one was found unwell.
    private func checkPace(
        of deployment: Deployment, _ name: String, _ count: Int, from before: Snapshot, in after: Snapshot,
        into report: inout WorldReport
    ) {
        guard let job = after.jobVersions[JobVersion(deployment.job, deployment.jobVersion)]?.job,
            let limit = (job.group(name)?.update ?? job.update)?.maxParallel, limit > 0
        else { return }
        // Whoever goes at the same step holds nothing up any more.
        let own = Self.instances(of: deployment, name, in: before).filter {
            after.allocations[$0.id]?.desired == .run
        }
        if let unwell = own.first(where: Self.isUnwell) {
            report.violations.append(
                Violation(
                    rule: "a roll-out stops at one that is unwell",
                    detail: "\(deployment.job) \(name): \(count) more changed after \(unwell.id.short)"))
        }
        let unknown = own.count { after.allocations[$0.id]?.isTerminal == false && $0.health == nil }
        guard unknown + count > limit else { return }
        report.violations.append(
            Violation(
                rule: "a roll-out changes few at a time",
                detail: "\(deployment.job) \(name): \(count) more beside \(unknown), of at most \(limit)"))
    }

    private static func instances(of deployment: Deployment, _ group: String, in state: Snapshot) -> [Allocation] {
        state.allocations(of: deployment.job).filter {
            $0.deployment == deployment.id && $0.group == group && $0.desired == .run && $0.next == nil
        }
    }

    private static func isUnwell(_ allocation: Allocation) -> Bool {
        allocation.client == .failed || allocation.health?.isHealthy == false
    }

    /// With a roll-out that fails goes its version, where all of its groups ask for that and there is a better one.
    private func checkReturn(
        of deployment: Deployment, from before: Snapshot, to after: Snapshot, into report: inout WorldReport
    ) {
        guard deployment.status == .failed, before.deployments[deployment.id]?.isActive == true,
            !deployment.groups.isEmpty, deployment.groups.values.allSatisfy(\.autoRevert),
            let record = before.jobs[deployment.job], !record.stopped, record.version == deployment.jobVersion
        else { return }
        let versions = before.versionsByJob.members(of: record.job.id).compactMap { before.jobVersions[$0] }
        let stable = versions.filter { $0.isStable && $0.version < record.version }.max { $0.version < $1.version }
        // What differs in nothing that runs may pass for the same.
        guard let stable, stable.job.groups.map(\.tasks) != record.job.groups.map(\.tasks) else { return }
        let newest = after.jobs[record.job.id]
        guard newest?.version != record.version + 1 || newest?.job.groups != stable.job.groups else { return }
        report.violations.append(
            Violation(
                rule: "a version that fails is taken back",
                detail: "\(record.job.id) stays at version \(record.version), and version \(stable.version) was good"))
    }

    // MARK: - At rest

    /// Looks at what still goes on, with nothing done to the cluster since `rest`.
    mutating func look(at truth: Snapshot, since rest: Uptime, at now: Uptime, into report: inout WorldReport) {
        for deployment in truth.deployments.sorted where deployment.status == .running {
            guard let record = truth.jobs[deployment.job], !record.stopped, record.version == deployment.jobVersion
            else { continue }
            let isAwaited = deployment.groups.contains { name, group in
                awaits(deployment, name, group, in: truth) || !truth.openEvaluations(of: deployment.job).isEmpty
            }
            idle[deployment.id] = isAwaited ? nil : idle[deployment.id] ?? now
            if let since = idle[deployment.id], now - since > Self.pause {
                report.violations.append(
                    Violation(
                        rule: "a roll-out goes on",
                        detail: "\(deployment.job) version \(record.version) waits for nothing since \(since), with "
                            + deployment.groups.sorted { $0.key < $1.key }
                            .map { "\($0.key): \($0.value.healthy) of \($0.value.desiredTotal) well" }
                            .joined(separator: ", ") + "; "
                            + truth.allocations(of: deployment.job).filter { $0.next == nil }.map(\.standing)
                            .joined(separator: ", ")))
            }
            checkDeadline(of: deployment, since: rest, at: now, into: &report)
        }
    }

    /// Looks at roll-outs that have all that they need, where nothing has kept the servers from their work since
    /// `disturbed`.
    mutating func lookForReady(
        at truth: Snapshot, since disturbed: Uptime, at now: Uptime, into report: inout WorldReport
    ) {
        for deployment in truth.deployments.sorted where deployment.status == .running {
            guard let record = truth.jobs[deployment.job], !record.stopped, record.version == deployment.jobVersion
            else { continue }
            checkReadiness(of: deployment, in: truth, since: disturbed, at: now, into: &report)
        }
    }

    /// Canaries that are all well are promoted where nobody has to say so, and a roll-out whose instances are all well
    /// ends, whatever else of its job is still to be looked at.
    private mutating func checkReadiness(
        of deployment: Deployment, in truth: Snapshot, since disturbed: Uptime, at now: Uptime,
        into report: inout WorldReport
    ) {
        let rule: String? =
            if Self.showsOnlyWell(deployment, in: truth) {
                "canaries that are well are promoted"
            } else if deployment.groups.allSatisfy({ Self.isDone(deployment, $0.key, $0.value, in: truth) }) {
                "a roll-out that is done ends"
            } else {
                nil
            }
        guard let rule else { return ready[deployment.id] = nil }
        guard let known = ready[deployment.id], known.rule == rule else {
            return ready[deployment.id] = (rule, now)
        }
        guard now - max(known.since, disturbed) > Self.pause else { return }
        report.violations.append(
            Violation(
                rule: rule,
                detail: "\(deployment.job) version \(deployment.jobVersion) stands still since \(known.since)"))
    }

    /// Whether all canaries that are awaited are there and well, and need nobody's word.
    private static func showsOnlyWell(_ deployment: Deployment, in truth: Snapshot) -> Bool {
        let showing = deployment.groups.filter { $0.value.desiredCanaries > 0 && !$0.value.isPromoted }
        let asks = deployment.groups.values.allSatisfy { $0.desiredCanaries == 0 || $0.autoPromote }
        return !showing.isEmpty && asks
            && showing.allSatisfy { name, group in
                let well = instances(of: deployment, name, in: truth).count {
                    $0.isCanary && !$0.isTerminal && $0.health?.isHealthy == true
                }
                return well >= group.desiredCanaries
            }
    }

    /// Whether as many instances as are wanted are there, all of this roll-out and well.
    private static func isDone(
        _ deployment: Deployment, _ name: String, _ group: DeploymentGroup, in truth: Snapshot
    ) -> Bool {
        guard group.desiredCanaries == 0 || group.isPromoted else { return false }
        let live = truth.allocations(of: deployment.job).filter { $0.group == name && !$0.isTerminal }
        return live.count == group.desiredTotal
            && live.allSatisfy {
                $0.deployment == deployment.id && $0.desired == .run && $0.client == .running && !$0.isCanary
                    && $0.wish == nil && $0.health?.isHealthy == true
            }
    }

    /// Whether something is still to be heard of instances, or to be said by someone, before a roll-out can go on.
    private func awaits(
        _ deployment: Deployment, _ name: String, _ group: DeploymentGroup, in truth: Snapshot
    ) -> Bool {
        if group.desiredCanaries > 0, !group.isPromoted { return true }
        let isLackingOne = truth.allocations(of: deployment.job).contains {
            // Of what may run only once the next one begins when the last has ended.
            $0.group == name
                && ($0.desired != .run ? !$0.isTerminal : Self.isGivenUp($0, before: deployment, in: truth))
        }
        return isLackingOne
            || Self.instances(of: deployment, name, in: truth).contains {
                $0.client != .failed && Self.isUnwell($0) || !$0.isTerminal && $0.health == nil
            }
    }

    /// Whether an instance that failed, or is lost, may have no successor, so that the deadline decides: for good
    /// before this version, or as often as it may. Any other is awaited only by an evaluation.
    private static func isGivenUp(
        _ allocation: Allocation, before deployment: Deployment, in truth: Snapshot
    ) -> Bool {
        guard allocation.next == nil, allocation.client == .failed || allocation.client == .lost else { return false }
        let policy = truth.job(of: allocation)?.group(allocation.group)?.reschedule
        return allocation.jobVersion < deployment.jobVersion || policy?.rule(for: allocation.cause).unlimited == false
    }

    /// A roll-out that does not come any further is given up.
    private func checkDeadline(
        of deployment: Deployment, since rest: Uptime, at now: Uptime, into report: inout WorldReport
    ) {
        for (name, group) in deployment.groups.sorted(by: { $0.key < $1.key }) {
            let isShowing = group.desiredCanaries > 0 && !group.isPromoted
            guard group.requireProgressBy != nil, !isShowing, group.healthy < group.desiredTotal else { continue }
            let start = max(changed[deployment.id] ?? rest, rest)
            guard now - start > group.progressDeadline + Self.lateness else { continue }
            report.violations.append(
                Violation(
                    rule: "a roll-out without progress is given up",
                    detail: "\(deployment.job) \(name) has \(group.healthy) of \(group.desiredTotal) since \(start)"))
        }
    }
}
