import ClusterKit

/// Adds up what is held on each node, for checking placements: no scheduler's code is used for it.
struct RoomLedger {
    private struct Entry {
        var total: [String: Double] = [:]
        var ports: Set<Int> = []
        var cores: Set<Int> = []
    }

    private let snapshot: Snapshot
    private var entries: [NodeID: Entry] = [:]

    init(_ snapshot: Snapshot) {
        self.snapshot = snapshot
        for allocation in snapshot.allocations.sorted where !allocation.isTerminal {
            add(allocation.resources, on: allocation.node)
        }
    }

    private mutating func add(_ resources: AllocatedResources, on node: NodeID) {
        var entry = entries[node] ?? Entry()
        for (name, amount) in Self.amounts(resources.total) { entry.total[name, default: 0] += amount }
        entry.ports.formUnion(resources.ports.map(\.value))
        entry.cores.formUnion(resources.cores.values.joined())
        entries[node] = entry
    }

    private static func amounts(_ resources: Resources) -> [(String, Double)] {
        [
            ("cpu", Double(resources.cpuMHz)), ("memory", Double(resources.memoryMiB)),
            ("disk", Double(resources.diskMiB)),
        ]
    }

    /// What is left on a node.
    func vacancy(on id: NodeID) -> Vacancy? {
        guard let node = snapshot.nodes[id] else { return nil }
        let used = entries[id] ?? Entry()
        let left = { (name: String, amount: KeyPath<Resources, Int>) in
            max(0, node.capacity[keyPath: amount] - node.reserved[keyPath: amount]) - Int(used.total[name] ?? 0)
        }
        return Vacancy(
            cpuMHz: left("cpu", \.cpuMHz), memoryMiB: left("memory", \.memoryMiB), diskMiB: left("disk", \.diskMiB),
            cores: node.cores - used.cores.count { $0 < node.cores })
    }

    /// Adds a placement and says what is wrong with it.
    mutating func place(_ request: PlacementRequest, _ placement: Placement) -> [String] {
        guard let node = snapshot.nodes[placement.node] else { return ["node \(placement.node) does not exist"] }
        let group = request.subject.group
        var wrong: [String] = []
        if !node.takesWork { wrong.append("node \(node.name) takes no work") }
        wrong += ports(placement.resources.ports, of: group, on: node)
        wrong += cores(placement.resources.cores, of: group, on: node)
        let asked = group.tasks.reduce(0) { $0 + $1.resources.memoryMiB }
        if placement.resources.total.memoryMiB < asked { wrong.append("less memory was given than asked") }
        if placement.resources.total.diskMiB < group.disk.sizeMiB { wrong.append("less disk was given than asked") }
        let cpu = group.tasks.reduce(0) { $0 + $1.resources.cpuMHz }
        if placement.resources.total.cpuMHz < cpu { wrong.append("less cpu was given than asked") }

        add(placement.resources, on: node.id)
        let usable = Self.amounts(node.capacity)
        for ((name, capacity), (_, reserved)) in zip(usable, Self.amounts(node.reserved)) {
            let used = entries[node.id]?.total[name] ?? 0
            if used > capacity - reserved {
                wrong.append("\(name) on \(node.name): \(Int(used)) are held of \(Int(capacity - reserved))")
            }
        }
        return wrong
    }

    private func ports(_ given: [PortMapping], of group: TaskGroup, on node: Node) -> [String] {
        let specs = group.network?.ports ?? []
        guard given.map(\.label) == specs.map(\.label) else { return ["the ports given are not those asked for"] }
        var wrong: [String] = []
        var taken = (entries[node.id]?.ports ?? []).union(node.reservedPorts)
        for (port, spec) in zip(given, specs) {
            if !taken.insert(port.value).inserted { wrong.append("port \(port.value) on \(node.name) was taken") }
            let fits = spec.number == 0 ? node.dynamicPorts.contains(port.value) : port.value == spec.number
            if !fits { wrong.append("port \(spec.label) is \(port.value) on \(node.name)") }
        }
        return wrong
    }

    private func cores(_ given: [String: [Int]], of group: TaskGroup, on node: Node) -> [String] {
        var wrong: [String] = []
        var taken = entries[node.id]?.cores ?? []
        for task in group.tasks {
            let cores = given[task.name] ?? []
            if cores.count != task.resources.cores { wrong.append("task \(task.name) got \(cores.count) cores") }
            for core in cores where !(0..<node.cores).contains(core) || !taken.insert(core).inserted {
                wrong.append("core \(core) on \(node.name) does not exist or was taken")
            }
        }
        return wrong
    }
}
