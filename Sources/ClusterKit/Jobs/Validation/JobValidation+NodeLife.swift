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

    static func checkDisconnect(
        _ policy: DisconnectPolicy?, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard let policy else { return }
        let block = path.block("disconnect")
        if let time = policy.lostAfter { found.duration(time, atLeast: .seconds(1), block.attribute("lost_after")) }
        guard let time = policy.stopOnClientAfter else { return }
        let attribute = block.attribute("stop_on_client_after")
        found.duration(time, atLeast: .seconds(1), attribute)
        found.require(
            policy.lostAfter == nil, attribute,
            "says that instances end while nothing is heard of their node, and lost_after (max_client_disconnect) that "
                + "they go on; remove one of them")
        found.require(
            !kind.runsEverywhere, attribute,
            "instances of \(kind.rawValue) jobs are placed on no other node, so nobody waits for their end; remove it")
    }

    static func checkAtMostOne(
        _ group: TaskGroup, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard group.atMostOne else { return }
        let attribute = path.attribute("at_most_one")
        found.require(
            !kind.runsEverywhere, attribute,
            "instances of \(kind.rawValue) jobs belong to their nodes and are placed on no other; remove it")
        found.require(
            group.disconnect == nil, attribute,
            "instances end by themselves when their node falls silent, so there is nothing more to say of that; remove "
                + "it, or disconnect, max_client_disconnect and stop_after_client_disconnect")
        found.require(
            (group.update?.canary ?? 0) == 0, attribute,
            "a canary would run beside the instance whose name it has; remove it, or canary")
        found.require(
            group.gang == nil, attribute,
            "its instances are replaced one after the other, those of a gang together; remove it, or gang")
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
