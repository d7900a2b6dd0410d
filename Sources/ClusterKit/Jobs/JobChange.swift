/// What a new statement of a job changes, and whether running instances can live with it.
public enum JobChange {
    /// Whether registering `new` over `old` makes no new version: they differ at most in what they leave to defaults.
    public static func isSame(_ old: Job, _ new: Job) -> Bool {
        old == new || old.canonical() == new.canonical()
    }

    /// Whether instances of a group must be replaced for `new` to hold: a process cannot take another environment,
    /// limit or program while it runs. All other changes reach it in place, words of `meta` that no task reads among
    /// them; those come to the tasks with their next start.
    ///
    /// False when the group is in only one of them: its instances are started or stopped, not replaced.
    public static func needsReplacement(group: String, from old: Job, to new: Job) -> Bool {
        guard let oldGroup = old.group(group), let newGroup = new.group(group) else { return false }
        return !replacingFields(from: (old, oldGroup), to: (new, newGroup)).isEmpty
    }

    /// The fields of a group for which its instances must be replaced, as a job file names them, sorted:
    /// `task "srv" > env`. Empty when none must.
    public static func replacingFields(group: String, from old: Job, to new: Job) -> [String] {
        guard let oldGroup = old.group(group), let newGroup = new.group(group) else { return [] }
        return replacingFields(from: (old, oldGroup), to: (new, newGroup))
    }

    private static func replacingFields(from old: (job: Job, group: TaskGroup), to new: (job: Job, group: TaskGroup))
        -> [String]
    {
        var fields: [String] = []
        func compare<Value: Equatable>(_ old: Value, _ new: Value, _ path: JobPath) {
            if old != new { fields.append(path.description) }
        }
        let path = JobPath()
        compare(old.group.atMostOne, new.group.atMostOne, path.block("at_most_one"))
        compare(old.group.disk, new.group.disk, path.block("ephemeral_disk"))
        compare(NetworkSpec.comparable(old.group), NetworkSpec.comparable(new.group), path.block("network"))
        let names = Set((old.group.tasks + new.group.tasks).map(\.name))
        for name in names.sorted() {
            let path = path.block("task", name)
            guard let before = old.group.task(name), let after = new.group.task(name) else {
                fields.append(path.description)
                continue
            }
            compare(before.driver, after.driver, path.attribute("driver"))
            compare(before.config, after.config, path.block("config"))
            compare(before.lifecycle, after.lifecycle, path.block("lifecycle"))
            compare(before.environment, after.environment, path.block("env"))
            compare(before.payloadFile, after.payloadFile, path.block("dispatch_payload"))
            compare(before.templates, after.templates, path.block("template"))
            compare(before.resources.effective, after.resources.effective, path.block("resources"))
            let metas = (before.meta(in: old.group, of: old.job), after.meta(in: new.group, of: new.job))
            if TaskSpec.readsOtherMeta((before, metas.0), (after, metas.1)) {
                fields.append(path.block("meta").description)
            }
        }
        return fields.sorted()
    }
}

extension NetworkSpec {
    /// The ports as sets: their order means nothing to what runs.
    fileprivate static func comparable(_ group: TaskGroup) -> Set<PortSpec>? {
        group.network.map { Set($0.ports) }
    }
}

extension TaskResources {
    /// Without the two ways of stating that memory_max is memory.
    fileprivate var effective: TaskResources {
        var resources = self
        if resources.memoryMaxMiB == 0 { resources.memoryMaxMiB = memoryMiB }
        return resources
    }
}

extension TaskSpec {
    /// The words that the task sees: those of job and group count, as it finds them all in its environment.
    public func meta(in group: TaskGroup, of job: Job) -> [String: String] {
        job.meta.merging(group.meta) { _, inner in inner }.merging(meta) { _, inner in inner }
    }
}
