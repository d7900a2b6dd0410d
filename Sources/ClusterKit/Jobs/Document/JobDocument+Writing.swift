extension JobDocument {
    /// Appends the document, for answers that hold more than one.
    package func write(to writer: inout JSONWriter) {
        let job = statement
        writer.object { writer in
            writer.write(job.affinities)
            // Ours: left out where nothing is said, so that the form of all other jobs is Nomad's.
            if !job.after.isEmpty { writer.write(job.after) }
            writer.field("AllAtOnce", false)
            writer.write(job.constraints)
            writer.field("ConsulToken", "")
            writer.field("CreateIndex", standing.createRevision)
            writer.field("Datacenters", job.datacenters)
            writer.field("Dispatched", job.origin?.isDispatched ?? false)
            writer.field("ID", job.id.id)
            writer.field("JobModifyIndex", standing.jobModifyRevision)
            writer.field("Meta", job.meta)
            writer.field("ModifyIndex", standing.modifyRevision)
            writer.nullField("Multiregion")
            writer.field("Name", job.name)
            writer.field("Namespace", job.id.namespace)
            writer.field("NodePool", job.nodePool)
            writer.field("NomadTokenID", "")
            writer.write(job.parameterized)
            writer.write(job.origin)
            writer.write(job.periodic)
            writer.field("Priority", job.priority)
            writer.field("Region", job.region)
            writer.write(job.spreads)
            writeStatus(to: &writer)
            writer.list("TaskGroups", job.groups) { $0.write($1, in: job) }
            writer.field("Type", job.kind.rawValue)
            writer.write(job.update)
            writer.field("VaultNamespace", "")
            writer.field("VaultToken", "")
            writer.field("Version", standing.version)
            writer.write(standing.tag)
        }
    }

    private func writeStatus(to writer: inout JSONWriter) {
        writer.field("Stable", standing.stable)
        writer.field("Status", standing.status)
        writer.field("StatusDescription", standing.statusDescription)
        writer.field("Stop", standing.stopped)
        if let time = standing.submitTime {
            writer.field("SubmitTime", Int(time.nanoseconds))
        } else {
            writer.nullField("SubmitTime")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func field(_ name: String, _ revision: Revision) {
        key(name)
        integer(revision.number)
    }

    fileprivate mutating func write(_ tag: VersionTag?) {
        guard let tag else { return nullField("VersionTag") }
        key("VersionTag")
        object { writer in
            writer.field("Description", tag.description)
            writer.field("Name", tag.name)
            writer.field("TaggedTime", Int(tag.time.nanoseconds))
        }
    }

    fileprivate mutating func write(_ group: TaskGroup, in job: Job) {
        object { writer in
            writer.write(group.affinities)
            // Ours: left out where nothing is said, so that the form of all other jobs is Nomad's.
            if !group.after.isEmpty { writer.field("After", group.after) }
            if group.atMostOne { writer.field("AtMostOne", true) }
            writer.write(group.constraints)
            writer.field("Count", group.count)
            writer.object("EphemeralDisk") { writer in
                writer.field("Migrate", false)
                writer.field("SizeMB", group.disk.sizeMiB)
                writer.field("Sticky", false)
            }
            if let gang = group.gang {
                writer.object("Gang") { $0.field("Window", gang.window) }
            }
            writer.writeDisconnect(group.disconnect)
            writer.write(group.runLimit)
            writer.field("Meta", group.meta)
            writer.write(group.migrate ?? MigrateStrategy())
            writer.field("Name", group.name)
            if !group.nodePools.isEmpty { writer.field("NodePools", group.nodePools) }
            writer.list("Networks", group.network.map { [$0] } ?? []) { $0.write($1) }
            writer.write(group.reschedule)
            writer.write(group.restart)
            writer.write(group.scaling, of: group.name, in: job.id)
            writer.list("Services", group.services) { $0.write($1) }
            if group.shutdownDelay == .zero {
                writer.nullField("ShutdownDelay")
            } else {
                writer.field("ShutdownDelay", group.shutdownDelay)
            }
            writer.write(group.spreads)
            if let time = group.disconnect?.plain?.stopOnClientAfter {
                writer.field("StopAfterClientDisconnect", time)
            } else {
                writer.nullField("StopAfterClientDisconnect")
            }
            writer.list("Tasks", group.tasks) { $0.write($1, in: group) }
            writer.write(group.update)
            writer.write(group.volumes)
        }
    }

    private mutating func write(_ network: NetworkSpec) {
        object { writer in
            writer.field("CIDR", "")
            writer.nullField("DNS")
            writer.field("Device", "")
            writer.list("DynamicPorts", network.ports.filter { $0.number == 0 }) { $0.write($1) }
            writer.field("IP", "")
            writer.field("MBits", 0)
            // Nomad leaves the mode empty where it is the host's.
            writer.field("Mode", network.mode == "host" ? "" : network.mode)
            writer.list("ReservedPorts", network.ports.filter { $0.number != 0 }) { $0.write($1) }
        }
    }

    private mutating func write(_ port: PortSpec) {
        object { writer in
            writer.field("HostNetwork", "default")
            writer.field("Label", port.label)
            writer.field("To", port.to)
            writer.field("Value", port.number)
        }
    }

    private mutating func write(_ policy: ReschedulePolicy) {
        object("ReschedulePolicy") { writer in
            writer.writeFields(of: policy.rule)
            // Ours: left out where nothing is said, so that the form of all other jobs is Nomad's.
            guard !policy.causes.isEmpty else { return }
            writer.object("Causes") { writer in
                for (cause, rule) in policy.causes.sorted(by: { $0.key < $1.key }) {
                    writer.object(cause.rawValue) { $0.writeFields(of: rule) }
                }
            }
        }
    }

    private mutating func writeFields(of rule: RescheduleRule) {
        field("Attempts", rule.attempts)
        field("Delay", rule.delay)
        field("DelayFunction", rule.delayFunction.rawValue)
        field("Interval", rule.interval)
        field("MaxDelay", rule.maxDelay)
        field("Unlimited", rule.unlimited)
    }

    fileprivate mutating func write(_ policy: RestartPolicy) {
        object("RestartPolicy") { writer in
            writer.field("Attempts", policy.attempts)
            writer.field("Delay", policy.delay)
            writer.field("Interval", policy.interval)
            writer.field("Mode", policy.mode.rawValue)
        }
    }

    fileprivate mutating func write(_ update: UpdateStrategy?) {
        guard let update else { return nullField("Update") }
        object("Update") { writer in
            writer.field("AutoPromote", update.autoPromote)
            writer.field("AutoRevert", update.autoRevert)
            writer.field("Canary", update.canary)
            writer.field("HealthCheck", update.healthCheck)
            writer.field("HealthyDeadline", update.healthyDeadline)
            writer.field("MaxParallel", update.maxParallel)
            writer.field("MinHealthyTime", update.minHealthyTime)
            writer.field("ProgressDeadline", update.progressDeadline)
            writer.field("Stagger", update.stagger)
        }
    }
}

// MARK: - Tasks

extension JSONWriter {
    fileprivate mutating func write(_ task: TaskSpec, in group: TaskGroup) {
        object { writer in
            writer.write(task.affinities)
            writer.nullField("Artifacts")
            writer.nullField("CSIPluginConfig")
            writer.key("Config")
            writer.write(.object(task.config))
            writer.write(task.constraints)
            writer.write(payloadFile: task.payloadFile)
            writer.field("Driver", task.driver)
            writer.field("Env", task.environment)
            writer.field("KillSignal", task.killSignal ?? "")
            writer.field("KillTimeout", task.killTimeout)
            writer.field("Kind", "")
            writer.field("Leader", task.isLeader)
            writer.write(task.lifecycle)
            writer.object("LogConfig") { writer in
                writer.field("MaxFileSizeMB", task.logs.fileSizeMiB)
                writer.field("MaxFiles", task.logs.files)
            }
            writer.field("Meta", task.meta)
            writer.field("Name", task.name)
            writer.write(task.resources)
            writer.write(task.restart ?? group.restart)
            writer.nullField("ScalingPolicies")
            writer.list("Services", task.services) { $0.write($1) }
            writer.field("ShutdownDelay", task.shutdownDelay)
            writer.list("Templates", task.templates) { $0.write($1) }
            writer.field("User", "")
            writer.nullField("Vault")
            writer.nullField("VolumeMounts")
        }
    }

    private mutating func write(_ resources: TaskResources) {
        object("Resources") { writer in
            writer.field("CPU", resources.cpuMHz)
            writer.field("Cores", resources.cores)
            writer.write(resources.devices)
            writer.field("DiskMB", 0)
            writer.field("IOPS", 0)
            writer.field("MemoryMB", resources.memoryMiB)
            writer.field("MemoryMaxMB", resources.memoryMaxMiB)
            writer.nullField("Networks")
        }
    }

    mutating func write(_ value: ConfigValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .int(let value): integer(value)
        case .double(let value): number(value)
        case .string(let value): string(value)
        case .list(let values): array { writer in values.forEach { writer.write($0) } }
        case .object(let values):
            object { writer in
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    writer.write(value)
                }
            }
        }
    }
}

