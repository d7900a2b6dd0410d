import ClusterKit

/// Machines: what they have and what is known of them.
extension SchedulingWorld {
    /// A machine without a name of its own.
    mutating func newKind() -> Node {
        let size = character.density
        var node = Node(
            id: NodeID(high: 0, low: 0), name: "", datacenter: pick("dc1", "dc1", "dc1", "dc2", "east-1"),
            pool: chance(92) ? "default" : pick("gpu", "edge"), nodeClass: pick("", "big", "small"),
            capacity: Resources(
                cpuMHz: 500 * (size + below(2 * size)), memoryMiB: 512 * (size + below(2 * size)),
                diskMiB: character.isShortOfDisk ? 1000 + 500 * below(size) : 3000 * (size + below(2 * size))),
            reserved: Resources(cpuMHz: below(300), memoryMiB: below(300), diskMiB: chance(30) ? below(500) : 0),
            cores: pick(0, 2, 4, 16))
        node.attributes = ["kernel.name": chance(80) ? "linux" : "darwin", "rank": "\(below(12))"]
        if chance(50) { node.attributes["unique.tag"] = "t\(below(3))" }
        if chance(85) { node.attributes["os.version"] = newVersion() }
        if chance(30) { node.attributes["load"] = pick("0.5", "12", "-3", "1e2", "much", "") }
        node.meta = chance(60) ? ["sets": pick("a, b,c", "a", "", "b,,x"), "tier": "\(below(3))"] : [:]
        node.reservedPorts = chance(50) ? [22, 8080] : [22]
        let first = 20_000 + below(10)
        node.dynamicPorts = first...(first + 3 + below(12))
        node.drivers = ["raw_exec": DriverStatus(healthy: true, attributes: ["driver.raw_exec": "1"])]
        if chance(70) {
            node.drivers["docker"] = DriverStatus(healthy: true, attributes: ["driver.docker.version": newVersion()])
        }
        if character.richness > 0, chance(75) { node.devices = newDevices() }
        if chance(85) { node.hostVolumes["data"] = HostVolume(path: "/data", readOnly: chance(25)) }
        if chance(50) { node.hostVolumes["cache"] = HostVolume(path: "/cache", readOnly: chance(60)) }
        return node
    }

    /// Less of something than other machines of the kind: what an agent reports after memory was taken out.
    mutating func shrink(_ node: inout Node) {
        switch below(3) {
        case 0: node.capacity.cpuMHz -= node.capacity.cpuMHz / (2 + below(4))
        case 1: node.capacity.memoryMiB -= node.capacity.memoryMiB / (2 + below(4))
        default: node.cores /= 2
        }
    }

    mutating func newVersion() -> String {
        pick(
            "1.2.3", "1.2.3-beta.2", "1.2.3-beta.10", "1.2.3-beta", "v1.10.0", "2.0.0-rc.1", "2.0", "1.2.3+build5",
            "1.2.3beta", "1.2.3-2", "2", "2.1.0-alpha+x", "1.3.0", "01.2.3", "none", "1.2.3.4")
    }

    private mutating func newDevices() -> [DeviceGroup] {
        let offers = [
            DeviceGroup(
                name: DeviceName(vendor: "nvidia", kind: "gpu", model: "a100"),
                attributes: ["memory": "40 GiB", "cuda_cores": "6912", "clock": "1.4 GHz", "bandwidth": "1555 GB/s"]),
            DeviceGroup(
                name: DeviceName(vendor: "nvidia", kind: "gpu", model: "t4"),
                attributes: ["memory": "16384 MiB", "cuda_cores": "2560", "clock": "585 MHz", "power": "70 W"]),
            DeviceGroup(
                name: DeviceName(vendor: "amd", kind: "gpu", model: "mi100"),
                attributes: ["memory": "32GB", "clock": "1500 MHz", "power": "0.3 kW", "firmware": "1.2.3-rc.1"]),
            DeviceGroup(
                name: DeviceName(vendor: "xilinx", kind: "fpga", model: "u50"),
                attributes: ["memory": "8 GiB", "power": "75000 mW", "clock": "fast"]),
        ]
        return offers.filter { _ in chance(45) }.map { group in
            var group = group
            let numbers = [7, 2, 11, 1].prefix(1 + below(4))
            group.instances = numbers.map { DeviceInstance("\(group.name.model)-\($0)", healthy: chance(85)) }
            return group
        }
    }
}
