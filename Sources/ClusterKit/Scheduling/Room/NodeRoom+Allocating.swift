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
