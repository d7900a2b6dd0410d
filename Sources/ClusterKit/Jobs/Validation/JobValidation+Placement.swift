extension JobValidation {
    static func checkSpreads(
        _ spreads: [Spread], of kind: JobKind, in path: JobPath, into found: inout MistakeCollector
    ) {
        found.limit(spreads.count, path, "spreads")
        for (index, spread) in spreads.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("spread", index: index)
            if kind.runsEverywhere {
                found.add(path, "\(kind.rawValue) jobs run on every node that passes; remove the block")
                continue
            }
            found.require(
                !spread.attribute.isEmpty, path.attribute("attribute"),
                "must say what tells places apart, \"${node.datacenter}\" for example")
            if !spread.attribute.isEmpty, let mistake = mistake(inSpreadOver: spread.attribute) {
                found.add(path.attribute("attribute"), mistake)
            }
            found.number(spread.weight, in: 1...100, path.attribute("weight"))
            checkTargets(of: spread, path, into: &found)
        }
    }

    private static func checkTargets(of spread: Spread, _ path: JobPath, into found: inout MistakeCollector) {
        found.limit(spread.targets.count, path, "targets")
        let targets = spread.targets.prefix(JobLimits.blocks).enumerated().map { index, target in
            (target: target, path: path.block("target", target.value, index: index))
        }
        for (target, path) in targets {
            found.require(!target.value.isEmpty, path, "must name a value of the attribute")
            found.number(target.percent, in: 0...100, path.attribute("percent"))
        }
        found.unique(targets.map { ($0.target.value, $0.path) }, "target")
        guard targets.allSatisfy({ (0...100).contains($0.target.percent) }) else { return }
        let sum = targets.reduce(0) { $0 + $1.target.percent }
        found.require(
            sum <= 100, path,
            "its targets add up to \(sum) percent; at most 100 can be given, the rest goes to all others")
    }

    static func checkNodePools(_ pools: [String], _ path: JobPath, into found: inout MistakeCollector) {
        found.limit(pools.count, path, "names")
        for (index, pool) in pools.prefix(JobLimits.blocks).enumerated() {
            if let mistake = JobNames.mistake(in: pool) {
                found.add(path, "pool \(pool.quotedForDisplay) \(mistake)")
            } else if pools[..<index].contains(pool) {
                found.add(path, "pool \(pool.quotedForDisplay) is named already; remove it")
            }
        }
    }

    static func checkVolumes(_ volumes: [VolumeRequest], in path: JobPath, into found: inout MistakeCollector) {
        found.limit(volumes.count, path, "volumes")
        let volumes = volumes.prefix(JobLimits.blocks).map { (volume: $0, path: path.block("volume", $0.name)) }
        for (volume, path) in volumes {
            if let mistake = JobNames.mistake(in: volume.name) { found.add(path, "the volume's name \(mistake)") }
            if volume.kind.isEmpty {
                found.add(path.attribute("type"), "must say what the volume is: \"host\", a folder of the node")
            } else {
                found.require(
                    volume.kind == "host", path.attribute("type"),
                    "volumes of type \(volume.kind.quotedForDisplay) are not supported; use \"host\"")
            }
            if volume.source.isEmpty {
                found.add(path.attribute("source"), "must name a host_volume of the nodes' agents")
            } else if let mistake = JobNames.mistake(in: volume.source) {
                found.add(path.attribute("source"), mistake)
            }
        }
        found.unique(volumes.map { ($0.volume.name, $0.path) }, "volume")
    }

    static func checkDevices(
        _ devices: [DeviceRequest], of kind: JobKind, in path: JobPath, into found: inout MistakeCollector
    ) {
        found.limit(devices.count, path, "devices")
        for (index, device) in devices.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("device", device.name, index: index)
            // What follows the second slash is the model, slashes included, as Nomad reads it.
            let parts = device.name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            found.require(
                parts.allSatisfy { !$0.isEmpty } && device.name.utf8.count <= 3 * JobLimits.nameBytes, path,
                "a device is named by type, vendor/type or vendor/type/model, \"nvidia/gpu\" for example")
            found.require(
                device.count != 0, path.attribute("count"), "must be at least 1, is 0; remove the block to ask for none"
            )
            if device.count != 0 { found.number(device.count, in: 1...JobLimits.count, path.attribute("count")) }
            checkConstraints(device.constraints, in: path, of: .device, into: &found)
            var clash = ConstraintClash(hasUnits: true)
            clash.take(device.constraints, in: path, into: &found)
            checkAffinities(device.affinities, of: kind, in: path, about: .device, into: &found)
        }
    }

    /// Jobs that run on every node have one instance there and no other place to go.
    static func checkRunningEverywhere(
        _ group: TaskGroup, of kind: JobKind, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard kind.runsEverywhere else { return }
        found.require(
            group.count <= 1, path.attribute("count"),
            "\(kind.rawValue) jobs have one instance on each node that passes, not \(group.count); remove the line")
        found.require(
            group.reschedule == .standard(for: kind), path.block("reschedule"),
            "instances of \(kind.rawValue) jobs stay on their nodes; remove the block")
    }
}
