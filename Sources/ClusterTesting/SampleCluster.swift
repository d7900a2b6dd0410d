public import ClusterKit

/// Clusters that examples, tests and benchmarks share.
public enum SampleCluster {
    /// The build cluster of the ALICE experiment, all nodes ready: for each unit of `size` 35 virtual machines of 16
    /// cores and 28 GiB, two machines of 16 cores and 352 GiB, and two of 4 cores and 28 GiB.
    public static func alice(size: Int = 1) -> [Node] {
        let shapes: [(prefix: String, count: Int, cores: Int, memoryGiB: Int)] = [
            ("lxbuild", 35, 16, 28), ("lxbig", 2, 16, 352), ("lxsmall", 2, 4, 28),
        ]
        var nodes: [Node] = []
        for unit in 0..<max(0, size) {
            for shape in shapes {
                for number in 1...shape.count {
                    let digits = String(unit * shape.count + number)
                    let name = shape.prefix + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
                    nodes.append(
                        node(name, number: UInt64(nodes.count + 1), cores: shape.cores, memoryGiB: shape.memoryGiB))
                }
            }
        }
        return nodes
    }

    /// A ready node that runs processes; each core counts 2,500 MHz.
    public static func node(_ name: String, number: UInt64, cores: Int = 16, memoryGiB: Int = 28) -> Node {
        var node = Node(
            id: NodeID(high: 0, low: number), name: name, address: "10.0.\(number / 250).\(number % 250 + 1)",
            attributes: ["kernel.name": "linux", "cpu.arch": "amd64", "cpu.numcores": "\(cores)"],
            capacity: Resources(cpuMHz: cores * 2500, memoryMiB: memoryGiB * 1024, diskMiB: 500_000), cores: cores,
            drivers: ["raw_exec": DriverStatus(healthy: true, attributes: ["driver.raw_exec": "1"])])
        node.status = .ready
        return node
    }
}
