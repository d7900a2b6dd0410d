import ClusterKit

/// Amounts and numbered things.
extension RoomLedger {
    private static func amounts(_ resources: Resources) -> [(String, Double)] {
        [
            ("cpu", Double(resources.cpuMHz)), ("memory", Double(resources.memoryMiB)),
            ("disk", Double(resources.diskMiB)),
        ]
    }

    /// What was asked and not given.
    func gives(_ resources: AllocatedResources, on node: Node, for group: TaskGroup) -> [Violation] {
        var wrong: [Violation] = []
        func refuse(_ detail: String) {
            wrong.append(Violation(rule: "what is asked is given", detail: "\(detail) on \(node.name)"))
        }
        let ask = ReferenceAsk(group, on: node)
        if Double(resources.total.memoryMiB) < ask.memory { refuse("less memory") }
        if Double(resources.total.diskMiB) < ask.disk { refuse("less disk") }
        if Double(resources.total.cpuMHz) < ask.cpu { refuse("less cpu") }

        let specs = group.network?.ports ?? []
        if resources.ports.map(\.label) != specs.map(\.label) { refuse("other ports") }
        for (port, spec) in zip(resources.ports, specs) {
            let fits = spec.number == 0 ? node.dynamicPorts.contains(port.value) : port.value == spec.number
            if !fits { refuse("port \(spec.label) is \(port.value)") }
        }
        for task in group.tasks {
            let cores = resources.cores[task.name] ?? []
            if cores.count != task.resources.cores { refuse("\(cores.count) cores for \(task.name)") }
            if !cores.allSatisfy((0..<max(0, node.cores)).contains) { refuse("cores \(cores)") }
        }
        let asked = group.tasks.flatMap { task in task.resources.devices.map { (task.name, $0) } }
        if asked.count != resources.devices.count { refuse("\(resources.devices.count) devices of \(asked.count)") }
        for (given, (task, request)) in zip(resources.devices, asked) {
            if given.task != task || given.instances.count != request.count || !offers(given, on: node) {
                refuse("devices \(given.name) \(given.instances) for \(request.name) of \(task)")
            }
        }
        return wrong
    }

    private func offers(_ given: AllocatedDevice, on node: Node) -> Bool {
        let well = node.devices.filter { $0.name == given.name }.flatMap(\.instances).filter(\.healthy).map(\.id)
        return given.instances.allSatisfy(well.contains)
    }

    /// What a node does not have, or gives twice.
    func clashes(_ given: AllocatedResources, beside others: [AllocatedResources], on node: Node) -> [Violation] {
        var wrong: [Violation] = []
        let rows = zip(Self.amounts(node.capacity), Self.amounts(node.reserved))
        for (row, ((name, capacity), (_, reserved))) in rows.enumerated() {
            let used = ([given] + others).reduce(0.0) { $0 + Self.amounts($1.total)[row].1 }
            if used > capacity - reserved {
                wrong.append(
                    Violation(
                        rule: "no node is over-filled",
                        detail: "\(name) on \(node.name): \(used) are held of \(capacity - reserved)"))
            }
        }
        func twice(_ things: [String], _ taken: [String], _ rule: String) {
            var seen = Set(taken)
            for thing in things where !seen.insert(thing).inserted {
                wrong.append(Violation(rule: rule, detail: "\(thing) on \(node.name)"))
            }
        }
        let ports = { (resources: AllocatedResources) in resources.ports.map { "\($0.value)" } }
        let cores = { (resources: AllocatedResources) in
            resources.cores.sorted { $0.key < $1.key }.flatMap(\.value).map(String.init)
        }
        let devices = { (resources: AllocatedResources) in
            resources.devices.flatMap { device in device.instances.map { "\(device.name) \($0)" } }
        }
        twice(ports(given), others.flatMap(ports) + node.reservedPorts.map(String.init), "a port has one holder")
        twice(cores(given), others.flatMap(cores) + node.reservedCores.map(String.init), "a core has one holder")
        twice(devices(given), others.flatMap(devices), "a device has one holder")
        return wrong
    }
}
