extension JobValidation {
    /// `clash` knows the constraints of the job, which hold beside those of the group, and where the job may run.
    static func checkGroup(
        _ group: TaskGroup, of job: Job, _ path: JobPath, beside clash: ConstraintClash,
        into found: inout MistakeCollector
    ) {
        if let mistake = JobNames.mistake(in: group.name) { found.add(path, "the group's name \(mistake)") }
        found.number(group.count, in: 0...JobLimits.count, path.attribute("count"))
        checkConstraints(group.constraints, in: path, of: .instances, into: &found)
        checkAffinities(group.affinities, of: job.kind, in: path, about: .instances, into: &found)
        checkSpreads(group.spreads, of: job.kind, in: path, into: &found)
        checkNodePools(group.nodePools, path.attribute("node_pools"), into: &found)
        checkVolumes(group.volumes, in: path, into: &found)
        checkRunningEverywhere(group, of: job.kind, path, into: &found)
        checkMeta(group.meta, path.block("meta"), into: &found)
        checkRestart(group.restart, path.block("restart"), into: &found)
        checkReschedule(group.reschedule, path.block("reschedule"), into: &found)
        // What a group takes over from the job is told there.
        if group.update != job.update { checkUpdate(group.update, of: job.kind, path.block("update"), into: &found) }
        checkScaling(of: group, in: job.kind, path, into: &found)
        checkMigrate(group.migrate, of: job.kind, path.block("migrate"), into: &found)
        found.duration(group.shutdownDelay, path.attribute("shutdown_delay"))
        checkRunLimit(group.runLimit, of: job.kind, path, into: &found)
        checkDisconnect(group.disconnect, of: job.kind, path, into: &found)
        checkAtMostOne(group, of: job.kind, path, into: &found)
        checkGang(group.gang, of: job.kind, path.block("gang"), into: &found)
        found.number(
            group.disk.sizeMiB, in: EphemeralDisk.leastMiB...JobLimits.amount,
            path.block("ephemeral_disk").attribute("size"))
        checkNetwork(group.network, path.block("network"), into: &found)

        found.require(!group.tasks.isEmpty, path, "has no task; add at least one \"task\" block")
        found.limit(group.tasks.count, path, "tasks")
        let tasks = group.tasks.prefix(JobLimits.blocks).enumerated().map { index, task in
            (task: task, path: path.block("task", task.name, index: index))
        }
        var clash = clash
        if !group.nodePools.isEmpty {
            clash.take(pools: group.nodePools, at: path.attribute("node_pools"), into: &found)
        }
        clash.take(group.constraints, in: path, into: &found)
        for (task, path) in tasks {
            checkTask(task, of: job.kind, into: &found, path)
            clash.take(task.constraints, in: path, into: &found)
        }
        found.unique(tasks.map { ($0.task.name, $0.path) }, "task")
        checkLives(of: tasks, path, into: &found)
        checkLogs(of: group, tasks.map(\.task), path, into: &found)
        checkServices(of: group, in: job, path, into: &found)
    }

    /// Which task may come when, and which may lead.
    private static func checkLives(
        of tasks: [(task: TaskSpec, path: JobPath)], _ path: JobPath, into found: inout MistakeCollector
    ) {
        found.require(
            tasks.isEmpty || tasks.contains { $0.task.lifecycle == nil }, path,
            "has no main task; remove the lifecycle block of the task that does the work")
        var leader: String?
        for (task, path) in tasks {
            found.require(
                task.lifecycle != TaskLifecycle(.poststop, isSidecar: true), path.block("lifecycle"),
                "a poststop task cannot be a sidecar: nothing runs beside it any more; remove sidecar")
            guard task.isLeader else { continue }
            found.require(
                task.lifecycle == nil, path.attribute("leader"),
                "only a main task can lead; remove leader or the lifecycle block")
            found.require(
                leader == nil, path.attribute("leader"),
                "task \(leader?.quotedForDisplay ?? "") leads this group already; one task may")
            leader = leader ?? task.name
        }
    }

    /// A task's full logs must fit on the disk that the group asks for; as in Nomad each task is looked at alone.
    private static func checkLogs(
        of group: TaskGroup, _ tasks: [TaskSpec], _ path: JobPath, into found: inout MistakeCollector
    ) {
        let bounds = 1...JobLimits.amount
        for task in tasks {
            guard bounds.contains(task.logs.files), bounds.contains(task.logs.fileSizeMiB) else { continue }
            let (size, overflow) = task.logs.files.multipliedReportingOverflow(by: task.logs.fileSizeMiB)
            guard overflow || size > group.disk.sizeMiB else { continue }
            let need = overflow ? "more than any disk" : "\(size) MiB"
            found.add(
                path.block("ephemeral_disk").attribute("size"),
                "the logs of task \(task.name.quotedForDisplay) may take \(need), the disk has "
                    + "\(group.disk.sizeMiB) MiB; ask for more or keep smaller logs")
        }
    }

    private static func checkNetwork(_ network: NetworkSpec?, _ path: JobPath, into found: inout MistakeCollector) {
        guard let network else { return }
        if network.mode != "host" {
            found.add(
                path.attribute("mode"),
                "\(network.mode.quotedForDisplay) networks are not supported; use \"host\" or remove the line")
        }
        found.limit(network.ports.count, path, "ports")
        var taken: [Int: String] = [:]
        let ports = network.ports.prefix(JobLimits.blocks).map { port in
            (port: port, path: path.block("port", port.label))
        }
        for (port, path) in ports {
            checkPort(port, path, into: &found)
            guard port.number != 0, let other = taken.updateValue(port.label, forKey: port.number) else { continue }
            found.add(
                path.attribute("static"),
                "port \(port.number) is taken by \(other.quotedForDisplay) of this group already")
        }
        found.unique(ports.map { ($0.port.label, $0.path) }, "port")
    }

    /// A label becomes part of `NOMAD_PORT_label`, so it holds what shells take in names, and dashes as Nomad does.
    private static func checkPort(_ port: PortSpec, _ path: JobPath, into found: inout MistakeCollector) {
        let isPlain = port.label.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        found.require(
            isPlain && !port.label.isEmpty && port.label.utf8.count <= JobLimits.nameBytes, path,
            "a port's label holds 1 to \(JobLimits.nameBytes) ASCII letters, digits, dashes and underscores")
        found.require(
            (0...65_535).contains(port.number), path.attribute("static"),
            "must be a port from 1 to 65535, is \(port.number)")
        // -1 means the number on the host, as 0 does when the driver maps none.
        found.require(
            (-1...65_535).contains(port.to), path.attribute("to"), "must be a port from 1 to 65535, is \(port.to)")
    }
}
