/// The rules that a job keeps before it is stored. Whatever states a job, these are the same, but for what only a job
/// that somebody wrote has to keep.
public enum JobValidation {
    /// Every mistake of `job`, up to a hundred, in the order in which a job file states things; empty when the job can
    /// be stored. Rules hold for the canonical form of a job: take that first.
    public static func validate(_ job: Job) -> [JobMistake] {
        var found = MistakeCollector()
        let path = JobPath()
        checkNames(of: job, path, into: &found)
        found.number(job.priority, in: 1...100, path.attribute("priority"))
        checkDatacenters(job.datacenters, path.attribute("datacenters"), into: &found)
        checkConstraints(job.constraints, in: path, of: .instances, into: &found)
        checkAffinities(job.affinities, of: job.kind, in: path, about: .instances, into: &found)
        checkSpreads(job.spreads, of: job.kind, in: path, into: &found)
        checkMeta(job.meta, path.block("meta"), into: &found)
        checkSchedule(of: job, path, into: &found)
        checkUpdate(job.update, of: job.kind, path.block("update"), into: &found)
        checkAfter(job, path, into: &found)

        found.require(!job.groups.isEmpty, path, "has no group; add at least one \"group\" block")
        found.limit(job.groups.count, path, "groups")
        let groups = job.groups.prefix(JobLimits.blocks).enumerated().map { index, group in
            (group: group, path: path.block("group", group.name, index: index))
        }
        var clash = ConstraintClash()
        clash.take(datacenters: job.datacenters, at: path.attribute("datacenters"), into: &found)
        if job.groups.contains(where: { $0.nodePools.isEmpty }) {
            clash.take(pools: [job.nodePool], at: path.attribute("node_pool"), into: &found)
        }
        clash.take(job.constraints, in: path, into: &found)
        for (group, path) in groups { checkGroup(group, of: job, path, beside: clash, into: &found) }
        found.unique(groups.map { ($0.group.name, $0.path) }, "group")
        return found.mistakes
    }

    private static func checkNames(of job: Job, _ path: JobPath, into found: inout MistakeCollector) {
        let mistakeInID = JobNames.mistake(inJobID: job.id.id)
        if let mistakeInID { found.add(path.attribute("id"), mistakeInID) }
        let names = [("region", job.region), ("namespace", job.id.namespace), ("node_pool", job.nodePool)]
        for (attribute, name) in names {
            if let mistake = JobNames.mistake(in: name) { found.add(path.attribute(attribute), mistake) }
        }
        // The shown name is free text, but it ends up in tables and in file names of logs.
        let name = job.name
        // Where nobody states one it is the identifier, and its mistake is told.
        guard mistakeInID == nil || name != job.id.id else { return }
        found.require(!name.isEmpty, path.attribute("name"), "must not be empty")
        found.require(
            name.utf8.count <= JobLimits.nameBytes, path.attribute("name"),
            "is \(name.utf8.count) bytes long; at most \(JobLimits.nameBytes) are taken")
        found.require(
            !name.unicodeScalars.contains { $0.properties.generalCategory == .control }, path.attribute("name"),
            "holds a control character")
    }

    private static func checkDatacenters(
        _ datacenters: [String], _ path: JobPath, into found: inout MistakeCollector
    ) {
        found.require(!datacenters.isEmpty, path, "must name a datacenter; \"*\" means every one")
        found.limit(datacenters.count, path, "names")
        for name in datacenters.prefix(JobLimits.blocks) {
            if let mistake = JobNames.mistake(in: name, allowing: "*?[]") {
                found.add(path, "datacenter \(name.quotedForDisplay) \(mistake)")
            }
        }
    }

    static func checkMeta(_ meta: [String: String], _ path: JobPath, into found: inout MistakeCollector) {
        found.limit(meta.count, path, "keys")
        for key in meta.keys.sorted().prefix(JobLimits.blocks) {
            found.require(
                !key.isEmpty && !key.utf8.contains(0), path.attribute(key), "a key must not be empty nor hold NUL")
            found.require(meta[key]?.utf8.contains(0) != true, path.attribute(key), "must not hold NUL")
        }
    }
}
