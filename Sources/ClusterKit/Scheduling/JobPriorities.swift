/// The priorities of jobs, by version: an allocation has that of the version that it runs.
struct JobPriorities: Sendable {
    private var priorities: [JobID: [Int: Int]] = [:]

    func priority(of job: JobID, version: Int) -> Int? { priorities[job]?[version] }

    /// Takes in a version; whether its priority was not known, or another.
    @discardableResult
    mutating func learn(_ record: JobRecord) -> Bool {
        let old = priorities[record.job.id, default: [:]].updateValue(record.job.priority, forKey: record.version)
        return old != record.job.priority
    }

    /// Takes in a change; gives the job whose priorities are not what they were.
    mutating func note(_ change: Change) -> JobID? {
        switch change {
        case .putJob(let record): return learn(record) ? record.job.id : nil
        case .removeJob(let id): return priorities.removeValue(forKey: id) == nil ? nil : id
        case .removeJobVersion(let version):
            // The newest version is the job itself, and stays.
            guard let known = priorities[version.job], known.keys.max() != version.version else { return nil }
            return priorities[version.job]?.removeValue(forKey: version.version) == nil ? nil : version.job
        default: return nil
        }
    }
}
