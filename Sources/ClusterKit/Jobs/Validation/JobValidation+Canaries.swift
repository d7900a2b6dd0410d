extension JobValidation {
    /// Every mistake of `job` as somebody wrote it: what `validate` finds, and canaries of which a group asks for more
    /// than it has instances.
    ///
    /// Of a job that the servers have that is no mistake, for its counts may have been changed since: it can be stored,
    /// read back and registered again as it stands.
    public static func validateWritten(_ job: Job) -> [JobMistake] {
        var found = MistakeCollector()
        for (index, group) in job.groups.prefix(JobLimits.blocks).enumerated() {
            let path = JobPath().block("group", group.name, index: index)
            found.require(
                !group.lacksCanaries, path.block("update").attribute("canary"),
                "is \(group.canaries), but the group has \(group.instances); use at most as many canaries")
        }
        return validate(job) + found.mistakes
    }
}

extension Job {
    /// What roll-outs of its groups do otherwise than is stated, a sentence each, in the order of the job.
    var canaryWarnings: [String] {
        groups.filter(\.lacksCanaries).map {
            "group \($0.name) has \($0.instances) and asks for \($0.canaries) canaries; a roll-out shows \($0.count)"
        }
    }
}

extension TaskGroup {
    fileprivate var canaries: Int { update?.canary ?? 0 }

    /// How many instances it has, in words.
    fileprivate var instances: String { count == 1 ? "1 instance" : "\(count) instances" }

    /// Whether it asks for more canaries than it has instances. One that has none may say how it is rolled out once it
    /// does.
    fileprivate var lacksCanaries: Bool { count > 0 && canaries > count }
}
