/// The priorities of jobs, by version: an allocation has that of the version that it runs.
struct JobPriorities: Sendable {
    private struct Version: Sendable {
        let priority: Int
        let runsEverywhere: Bool
    }

    private var versions: [JobID: [Int: Version]] = [:]

    func priority(of job: JobID, version: Int) -> Int? { versions[job]?[version]?.priority }

    /// Whether the room of an instance of `job` that ends goes to waiting work of `priority`. Not when its own
    /// successor gets it, because the job runs on every node or has a higher priority.
    func leavesRoom(_ job: JobID, toPriority priority: Int) -> Bool {
        guard let newest = versions[job]?.max(by: { $0.key < $1.key })?.value else { return true }
        return !newest.runsEverywhere && newest.priority <= priority
    }

    /// Takes in a version. Returns whether its priority was not known, or another.
    @discardableResult
    mutating func learn(_ record: JobRecord) -> Bool {
        let version = Version(priority: record.job.priority, runsEverywhere: record.job.kind.runsEverywhere)
        let old = versions[record.job.id, default: [:]].updateValue(version, forKey: record.version)
        return old?.priority != record.job.priority
    }

    /// Takes in a change. Returns the job whose priorities are not what they were.
    mutating func note(_ change: Change) -> JobID? {
        switch change {
        case .putJob(let record): return learn(record) ? record.job.id : nil
        case .removeJob(let id): return versions.removeValue(forKey: id) == nil ? nil : id
        case .removeJobVersion(let version):
            // The newest version is the job itself, and stays.
            guard let known = versions[version.job], known.keys.max() != version.version else { return nil }
            return versions[version.job]?.removeValue(forKey: version.version) == nil ? nil : version.job
        default: return nil
        }
    }
}
