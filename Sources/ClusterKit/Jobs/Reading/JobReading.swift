/// Reads a job from fields, whatever language they are written in: the one place that knows where each field stands.
///
/// It fills in the defaults that depend on other fields, checks nothing that `JobValidation` checks, and always makes a
/// job, so that the rules can be checked on what could be read.
struct JobReading<Fields: JobFields> {
    /// Policies of groups depend on it.
    private(set) var kind = JobKind.service
    /// What the job says for groups that say nothing.
    private(set) var update: UpdateStrategy?
    private(set) var reschedule: ReschedulePolicy?
    private(set) var migrate: MigrateStrategy?

    /// Reads the block of a job.
    static func job(from fields: Fields) -> Job {
        var reading = JobReading()
        return reading.read(fields)
    }

    private mutating func read(_ fields: Fields) -> Job {
        kind = fields.word("type", "Type") ?? .service
        update = fields.block("update", "Update") { Self.update($0, over: nil, kind) }
        reschedule = fields.block("reschedule", "Reschedule") { Self.reschedule($0, over: .standard(for: kind)) }
        migrate = fields.block("migrate", "Migrate") { Self.migrate($0, over: MigrateStrategy()) }
        fields.refuse(UnsupportedFields.job)
        let id = JobID(fields.label("ID"), namespace: fields.text("namespace", "Namespace") ?? "default")
        let name = fields.text("name", "Name")
        // Nomad takes 0 for the default.
        let priority = fields.integer("priority", "Priority") ?? 0
        var job = Job(
            id: id, name: name?.isEmpty == false ? name : nil, region: fields.text("region", "Region") ?? "global",
            kind: kind, priority: priority == 0 ? 50 : priority,
            datacenters: fields.texts("datacenters", "Datacenters") ?? ["*"],
            nodePool: fields.text("node_pool", "NodePool") ?? "default", constraints: fields.constraints(),
            affinities: fields.affinities(),
            spreads: fields.blocks("spread", labels: [], "Spreads", read: Self.spread),
            groups: fields.blocks("group", labels: ["name"], "TaskGroups", read: group), update: update,
            meta: fields.textMap("meta", "Meta") ?? [:])
        job.after = Self.dependencies(fields)
        job.periodic = fields.block("periodic", "Periodic", read: Self.periodic)
        job.parameterized = fields.block("parameterized", "ParameterizedJob", read: Self.parameterized)
        return job
    }

    /// Blocks, one for each job, or a list of objects.
    private static func dependencies(_ fields: Fields) -> [JobDependency] {
        let listed = fields.attribute("after")
        guard let listed else { return fields.blocks("after", labels: [], "After", read: dependency) }
        guard case .list(let entries) = listed else {
            fail(fields)
            return []
        }
        return entries.compactMap { entry in
            guard case .object(let words) = entry, words.keys.allSatisfy(["job", "namespace", "state"].contains),
                words.values.allSatisfy({ $0.text != nil }), let job = words["job"]?.text,
                let state = DependencyState(rawValue: words["state"]?.text ?? DependencyState.healthy.rawValue)
            else {
                fail(fields)
                return nil
            }
            return JobDependency(JobID(job, namespace: words["namespace"]?.text ?? ""), state)
        }
    }

    private static func fail(_ fields: Fields) {
        let states = DependencyState.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        fields.fail(
            "must be blocks, or a list of objects such as { job = \"db\", state = \"healthy\" }, with a \"namespace\" "
                + "where it is not the job's own; states are \(states)", "after", "After")
    }

    /// A block, or `true` for one that states nothing.
    private static func gang(_ fields: Fields) -> Gang? {
        switch fields.attribute("gang") {
        case nil: fields.block("gang", "Gang") { Gang(window: $0.span("window", "Window") ?? Gang().window) }
        case .bool(let isGang)?: isGang ? Gang() : nil
        case _?: refusedGang(fields)
        }
    }

    private static func refusedGang(_ fields: Fields) -> Gang? {
        fields.fail("must be true, or a block such as gang { window = \"10m\" }", "gang", "Gang")
        return nil
    }

    private static func dependency(_ fields: Fields) -> JobDependency? {
        let namespace = fields.text("namespace", "Namespace") ?? ""
        let job = JobID(fields.text("job", "Job") ?? "", namespace: namespace)
        return JobDependency(job, fields.word("state", "State") ?? .healthy)
    }

