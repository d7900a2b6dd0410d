import ClusterKit

/// The machines of the simulated cluster: the shape of a real build cluster, mostly virtual machines, a few large and a
/// few small physical ones. They stand in racks and two datacenters; some are set apart in a pool of their own, keep
/// some room for themselves, or have what others lack.
extension SimulatedAgent {
    /// The racks in which machines stand.
    static func rack(_ number: Int) -> String { "r\(number % 5)" }

    /// The machine at a place.
    static func describe(_ number: Int, using entropy: inout Entropy) -> Node {
        let (cores, memory) =
            switch number % 39 {
            case 0..<35: (16, 28_672)
            case 35, 36: (16, 360_448)
            default: (4, 28_672)
            }
        var node = Node(
            id: entropy.identifier(), name: "node-\(number)", datacenter: number % 3 == 0 ? "dc2" : "dc1",
            pool: number % 13 == 5 ? "lab" : "default", address: "10.0.\(number / 250).\(number % 250 + 1)",
            attributes: ["kernel.name": "linux"], meta: ["rack": rack(number)],
            capacity: Resources(cpuMHz: cores * 2300, memoryMiB: memory, diskMiB: 500_000), cores: cores,
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        if number % 5 == 1 {
            node.reserved = Resources(cpuMHz: 500, memoryMiB: 512)
            node.reservedPorts = [8001]
        }
        if number % 6 == 2 {
            let instances = ["a", "b", "c"].map { DeviceInstance("\(number)\($0)", healthy: $0 != "b") }
            node.devices = [
                DeviceGroup(name: DeviceName(vendor: "nvidia", kind: "gpu", model: "a100"), instances: instances)
            ]
        }
        if number % 2 == 0 { node.hostVolumes["cache"] = HostVolume(path: "/srv/cache", readOnly: number % 4 == 0) }
        return node
    }
}
