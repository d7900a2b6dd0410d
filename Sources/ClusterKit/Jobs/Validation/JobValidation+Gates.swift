extension JobValidation {
    /// What a job waits for before it is placed.
    static func checkAfter(_ job: Job, _ path: JobPath, into found: inout MistakeCollector) {
        found.limit(job.after.count, path, "\"after\" blocks")
        var seen: Set<JobID> = []
        for (index, dependency) in job.after.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("after", index: index)
            let namespace = dependency.job.namespace.isEmpty ? job.id.namespace : dependency.job.namespace
            let target = JobID(dependency.job.id, namespace: namespace)
            if let mistake = JobNames.mistake(inJobID: target.id) { found.add(path.attribute("job"), mistake) }
            if let mistake = JobNames.mistake(in: namespace) { found.add(path.attribute("namespace"), mistake) }
            found.require(target != job.id, path.attribute("job"), "a job cannot wait for itself")
            found.require(
                seen.insert(target).inserted, path.attribute("job"),
                "\(target) is waited for already; one block for each job")
        }
        checkGroupOrder(job, path, into: &found)
    }

    /// What is said of instances that are placed together.
    static func checkGang(_ gang: Gang?, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector) {
        guard let gang else { return }
        found.duration(gang.window, path.attribute("window"))
        found.require(
            !kind.runsEverywhere, path,
            "\(kind.rawValue) jobs run on every node that passes, each instance for itself; remove the block")
    }

    /// Groups wait for groups that are there, and never in a circle.
    private static func checkGroupOrder(_ job: Job, _ path: JobPath, into found: inout MistakeCollector) {
        let names = Set(job.groups.map(\.name))
        for (index, group) in job.groups.prefix(JobLimits.blocks).enumerated() where !group.after.isEmpty {
            let path = path.block("group", group.name, index: index).attribute("after")
            found.limit(group.after.count, path, "names")
            for name in group.after.prefix(JobLimits.blocks) where !names.contains(name) {
                let known = job.groups.prefix(20).map(\.name).joined(separator: ", ")
                found.add(path, "names no group of the job: \(name.quotedForDisplay); its groups are: \(known)")
            }
        }
        if let cycle = cycle(in: job) {
            let index = job.groups.firstIndex { $0.name == cycle[0] }
            let path = path.block("group", cycle[0], index: index).attribute("after")
            found.add(path, "groups wait for each other in a circle: \(cycle.joined(separator: " → "))")
        }
    }

    /// The first group that waits for itself, by way of others or not, and the way; `nil` when none does.
    private static func cycle(in job: Job) -> [String]? {
        let after = Dictionary(job.groups.map { ($0.name, $0.after) }, uniquingKeysWith: { first, _ in first })
        /// Groups from which no circle can be reached.
        var clear: Set<String> = []
        for group in job.groups.prefix(JobLimits.blocks) where !clear.contains(group.name) {
            // A way through groups, and for each what is still to be looked at: no recursion, however long it is.
            var way = [group.name]
            var rest = [after[group.name] ?? []]
            while !way.isEmpty {
                guard let next = rest[rest.count - 1].popLast() else {
                    clear.insert(way.removeLast())
                    rest.removeLast()
                    continue
                }
                if let start = way.firstIndex(of: next) { return Array(way[start...]) + [next] }
                guard !clear.contains(next) else { continue }
                way.append(next)
                rest.append(after[next] ?? [])
            }
        }
        return nil
    }
}
