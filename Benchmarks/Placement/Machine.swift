import ClusterKit

/// One machine.
struct Machine {
    var name: String
    var amounts: PlacementIndex.Amounts
    /// Its class, by number.
    var kind: Int32 = 0
    /// What a list of a user's own calls that class.
    var className = ""

    /// Multiples of the cluster of 39.
    static func standard(_ count: Int) -> [Machine] {
        (0..<count).map { number in
            let (cores, gib) = number % 39 < 35 ? (16, 28) : number % 39 < 37 ? (16, 352) : (4, 28)
            return Machine(
                name: "node-\(number)",
                amounts: PlacementIndex.Amounts(
                    cpu: cores * Workload.core, memory: gib * 1024, disk: 1_000_000))
        }
    }

    /// Equal ones, of 16 cores and 28 GiB: what `pool`, `pack` and `tidy` place on.
    static func pool(_ count: Int) -> [Machine] {
        (0..<count).map { number in
            Machine(
                name: "node-\(number)",
                amounts: PlacementIndex.Amounts(cpu: 16 * Workload.core, memory: 28_672, disk: 1_000_000))
        }
    }

    /// As a cluster knows it.
    func node(_ number: Int, meta: [String: String] = [:]) -> Node {
        var node = Node(
            id: NodeID(high: 1, low: UInt64(number)), name: name, nodeClass: className, meta: meta,
            capacity: Resources(cpuMHz: amounts.cpu, memoryMiB: amounts.memory, diskMiB: amounts.disk),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        node.status = .ready
        return node
    }

    /// Whether an instance finds room while nothing else runs here.
    func fits(_ shape: Shape) -> Bool {
        shape.cpu <= amounts.cpu && shape.memory <= amounts.memory && shape.disk <= amounts.disk
    }

    /// Leaves so much less free.
    mutating func take(_ shape: Shape) {
        amounts.cpu -= shape.cpu
        amounts.memory -= shape.memory
        amounts.disk -= shape.disk
    }
}

extension [Machine] {
    /// All their processor time. `InputFile` refuses lists whose sums are out of proportion.
    var totalCPU: Int { reduce(0) { $0 + $1.amounts.cpu } }

    /// The state of a cluster of them, in so many racks.
    func snapshot(racks: Int? = nil) -> Snapshot {
        let nodes = enumerated().map { number, machine in
            Change.putNode(machine.node(number, meta: racks.map { ["rack": "r\(number % $0)"] } ?? [:]))
        }
        return Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes)
    }
}
