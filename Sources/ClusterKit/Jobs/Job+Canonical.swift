extension Job {
    /// The same job with everything filled in that it leaves to defaults, and one form for what has two.
    ///
    /// Every way of stating a job ends here, so that equal jobs are equal values, and jobs that differ only in what
    /// they leave out do not make a new version. Doing it twice changes nothing.
    public func canonical() -> Job {
        var job = self
        if job.id.namespace.isEmpty { job.id.namespace = "default" }
        if job.name.isEmpty { job.name = job.id.id }
        if job.region.isEmpty { job.region = "global" }
        if job.nodePool.isEmpty { job.nodePool = "default" }
        if job.datacenters.isEmpty { job.datacenters = ["*"] }
        job.constraints = job.constraints.canonical()
        job.affinities = job.affinities.canonical()
        if job.kind == .service, job.update == nil { job.update = UpdateStrategy() }
        if let periodic = job.periodic, periodic.timeZone.isEmpty { job.periodic?.timeZone = "UTC" }
        for index in job.groups.indices { job.groups[index].makeCanonical(in: job) }
        return job
    }

    /// The canonical form, if every rule is kept; otherwise throws one error that names every mistake.
    public func validated() throws(ClusterError) -> Job {
        let job = canonical()
        if let error = ClusterError.invalid(JobValidation.validate(job)) { throw error }
        return job
    }
}

extension TaskGroup {
    fileprivate mutating func makeCanonical(in job: Job) {
        constraints = constraints.canonical()
        affinities = affinities.canonical()
        // JSON keeps them in no order.
        volumes.sort { $0.name < $1.name }
        if update == nil { update = job.update }
        if migrate == MigrateStrategy() { migrate = nil }
        if disconnect?.patience == nil { disconnect = nil }
        if network?.mode.isEmpty == true { network?.mode = "host" }
        // JSON keeps fixed and chosen ports in two lists.
        if let ports = network?.ports {
            network?.ports = ports.filter { $0.number != 0 } + ports.filter { $0.number == 0 }
        }
        let names = ServiceNames(job: job.name, group: name, task: "")
        for index in services.indices { services[index].makeCanonical(names, task: nil) }
        for index in tasks.indices { tasks[index].makeCanonical(in: self, of: job) }
    }
}

extension TaskSpec {
    fileprivate mutating func makeCanonical(in group: TaskGroup, of job: Job) {
        constraints = constraints.canonical()
        affinities = affinities.canonical()
        for index in resources.devices.indices {
            resources.devices[index].constraints = resources.devices[index].constraints.canonical()
            resources.devices[index].affinities = resources.devices[index].affinities.canonical()
        }
        if killSignal?.isEmpty == true { killSignal = nil }
        if restart == group.restart { restart = nil }
        if resources.memoryMaxMiB == resources.memoryMiB { resources.memoryMaxMiB = 0 }
        let names = ServiceNames(job: job.name, group: group.name, task: name)
        for index in services.indices { services[index].makeCanonical(names, task: name) }
    }
}

extension ServiceSpec {
    /// `task` is that around the service; `nil` for a service of the group, which may name one.
    fileprivate mutating func makeCanonical(_ names: ServiceNames, task: String?) {
        name = name.isEmpty ? names.standard : names.replacing(in: name)
        if provider.isEmpty { provider = "consul" }
        if addressMode.isEmpty { addressMode = "auto" }
        if self.task.isEmpty, let task { self.task = task }
        for index in checks.indices {
            if checks[index].name.isEmpty { checks[index].name = "service: \"\(name)\" check" }
            if checks[index].protocol.isEmpty { checks[index].protocol = "http" }
            if checks[index].method.isEmpty { checks[index].method = "GET" }
            if checks[index].onUpdate.isEmpty { checks[index].onUpdate = "require_healthy" }
        }
    }
}

extension [Constraint] {
    /// Without those that are switched off, and with nothing beside an operator that takes nothing.
    fileprivate func canonical() -> [Constraint] {
        compactMap { constraint in
            switch constraint.comparison {
            case .distinctHosts:
                switch constraint.value {
                case "", "true": Constraint("", .distinctHosts)
                case "false": nil
                default: constraint
                }
            case .isSet, .isNotSet: Constraint(constraint.attribute, constraint.comparison)
            case .distinctProperty where constraint.value == "1": Constraint(constraint.attribute, .distinctProperty)
            default: constraint
            }
        }
    }
}

extension [Affinity] {
    /// With nothing beside an operator that takes nothing.
    fileprivate func canonical() -> [Affinity] {
        map { affinity in
            guard [.isSet, .isNotSet].contains(affinity.comparison) else { return affinity }
            return Affinity(affinity.attribute, affinity.comparison, weight: affinity.weight)
        }
    }
}
