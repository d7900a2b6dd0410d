extension JobValidation {
    /// The most times that one job may state.
    private static let mostCrons = 100

    static func checkSchedule(of job: Job, _ path: JobPath, into found: inout MistakeCollector) {
        if let periodic = job.periodic { check(periodic, of: job, path.block("periodic"), into: &found) }
        if let spec = job.parameterized { check(spec, of: job, path.block("parameterized"), into: &found) }
        found.require(
            job.periodic == nil || job.parameterized == nil, path,
            "is periodic and parameterized; nobody would give the words at the time: remove one of the blocks")
    }

    private static func check(
        _ periodic: PeriodicSpec, of job: Job, _ path: JobPath, into found: inout MistakeCollector
    ) {
        checkKind(of: job, path, into: &found)
        let cron = path.attribute(periodic.crons.count == 1 ? "cron" : "crons")
        found.require(!periodic.crons.isEmpty, path.attribute("cron"), "must state a time, as in \"0 4 * * *\"")
        found.require(
            periodic.crons.count <= mostCrons, cron,
            "states \(periodic.crons.count) expressions; at most \(mostCrons) are taken")
        for text in periodic.crons.prefix(mostCrons) {
            do throws(ClusterError) {
                let expression = try CronExpression(text)
                found.require(
                    expression.first(from: 0, before: .max) != nil, cron,
                    "cron \(text.quotedForDisplay) names no day that there is until 2099; it would never begin")
            } catch {
                found.add(cron, error.message)
            }
        }
        if let mistake = JobNames.mistake(inZone: periodic.timeZone) { found.add(path.attribute("time_zone"), mistake) }
    }

    private static func check(
        _ spec: ParameterizedSpec, of job: Job, _ path: JobPath, into found: inout MistakeCollector
    ) {
        checkKind(of: job, path, into: &found)
        found.limit(spec.requiredMeta.count, path.attribute("meta_required"), "keys")
        found.limit(spec.optionalMeta.count, path.attribute("meta_optional"), "keys")
        for (name, keys) in [("meta_required", spec.requiredMeta), ("meta_optional", spec.optionalMeta)] {
            for key in keys.prefix(JobLimits.blocks) where key.isEmpty || key.utf8.contains(0) {
                found.add(path.attribute(name), "a key must not be empty nor hold NUL")
            }
        }
        let both = Set(spec.requiredMeta).intersection(spec.optionalMeta).sorted()
        if let key = both.first {
            found.add(
                path.attribute("meta_optional"), "\(key.quotedForDisplay) is required already; name it in one of them")
        }
    }

    private static func checkKind(of job: Job, _ path: JobPath, into found: inout MistakeCollector) {
        found.require(
            job.kind.isFinite, path,
            "needs work that ends by itself: set type = \"batch\" or \"sysbatch\", it is \(job.kind.rawValue)")
    }
}

extension JobNames {
    /// What is wrong with the name of a time zone; `nil` when there may be one of that name.
    static func mistake(inZone name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isStrange = parts.contains { mistake(in: String($0)) != nil || $0.hasPrefix(".") }
        return isStrange ? "must be a name of the zone database, \"Europe/Zurich\" for example" : nil
    }
}
