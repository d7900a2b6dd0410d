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

    /// All that `room` lacks, in the order in which Nomad looks: ports, devices, cores, cpu, memory, disk.
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

    fileprivate static func deviceShortage(_ needs: GroupNeeds, on room: NodeRoom) -> Shortage? {
        guard !needs.devices.isEmpty, case .failure(let lack) = room.devices.choose(needs.devices) else { return nil }
        return Shortage(dimension: .devices(lack.name), needed: lack.needed, free: lack.free)
    }

    fileprivate static func portShortages(_ needs: GroupNeeds, on room: NodeRoom) -> [Shortage] {
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

extension GroupNeeds {
    /// Whether the plain amounts fit on a node as full as `gauge`.
    func fit(on gauge: NodeRoom.Gauge) -> Bool {
        memory <= gauge.freeMemory && cpu(coreShare: gauge.coreShare) <= gauge.freeCPU && disk <= gauge.freeDisk
    }

    /// Whether all of them fit on `room`: the quick answer.
    func fit(on room: NodeRoom) -> Bool {
        fit(on: room.gauge) && cores <= room.freeCores
            && (ports.isEmpty || Shortage.portShortages(self, on: room).isEmpty)
            && Shortage.deviceShortage(self, on: room) == nil
    }
}
