extension Allocation {
    /// Whether clients may be sent to it: it shall run, and does.
    var servesNow: Bool { desired == .run && client == .running }

    /// The variables that a service's words may name.
    func words(_ group: TaskGroup, on node: Node) -> [String: String] {
        var words = [
            "NOMAD_ALLOC_ID": id.description, "NOMAD_SHORT_ALLOC_ID": id.short, "NOMAD_ALLOC_NAME": name,
            "NOMAD_ALLOC_INDEX": "\(index)", "NOMAD_NAMESPACE": job.namespace, "NOMAD_JOB_ID": job.id,
            "NOMAD_GROUP_NAME": group.name, "NOMAD_DC": node.datacenter,
        ]
        for port in resources.ports {
            let address = port.hostIP.isEmpty ? node.address : port.hostIP
            words["NOMAD_PORT_\(port.label)"] = "\(port.value)"
            words["NOMAD_IP_\(port.label)"] = address
            words["NOMAD_ADDR_\(port.label)"] = "\(address):\(port.value)"
        }
        return words
    }

    /// Where a port of it is reached: one of its own by label, or the number that stands in the place of a label.
    func endpoint(_ label: String, on node: Node) -> (address: String, port: Int) {
        guard let mapping = resources.ports.first(where: { $0.label == label }) else {
            return (node.address, Int(label).flatMap { (1...65_535).contains($0) ? $0 : nil } ?? 0)
        }
        return (mapping.hostIP.isEmpty ? node.address : mapping.hostIP, mapping.value)
    }
}

extension Snapshot {
    /// The instances that an allocation, as it is stated here, runs; none while it does not serve. Their revisions are
    /// not filled in.
    package func instances(of allocation: Allocation) -> [ServiceInstance] {
        guard allocation.servesNow, let job = job(of: allocation), let group = job.group(allocation.group),
            group.hasServices, let node = nodes[allocation.node]
        else { return [] }
        return ServiceInstance.all(of: allocation, group, in: job, on: node)
    }
}

extension ServiceInstance {
    /// The instances that an allocation runs on its node. A task's service is there while that task runs, a group's
    /// while any of its main tasks does; neither is once the task was told to stop.
    static func all(
        of allocation: Allocation, _ group: TaskGroup, in job: Job, on node: Node
    ) -> [ServiceInstance] {
        let interpolation = Interpolation(node: node, environment: allocation.words(group, on: node))
        return group.placedServices.compactMap { service in
            let isRunning =
                service.task.isEmpty
                ? group.tasks.contains { $0.lifecycle == nil && allocation.tasks[$0.name]?.serves == true }
                : allocation.tasks[service.task]?.serves == true
            guard isRunning else { return nil }
            let names = ServiceNames(job: job.name, group: group.name, task: service.task)
            return ServiceInstance(service, named: names, of: allocation, on: node, interpolation)
        }
    }

    private init(
        _ service: PlacedService, named names: ServiceNames, of allocation: Allocation, on node: Node,
        _ interpolation: Interpolation
    ) {
        let spec = service.spec
        let (address, port) = allocation.endpoint(spec.portLabel, on: node)
        self.init(
            id: ServiceInstanceID(allocation.id, key: service.key),
            name: interpolation.resolve(names.replacing(in: spec.name)),
            job: allocation.job, allocation: allocation.id, epoch: allocation.epoch, node: node.id,
            nodeName: node.name, datacenter: node.datacenter, nodeAddress: node.address, address: address,
            port: port,
            tags: (allocation.isCanary && !spec.canaryTags.isEmpty ? spec.canaryTags : spec.tags)
                .map(interpolation.resolve), meta: spec.meta.mapValues(interpolation.resolve),
            checks: spec.checks.indices.map { index in
                allocation.checks.first { $0.service == service.key && $0.index == index }
                    ?? CheckStatus(
                        initial: spec.checks[index], of: service, index: index, named: names,
                        since: allocation.createTime)
            })
    }
}

extension CheckStatus {
    /// What a check is taken to find before it was first made.
    package init(
        initial check: CheckSpec, of service: PlacedService, index: Int, named names: ServiceNames, since: WallTime
    ) {
        self.init(
            service: service.key, index: index, name: names.replacing(in: check.name), kind: check.kind,
            health: CheckHealth(rawValue: check.initialStatus) ?? .critical, since: since)
    }
}

extension Node {
    /// Whether services on it look the same from outside.
    func serves(like other: Node) -> Bool {
        name == other.name && address == other.address && datacenter == other.datacenter
            && attributes == other.attributes && meta == other.meta
    }
}
