import ClusterKit

/// Three instances of a service on two machines: one passes, one warns, one fails.
enum ServiceSample {
    static let name = "web"
    static let job = JobID("shop")
    static let time = Sample.time

    static func allocation(_ number: UInt64) -> AllocationID { AllocationID(high: 7, low: number) }

    static func node(_ number: UInt64) -> NodeID { NodeID(high: 9, low: number) }

    static var records: [Change] {
        let check = CheckSpec(kind: "http", path: "/health", interval: .seconds(10), timeout: .seconds(2))
        let service = ServiceSpec(
            name: name, portLabel: "http", tags: ["blue", "traefik.enable=true"], meta: ["owner": "us"],
            checks: [check])
        let plain = ServiceSpec(name: "metrics", portLabel: "9100", tags: ["blue"])
        let task = TaskSpec(name: "srv", config: ["command": "/bin/true"])
        var group = TaskGroup(name: "app", count: 3, tasks: [task])
        group.services = [service, plain]
        let job = Job(id: job, datacenters: ["dc1"], groups: [group])
        return [.putJob(JobRecord(job: job, submitTime: time)), .putNode(machine(1)), .putNode(machine(2, .down))]
            + [(1, .passing), (2, .warning), (3, .critical)].map { number, health in
                .putAllocation(instance(number, health, of: service))
            }
    }

    private static func machine(_ number: UInt64, _ status: NodeStatus = .ready) -> Node {
        var node = Node(
            id: node(number), name: "m\(number)", datacenter: "dc\(number)", address: "10.0.0.\(number)",
            meta: ["rack": "r\(number)"],
            capacity: Resources(cpuMHz: 1000, memoryMiB: 1000, diskMiB: 1000))
        node.status = status
        return node
    }

    private static func instance(_ number: UInt64, _ health: CheckHealth, of service: ServiceSpec) -> Allocation {
        var allocation = Allocation(
            id: allocation(number), job: job, jobVersion: 0, group: "app", index: Int(number), node: node(1),
            nodeName: "m1", evaluation: Sample.evaluation, epoch: Epoch(1),
            resources: AllocatedResources(
                total: Resources(cpuMHz: 1, memoryMiB: 1, diskMiB: 1),
                ports: [PortMapping(label: "http", value: 20_000 + Int(number), hostIP: "10.0.0.1")]),
            time: time)
        allocation.client = .running
        var task = TaskState()
        task.phase = .running
        allocation.tasks = ["srv": task]
        allocation.checks = [
            CheckStatus(
                service: PlacedService(service, task: "").key, index: 0, name: "alive", kind: "http", health: health,
                output: "HTTP \(health)", since: time)
        ]
        return allocation
    }
}

extension JSONValue {
    /// A member of an object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// An element of a list.
    subscript(index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    var count: Int {
        switch self {
        case .array(let values): values.count
        case .object(let object): object.members.count
        default: 0
        }
    }

    var names: [String] {
        guard case .object(let object) = self else { return [] }
        return object.members.map(\.name)
    }
}
