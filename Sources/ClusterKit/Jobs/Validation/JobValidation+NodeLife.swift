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
}
