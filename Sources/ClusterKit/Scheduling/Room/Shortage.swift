/// One thing that a node has too little of.
struct Shortage {
    let dimension: Dimension
    let needed: Int
    let free: Int

    /// What an explanation says of all nodes that have too little.
    var rule: String { "\(dimension.resource): needs \(needed)\(dimension.unit)" }

    /// What it says of one node.
    var line: String { absence ?? "\(rule), \(max(0, free))\(dimension.unit) free" }

    /// What is said of what there is once at most: amounts of it say nothing. `nil` for everything else.
    var absence: String? {
        switch dimension {
        case .takenPort: "\(dimension.resource) is taken"
        case .unknownPort: "\(dimension.resource) does not exist"
        case .cpu, .memory, .disk, .cores, .devices, .dynamicPorts: nil
        }
    }

    /// Whether the plain amounts of `needs` fit on `room`.
    static func fits(_ needs: GroupNeeds, on room: NodeRoom.Gauge) -> Bool {
        needs.memory <= room.freeMemory && needs.cpu(coreShare: room.coreShare) <= room.freeCPU
            && needs.disk <= room.freeDisk
    }

    /// Whether `needs` fit on `room`: the quick answer.
    static func fits(_ needs: GroupNeeds, on room: NodeRoom) -> Bool {
        fits(needs, on: room.gauge) && needs.cores <= room.freeCores
            && (needs.ports.isEmpty || portShortages(needs, on: room).isEmpty)
            && deviceShortage(needs, on: room) == nil
    }

    /// All that `room` lacks, in the order in which Nomad looks: ports, devices, cores, cpu, memory,
    /// disk.
    static func all(_ needs: GroupNeeds, on room: NodeRoom) -> [Shortage] {
        let cpu = needs.cpu(coreShare: room.coreShare)
        return portShortages(needs, on: room)
            + [
                deviceShortage(needs, on: room), amount(.cores, needs.cores, room.freeCores),
                amount(.cpu, cpu, room.freeCPU), amount(.memory, needs.memory, room.freeMemory),
                amount(.disk, needs.disk, room.freeDisk),
            ].compactMap(\.self)
    }

    private static func amount(_ dimension: Dimension, _ needed: Int, _ free: Int) -> Shortage? {
        needed <= free ? nil : Shortage(dimension: dimension, needed: needed, free: free)
    }

    private static func deviceShortage(_ needs: GroupNeeds, on room: NodeRoom) -> Shortage? {
        guard !needs.devices.isEmpty, case .failure(let lack) = room.devices.choose(needs.devices) else { return nil }
        return Shortage(dimension: .devices(lack.name), needed: lack.needed, free: lack.free)
    }

    private static func portShortages(_ needs: GroupNeeds, on room: NodeRoom) -> [Shortage] {
        var shortages: [Shortage] = []
        var stated: Set<Int> = []
        var free = room.freeDynamicPorts
        for port in needs.ports where port.number != 0 {
            let possible = (1...65_535).contains(port.number)
            if !possible || room.usedPorts.contains(port.number) || !stated.insert(port.number).inserted {
                let dimension =
                    possible
                    ? Dimension.takenPort(label: port.label, number: port.number)
                    : .unknownPort(label: port.label, number: port.number)
                shortages.append(Shortage(dimension: dimension, needed: 1, free: 0))
            } else if room.dynamicRange.contains(port.number) {
                free -= 1
            }
        }
        if needs.dynamicPorts > free {
            shortages.append(Shortage(dimension: .dynamicPorts, needed: needs.dynamicPorts, free: free))
        }
        return shortages
    }
}

extension NodeRoom {
    /// What an instance gets here; the caller made sure that it fits. `nil` when it does not after all.
    func allocate(_ needs: GroupNeeds, using entropy: inout Entropy) -> AllocatedResources? {
        let total = Resources(
            cpuMHz: needs.cpu(coreShare: coreShare), memoryMiB: needs.memory, diskMiB: needs.disk)
        guard let ports = choosePorts(needs.ports, using: &entropy) else { return nil }
        var cores: [String: [Int]] = [:]
        var next = 0
        for (task, count) in needs.coresByTask {
            var chosen: [Int] = []
            while chosen.count < count, next < self.cores {
                if !usedCores.contains(next) { chosen.append(next) }
                next += 1
            }
            guard chosen.count == count else { return nil }
            cores[task] = chosen
        }
        var devices: [AllocatedDevice] = []
        if !needs.devices.isEmpty {
            guard case .success(let choice) = self.devices.choose(needs.devices) else { return nil }
            devices = choice.devices
        }
        return AllocatedResources(total: total, cores: cores, ports: ports, devices: devices)
    }

    /// Fixed ports as stated; for the others the first free one from a place drawn by chance, so that a number that was
    /// just given back is seldom given out at once.
    private func choosePorts(_ specs: [PortSpec], using entropy: inout Entropy) -> [PortMapping]? {
        var taken = Set(specs.map(\.number))
        var mappings: [PortMapping] = []
        for spec in specs {
            var number = spec.number
            if number == 0 {
                let start = entropy.below(dynamicRange.count)
                let free = (0..<dynamicRange.count).lazy
                    .map { dynamicRange.lowerBound + (start + $0) % dynamicRange.count }
                    .first { !usedPorts.contains($0) && !taken.contains($0) }
                guard let free else { return nil }
                number = free
                taken.insert(number)
            }
            mappings.append(PortMapping(label: spec.label, value: number, to: spec.to, hostIP: node.address))
        }
        return mappings
    }
}
