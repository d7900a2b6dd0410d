import ClusterKit

/// What users and operators rarely ask for.
extension Workload {
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
        default: return nextPurge(in: truth, using: &entropy)
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

    /// Mostly of what is thought to be gone, which may only be cut off; sometimes of the wrong one.
    private func nextPurge(in truth: Snapshot, using entropy: inout Entropy) -> (ServerRequest, String)? {
        let nodes = truth.nodes.sorted
        if entropy.below(4) == 0 {
            return pick(nodes, using: &entropy).map { (.purgeNode($0.id), "purge a node in use") }
        }
        return pick(nodes.filter { $0.status == .down }, using: &entropy).map { (.purgeNode($0.id), "purge node") }
    }
}