// MARK: - Services

extension JSONWriter {
    fileprivate mutating func write(_ service: ServiceSpec) {
        object { writer in
            writer.field("AddressMode", service.addressMode)
            writer.nullField("CanaryMeta")
            writer.field("CanaryTags", service.canaryTags)
            writer.list("Checks", service.checks) { $0.write($1) }
            writer.nullField("Connect")
            writer.field("EnableTagOverride", false)
            writer.field("Meta", service.meta)
            writer.field("Name", service.name)
            writer.field("PortLabel", service.portLabel)
            writer.field("Provider", service.provider)
            writer.field("Tags", service.tags)
            writer.field("TaskName", service.task)
        }
    }

    private mutating func write(_ check: CheckSpec) {
        object { writer in
            writer.field("Args", check.arguments)
            writer.field("Body", check.body)
            writer.object("CheckRestart") { writer in
                writer.field("Grace", check.restartGrace)
                writer.field("IgnoreWarnings", check.restartIgnoresWarnings)
                writer.field("Limit", check.restartLimit)
            }
            writer.field("Command", check.command)
            writer.field("FailuresBeforeCritical", check.failuresBeforeCritical)
            if check.header.isEmpty {
                writer.nullField("Header")
            } else {
                writer.object("Header") { writer in
                    for (name, values) in check.header.sorted(by: { $0.key < $1.key }) {
                        writer.key(name)
                        writer.array { writer in values.forEach { writer.string($0) } }
                    }
                }
            }
            writer.field("InitialStatus", check.initialStatus)
            writer.field("Interval", check.interval)
            writer.field("Method", check.method)
            writer.field("Name", check.name)
            writer.field("OnUpdate", check.onUpdate)
            writer.field("Path", check.path)
            writer.field("PortLabel", check.portLabel)
            writer.field("Protocol", check.protocol)
            writer.field("SuccessBeforePassing", check.successBeforePassing)
            writer.field("TLSSkipVerify", check.skipsVerification)
            writer.field("TaskName", check.task)
            writer.field("Timeout", check.timeout)
            writer.field("Type", check.kind)
        }
    }
}
