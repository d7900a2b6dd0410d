/// Whether an instance of an older version may go on under the newest one.
struct VersionCheck {
    private let record: JobRecord
    private let head: Snapshot
    private let replaced: Set<OldGroup>
    /// Where groups of versions are wanted, for those that were asked about.
    private var filters: [OldGroup: NodeFilter] = [:]

    private struct OldGroup: Hashable {
        let version: Int
        let group: String
    }

    /// Compares `groups` of each kept version with the newest once.
    init(
        _ record: JobRecord, _ groups: [TaskGroup], head: Snapshot, needsReplacement: Reconciler.ReplacementRule
    ) {
        self.record = record
        self.head = head
        var replaced: Set<OldGroup> = []
        for version in head.versionsByJob.members(of: record.job.id) where version.version != record.version {
            guard let old = head.jobVersions[version]?.job else { continue }
            for group in groups where needsReplacement(old, record.job, group.name) {
                replaced.insert(OldGroup(version: version.version, group: group.name))
            }
        }
        self.replaced = replaced
    }

    /// Whether the tasks of `allocation` are those of the newest version.
    func runsNewest(_ allocation: Allocation) -> Bool {
        if allocation.jobVersion == record.version { return true }
        return head.job(of: allocation) != nil
            && !replaced.contains(OldGroup(version: allocation.jobVersion, group: allocation.group))
    }

    /// Why a running `allocation` has to be replaced; `nil` when it may go on.
    mutating func outdated(_ allocation: Allocation, in group: TaskGroup) -> String? {
        if allocation.jobVersion == record.version { return nil }
        guard runsNewest(allocation) else { return "job changed to version \(record.version)" }
        return brokenRule(of: allocation, in: group).map { rule in
            "node \(allocation.nodeName) does not meet version \(record.version) of the job: \(rule)"
        }
    }

    /// The rule of the newest version that keeps `allocation` from where it runs: that may no longer be where it is
    /// wanted. A rule that it broke before the change is no reason.
    mutating func brokenRule(of allocation: Allocation, in group: TaskGroup) -> String? {
        guard let old = head.job(of: allocation), let before = old.group(group.name),
            let node = head.nodes[allocation.node],
            filter(of: before, in: old, version: allocation.jobVersion).mismatch(on: node) == nil
        else { return nil }
        return filter(of: group, in: record.job, version: record.version).mismatch(on: node)
    }

    private mutating func filter(of group: TaskGroup, in job: Job, version: Int) -> NodeFilter {
        let key = OldGroup(version: version, group: group.name)
        let filter = filters[key] ?? NodeFilter(job, group)
        filters[key] = filter
        return filter
    }
}
