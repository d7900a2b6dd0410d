import ClusterKit

/// Looks at canaries: as many as a roll-out asks for, each under a number of its own. Shares no code with what it
/// checks.
struct CanaryChecker {
    /// Canaries of which nothing was heard at some time: others may have been placed for them.
    private var returning: Set<AllocationID> = []

    /// Checks what `batch` made true in `after`.
    mutating func check(_ batch: ChangeBatch, leadingTo after: Snapshot, into report: inout WorldReport) {
        var touched: Set<DeploymentID> = []
        for case .putAllocation(let allocation) in batch.changes where allocation.isCanary {
            if allocation.client == .unknown { returning.insert(allocation.id) }
            if let deployment = allocation.deployment { touched.insert(deployment) }
        }
        for deployment in touched.sorted().compactMap({ after.deployments[$0] }) {
            let live = after.allocations(of: deployment.job).filter {
                $0.deployment == deployment.id && $0.isCanary && $0.isLive && !returning.contains($0.id)
            }
            for (name, group) in deployment.groups.sorted(by: { $0.key < $1.key }) {
                Self.check(live.filter { $0.group == name }, of: deployment, group, into: &report)
            }
        }
    }

    private static func check(
        _ canaries: [Allocation], of deployment: Deployment, _ group: DeploymentGroup, into report: inout WorldReport
    ) {
        if canaries.count > group.desiredCanaries, let first = canaries.first {
            let names = canaries.map { "[\($0.index)] \($0.id.short)" }.joined(separator: ", ")
            report.violations.append(
                Violation(
                    rule: "as many canaries as were asked for",
                    detail: "\(deployment.job) \(first.group) has \(names), of \(group.desiredCanaries)"))
        }
        var numbers: [Int: Allocation] = [:]
        for canary in canaries {
            guard let other = numbers.updateValue(canary, forKey: canary.index) else { continue }
            report.violations.append(
                Violation(
                    rule: "one canary a number", detail: "\(canary.name): \(other.id.short) and \(canary.id.short)"))
        }
    }
}

extension World {
    /// At rest a canary runs only as long as its roll-out shows it: a promoted one is like any other instance, and one
    /// of a roll-out that is over has ended.
    func checkCanaries(_ live: [Allocation]) {
        for canary in live where canary.isCanary {
            let deployment = canary.deployment.flatMap { truth.deployments[$0] }
            let isShown = deployment?.isActive == true && deployment?.groups[canary.group]?.isPromoted == false
            guard !isShown else { continue }
            let status = deployment.map { "is \($0.status.rawValue)" } ?? "is gone"
            violate(
                "canaries end with their roll-out",
                "\(canary.name) \(canary.id.short) of version \(canary.jobVersion), whose roll-out \(status)")
        }
    }

    /// At rest what runs is of the newest version, unless a roll-out holds it back or there is no room to change it.
    func checkVersions(of live: [Allocation], of record: JobRecord) {
        guard !record.stopped, truth.openEvaluations(of: record.job.id).isEmpty else { return }
        for allocation in live where !allocation.isCanary && allocation.jobVersion != record.version {
            guard let group = record.job.group(allocation.group), !isHeldBack(group, of: record) else { continue }
            violate(
                "the newest version runs",
                "\(allocation.name) \(allocation.id.short) runs version \(allocation.jobVersion) of \(record.version)")
        }
    }
}
