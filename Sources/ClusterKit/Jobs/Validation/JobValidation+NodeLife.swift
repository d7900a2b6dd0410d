extension JobValidation {
    static func checkMigrate(
        _ migrate: MigrateStrategy?, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard let migrate else { return }
        found.require(
            kind == .service, path,
            "only instances of services are moved one after the other; those of \(kind.rawValue) jobs stay until a "
                + "drain's deadline: remove the block")
        found.number(migrate.maxParallel, in: 1...JobLimits.count, path.attribute("max_parallel"))
        found.word(migrate.healthCheck, among: ["checks", "task_states"], path.attribute("health_check"))
        found.duration(migrate.minHealthyTime, path.attribute("min_healthy_time"))
        found.duration(migrate.healthyDeadline, path.attribute("healthy_deadline"))
        found.require(
            migrate.minHealthyTime < migrate.healthyDeadline, path.attribute("min_healthy_time"),
            "must be shorter than the healthy_deadline of \(migrate.healthyDeadline.compactText), "
                + "is \(migrate.minHealthyTime.compactText)")
    }

    static func checkScaling(
        of group: TaskGroup, in kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard let scaling = group.scaling else { return }
        let block = path.block("scaling")
        found.require(
            !kind.runsEverywhere, block,
            "\(kind.rawValue) jobs have one instance on each node that passes; remove the block")
        found.number(scaling.min, in: 0...JobLimits.count, block.attribute("min"))
        found.number(scaling.max, in: 0...JobLimits.count, block.attribute("max"))
        found.require(
            scaling.min <= scaling.max, block.attribute("min"),
            "must not exceed the max of \(scaling.max), is \(scaling.min)")
        guard scaling.min <= scaling.max else { return }
        found.require(
            (scaling.min...scaling.max).contains(group.count), path.attribute("count"),
            "must lie within the bounds of the scaling block, \(scaling.min)...\(scaling.max), is \(group.count)")
    }
}
