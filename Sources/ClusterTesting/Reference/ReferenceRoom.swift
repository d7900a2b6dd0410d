import ClusterKit

/// What one instance of a group asks of one node. Amounts are `Double`: sums cannot overflow, and amounts of real
/// machines are exact.
struct ReferenceAsk {
    var cpu: Double
    var memory: Double
    var disk: Double
    var cores: Double

    init(_ group: TaskGroup, on node: Node) {
        cores = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.cores)) }
        let share = node.cores > 0 ? node.capacity.cpuMHz / node.cores : 0
        cpu = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.cpuMHz)) } + cores * Double(share)
        memory = group.tasks.reduce(0.0) { $0 + Double(max(0, $1.resources.memoryMiB)) }
        disk = Double(max(0, group.disk.sizeMiB))
    }
}

/// What is free on a node beside those who hold something there.
struct ReferenceRoom {
    let node: Node
    let here: [ReferenceHolder]
    /// What allocations may take in all.
    let usable: (cpu: Double, memory: Double, disk: Double)
    /// What is left; negative where more is held than there is.
    let free: (cpu: Double, memory: Double, disk: Double)
    /// Ports that are reserved or held.
    let ports: Set<Int>
    /// Devices that are held.
    let devices: Set<ReferenceDevices.Single>

    init(_ node: Node, _ here: [ReferenceHolder]) {
        self.node = node
        self.here = here
        usable = (
            Double(node.capacity.cpuMHz) - Double(node.reserved.cpuMHz),
            Double(node.capacity.memoryMiB) - Double(node.reserved.memoryMiB),
            Double(node.capacity.diskMiB) - Double(node.reserved.diskMiB)
        )
        var used = (cpu: 0.0, memory: 0.0, disk: 0.0)
        var (ports, devices) = (Set(node.reservedPorts), Set<ReferenceDevices.Single>())
        for holder in here {
            used.cpu += Double(holder.resources.total.cpuMHz)
            used.memory += Double(holder.resources.total.memoryMiB)
            used.disk += Double(holder.resources.total.diskMiB)
            ports.formUnion(holder.resources.ports.map(\.value))
            for device in holder.resources.devices {
                devices.formUnion(device.instances.map { ReferenceDevices.Single(name: device.name, id: $0) })
            }
        }
        free = (usable.cpu - used.cpu, usable.memory - used.memory, usable.disk - used.disk)
        (self.ports, self.devices) = (ports, devices)
    }

    /// Processor cores that nobody holds, and that are not kept back.
    var freeCores: [Int] {
        let taken = Set(node.reservedCores + here.flatMap { $0.resources.cores.values.joined() })
        return node.cores > 0 ? (0..<node.cores).filter { !taken.contains($0) } : []
    }

    /// The first thing that an instance of `group` does not find.
    func shortage(for group: TaskGroup) -> String? {
        if let port = portShortage(group.network?.ports ?? []) { return port }
        if ReferenceDevices.choice(for: group, on: node, taken: devices) == nil { return "devices" }
        let ask = ReferenceAsk(group, on: node)
        if ask.cores > 0, ask.cores > Double(freeCores.count) { return "cores" }
        if ask.cpu > free.cpu { return "cpu" }
        if ask.memory > free.memory { return "memory" }
        return ask.disk > free.disk ? "disk" : nil
    }

    private func portShortage(_ specs: [PortSpec]) -> String? {
        guard !specs.isEmpty else { return nil }
        let fixed = specs.map(\.number).filter { $0 != 0 }
        if Set(fixed).count < fixed.count || fixed.contains(where: { ports.contains($0) || $0 < 1 || $0 > 65_535 }) {
            return "port"
        }
        return specs.count - fixed.count > dynamicPorts(beside: fixed).count ? "dynamic ports" : nil
    }

    private func dynamicPorts(beside fixed: [Int]) -> [Int] {
        let taken = ports.union(fixed)
        return node.dynamicPorts.clamped(to: 1...65_535).filter { !taken.contains($0) }
    }

    /// What is wrong with giving `resources` to an instance of `group` here; devices are looked at elsewhere.
    func mistake(in resources: AllocatedResources, for group: TaskGroup) -> String? {
        let ask = ReferenceAsk(group, on: node)
        let total = resources.total
        if [Double(total.cpuMHz), Double(total.memoryMiB), Double(total.diskMiB)] != [ask.cpu, ask.memory, ask.disk] {
            return "gives \(total), not \(ask)"
        }
        var cores = freeCores
        for task in group.tasks {
            let given = resources.cores[task.name] ?? []
            if given.count != task.resources.cores { return "gives \(given.count) cores to \(task.name)" }
            for core in given {
                guard let place = cores.firstIndex(of: core) else { return "gives core \(core), which is not free" }
                cores.remove(at: place)
            }
        }
        let specs = group.network?.ports ?? []
        if resources.ports.map(\.label) != specs.map(\.label) { return "gives \(resources.ports.map(\.label))" }
        var taken = ports
        for (port, spec) in zip(resources.ports, specs) {
            let fits = spec.number == 0 ? node.dynamicPorts.contains(port.value) : port.value == spec.number
            if !fits || !taken.insert(port.value).inserted { return "gives port \(port.value), which is not free" }
        }
        return nil
    }

    /// What an instance of `group` holds here when nothing is missing.
    func resources(
        for group: TaskGroup, devices: [AllocatedDevice], using entropy: inout Entropy
    ) -> AllocatedResources {
        let ask = ReferenceAsk(group, on: node)
        var resources = AllocatedResources(
            total: Resources(cpuMHz: Int(ask.cpu), memoryMiB: Int(ask.memory), diskMiB: Int(ask.disk)))
        resources.devices = devices
        var cores = freeCores
        for task in group.tasks where task.resources.cores > 0 {
            resources.cores[task.name] = Array(cores.prefix(task.resources.cores))
            cores.removeFirst(task.resources.cores)
        }
        let specs = group.network?.ports ?? []
        var choices = specs.isEmpty ? [] : dynamicPorts(beside: specs.map(\.number))
        for spec in specs {
            let number = spec.number == 0 ? choices.remove(at: entropy.below(choices.count)) : spec.number
            resources.ports.append(PortMapping(label: spec.label, value: number, to: spec.to, hostIP: node.address))
        }
        return resources
    }
}
