extension Node {
    /// Sums of amounts up to this cannot overflow, however many nodes and allocations there are.
    private static let most = 1 << 40

    /// What is wrong with the description of a machine; `nil` when it can be stored.
    var mistake: String? { mistakeInBounds ?? mistakeInNames ?? mistakeInReserve }

    /// What is wrong with the description of a machine that the servers know as `known`; `nil` when it stays.
    ///
    /// Older servers took names that no job can state, and more kept back than is there. To refuse such a machine would
    /// end what runs on it, so the names that it has may stay, and whatever it keeps back: what it has may shrink.
    func mistake(after known: Node?) -> String? {
        guard let known else { return mistake }
        return mistakeInBounds ?? mistakeInNames(but: known)
    }

    /// What could not be reckoned with, or given to a task.
    private var mistakeInBounds: String? {
        guard !name.isEmpty, name.utf8.count <= 256 else { return "its name must have 1 to 256 bytes" }
        let amounts = [capacity, reserved].flatMap { [$0.cpuMHz, $0.memoryMiB, $0.diskMiB] }
        guard amounts.allSatisfy({ (0...Self.most).contains($0) }) else {
            return "its amounts of cpu, memory and disk must lie in 0...\(Self.most)"
        }
        guard (0...65_536).contains(cores) else { return "its cores must lie in 0...65536, they are \(cores)" }
        guard reservedCores.allSatisfy((0..<cores).contains) else {
            return "it keeps back cores that it has not: its \(cores) are numbered from 0"
        }
        let ports = reservedPorts + [dynamicPorts.lowerBound, dynamicPorts.upperBound]
        guard ports.allSatisfy({ (1...65_535).contains($0) }) else { return "its ports must lie in 1...65535" }
        return mistakeInOffers
    }

    /// What no job could name, or nobody reach.
    private var mistakeInNames: String? { mistakeInPool ?? mistakeInDatacenter ?? mistakeInAddress }

    /// The same of those names that `known` has not.
    private func mistakeInNames(but known: Node) -> String? {
        (pool == known.pool ? nil : mistakeInPool)
            ?? (datacenter == known.datacenter ? nil : mistakeInDatacenter)
            ?? (address == known.address ? nil : mistakeInAddress)
    }

    private var mistakeInPool: String? {
        JobNames.mistake(in: pool).map { "its node pool \(pool.quotedForDisplay) \($0)" }
    }

    private var mistakeInDatacenter: String? {
        // Jobs name datacenters by patterns.
        let unfit = datacenter.unicodeScalars.contains { " ,*?[]{}".unicodeScalars.contains($0) }
        guard !datacenter.isEmpty, datacenter.utf8.count <= 256, !unfit else {
            return "its datacenter \(datacenter.quotedForDisplay) must have 1 to 256 bytes without spaces, commas, *, "
                + "? and brackets"
        }
        return nil
    }

    private var mistakeInAddress: String? {
        guard !address.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }), address.utf8.count <= 256 else {
            return "its address \(address.quotedForDisplay) must be an IP address or a name"
        }
        return nil
    }

    private var mistakeInReserve: String? {
        let amounts: [(name: String, path: KeyPath<Resources, Int>)] = [
            ("MHz", \.cpuMHz), ("MiB of memory", \.memoryMiB), ("MiB of disk", \.diskMiB),
        ]
        return amounts.first { reserved[keyPath: $0.path] > capacity[keyPath: $0.path] }.map { name, path in
            "it keeps back \(reserved[keyPath: path]) \(name), more than the \(capacity[keyPath: path]) that it has"
        }
    }

    /// What is wrong with the devices and folders that it offers. Instances are numbered, so there are few of them.
    private var mistakeInOffers: String? {
        var seen: Set<DeviceName> = []
        var ids: Set<String> = []
        for group in devices {
            let name = group.name
            guard [name.vendor, name.kind, name.model].allSatisfy({ (1...128).contains($0.utf8.count) }),
                !name.vendor.contains("/"), !name.kind.contains("/")
            else { return "its device \(name) must have a vendor, a type and a model of 1 to 128 bytes" }
            guard seen.insert(name).inserted else { return "its device \(name) is stated twice" }
            guard group.instances.count <= 4096 else { return "it has more than 4096 of the device \(name)" }
            for instance in group.instances {
                guard (1...128).contains(instance.id.utf8.count), !instance.id.contains(",") else {
                    return "an instance of its device \(name) must have an id of 1 to 128 bytes without commas"
                }
                guard ids.insert("\(name.vendor)/\(name.kind)/\(instance.id)").inserted else {
                    return "the instance \(instance.id) of its device \(name) is stated twice"
                }
            }
        }
        for (name, volume) in hostVolumes.sorted(by: { $0.key < $1.key }) {
            if let mistake = JobNames.mistake(in: name) { return "the name of its host volume \(name) \(mistake)" }
            guard volume.path.hasPrefix("/") else { return "the path of its host volume \(name) must be absolute" }
        }
        return nil
    }
}