    private func group(_ fields: Fields) -> TaskGroup {
        let restart = fields.block("restart", "RestartPolicy") { Self.restart($0, over: .standard(for: kind)) }
        fields.refuse(UnsupportedFields.group)
        let restartOfAll = restart ?? .standard(for: kind)
        var group = TaskGroup(
            name: fields.label("Name"), count: 1,
            constraints: fields.constraints(), affinities: fields.affinities(),
            spreads: fields.blocks("spread", labels: [], "Spreads", read: Self.spread),
            nodePools: Self.nodePools(fields), volumes: fields.entries("volume", "Volumes", read: Self.volume),
            tasks: fields.blocks("task", labels: ["name"], "Tasks") { task($0, restart: restartOfAll) },
            restart: restartOfAll,
            reschedule: fields.block("reschedule", "ReschedulePolicy") {
                Self.reschedule($0, over: reschedule ?? .standard(for: kind))
            } ?? reschedule,
            disk: fields.block("ephemeral_disk", "EphemeralDisk", read: disk) ?? EphemeralDisk(),
            network: fields.network { network in
                network.refuse(UnsupportedFields.network)
                let mode = network.text("mode", "Mode") ?? ""
                return NetworkSpec(mode: mode.isEmpty ? "host" : mode, ports: network.ports())
            },
            services: fields.blocks("service", labels: [], "Services", read: Self.service),
            update: fields.block("update", "Update") { Self.update($0, over: update, kind) } ?? update,
            meta: fields.textMap("meta", "Meta") ?? [:],
            shutdownDelay: fields.span("shutdown_delay", "ShutdownDelay") ?? .zero, runLimit: Self.runLimit(fields),
            kind: kind)
        group.after = fields.texts("after", "After") ?? []
        readNodeLife(fields, into: &group)
        group.gang = Self.gang(fields)
        return group
    }

    private func disk(_ fields: Fields) -> EphemeralDisk {
        fields.refuse(UnsupportedFields.disk)
        return EphemeralDisk(sizeMiB: fields.integer("size", "SizeMB") ?? 300)
    }

    private func task(_ fields: Fields, restart: RestartPolicy) -> TaskSpec {
        fields.refuse(UnsupportedFields.task)
        var task = TaskSpec(
            name: fields.label("Name"), driver: fields.text("driver", "Driver") ?? "",
            config: fields.config("config", "Config") ?? [:], environment: fields.textMap("env", "Env") ?? [:],
            resources: fields.block("resources", "Resources", read: resources) ?? TaskResources(),
            constraints: fields.constraints(), affinities: fields.affinities(),
            services: fields.blocks("service", labels: [], "Services", read: Self.service),
            meta: fields.textMap("meta", "Meta") ?? [:],
            killTimeout: fields.span("kill_timeout", "KillTimeout") ?? .seconds(5),
            killSignal: fields.text("kill_signal", "KillSignal"),
            logs: fields.block("logs", "LogConfig", read: logs) ?? LogRotation(),
            restart: fields.block("restart", "RestartPolicy") { Self.restart($0, over: restart) },
            templates: fields.blocks("template", labels: [], "Templates", read: Self.template),
            shutdownDelay: fields.span("shutdown_delay", "ShutdownDelay") ?? .zero,
            lifecycle: fields.block("lifecycle", "Lifecycle", read: Self.lifecycle),
            isLeader: fields.flag("leader", "Leader") ?? false)
        task.payloadFile = fields.block("dispatch_payload", "DispatchPayload") { $0.text("file", "File") ?? "" }
        return task
    }

    private func resources(_ fields: Fields) -> TaskResources {
        fields.refuse(UnsupportedFields.resources)
        let cores = fields.integer("cores", "Cores") ?? 0
        return TaskResources(
            cpuMHz: fields.integer("cpu", "CPU"), cores: cores, memoryMiB: fields.integer("memory", "MemoryMB") ?? 300,
            memoryMaxMiB: fields.integer("memory_max", "MemoryMaxMB") ?? 0,
            devices: fields.blocks("device", labels: ["name"], "Devices", read: Self.device))
    }

    private func logs(_ fields: Fields) -> LogRotation {
        fields.refuse(UnsupportedFields.logs)
        return LogRotation(
            files: fields.integer("max_files", "MaxFiles") ?? 10,
            fileSizeMiB: fields.integer("max_file_size", "MaxFileSizeMB") ?? 10)
    }
}
