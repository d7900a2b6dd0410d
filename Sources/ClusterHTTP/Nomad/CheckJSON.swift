import ClusterKit

/// A check of an allocation's service as it is shown: what it found, or that it was not made yet.
struct CheckView {
    let id: String
    /// The name of the allocation; Nomad calls it the group.
    let group: String
    let service: String
    /// Empty for a service of the group.
    let task: String
    let status: CheckStatus
    let isPending: Bool

    /// The checks of an allocation, in the order of its job; of one whose job is gone, those that found something. Of
    /// one that has ended nobody makes any, and what they found last says nothing of now.
    static func all(of allocation: Allocation, in snapshot: Snapshot) -> [CheckView] {
        guard !allocation.isTerminal else { return [] }
        guard let job = snapshot.job(of: allocation), let group = job.group(allocation.group) else {
            return allocation.checks.map { status in
                let (service, task) = allocation.place(ofService: status.service)
                return CheckView(status, of: allocation.id, named: allocation.name, service: service, task: task)
            }
        }
        return group.placedServices.flatMap { service in
            let names = ServiceNames(job: job.name, group: group.name, task: service.task)
            return service.spec.checks.indices.map { index in
                let known = allocation.checks.first { $0.service == service.key && $0.index == index }
                let initial = CheckStatus(
                    initial: service.spec.checks[index], of: service, index: index, named: names,
                    since: allocation.createTime)
                return CheckView(
                    known ?? initial, of: allocation.id, named: allocation.name,
                    service: names.replacing(in: service.spec.name), task: service.task, isPending: known == nil)
            }
        }
    }

    /// A check of an instance that changed.
    init(_ status: CheckStatus, of instance: ServiceInstance) {
        self.init(
            status, of: instance.allocation, named: instance.job.id, service: instance.name, task: "")
    }

    private init(
        _ status: CheckStatus, of allocation: AllocationID, named group: String, service: String, task: String,
        isPending: Bool = false
    ) {
        id = "_nomad-check-\(allocation)-\(status.service)-\(status.index)"
        self.group = group
        self.service = service
        self.task = task
        self.status = status
        self.isPending = isPending
    }

    /// Nomad's three words. A warning counts as a success: the instance is offered.
    var word: String {
        if isPending { return "pending" }
        return status.health == .critical ? "failure" : "success"
    }
}

extension Allocation {
    /// The name of a service and the task that it belongs to, of whose job nothing is left but `PlacedService.key`.
    fileprivate func place(ofService key: String) -> (service: String, task: String) {
        // The longest first: a name may begin with another one and a dash.
        let task = tasks.keys.filter { key.hasPrefix("\($0)-") }.max { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        let port = resources.ports.map(\.label).filter { key.hasSuffix("-\($0)") }.max { $0.utf8.count < $1.utf8.count }
        let name = key.dropFirst((task ?? "group").count + 1)
        // A port of which the allocation knows nothing is a number, or none.
        let service = port.map { name.dropLast($0.count + 1) } ?? name[..<(name.lastIndex(of: "-") ?? name.endIndex)]
        let names = ServiceNames(job: job.id, group: group, task: task ?? "")
        return (names.replacing(in: String(service)), task ?? "")
    }
}

extension AnswerWriter {
    /// The checks of an allocation by their identifiers, as Nomad's clients read them, with the health in Consul's
    /// words and the time to the nanosecond beside.
    mutating func checks(_ views: [CheckView]) {
        object { writer in
            for view in views {
                writer.name(escaping: view.id)
                writer.check(view)
            }
        }
    }

    mutating func check(_ view: CheckView) {
        object {
            $0.field("ID", view.id)
            $0.field("Mode", "healthiness")
            $0.field("Check", view.status.name)
            $0.field("Service", view.service)
            $0.field("Group", view.group)
            $0.field("Task", view.task)
            $0.field("Type", view.status.kind)
            $0.field("Status", view.word)
            $0.field("Health", view.status.health.rawValue)
            $0.field("Output", view.isPending ? "nomad: waiting to run" : view.status.output)
            $0.field("Timestamp", view.status.since.nanoseconds / 1_000_000_000)
            $0.field("Since", view.status.since)
        }
    }

    /// An instance as Nomad's own registry says it.
    mutating func serviceRegistration(_ instance: ServiceInstance) {
        object {
            $0.field("ID", instance.id.description)
            $0.field("ServiceName", instance.name)
            $0.field("Namespace", instance.namespace)
            $0.field("NodeID", instance.node)
            $0.field("Datacenter", instance.datacenter)
            $0.field("JobID", instance.job.id)
            $0.field("AllocID", instance.allocation)
            $0.field("Tags", instance.tags)
            $0.field("Address", instance.address)
            $0.field("Port", instance.port)
            $0.field("CreateIndex", instance.createRevision)
            $0.field("ModifyIndex", instance.modifyRevision)
        }
    }
}
