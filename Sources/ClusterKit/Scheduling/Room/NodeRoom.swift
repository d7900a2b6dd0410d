/// What one node has and what is held there, kept up to date one allocation at a time.
struct NodeRoom: Sendable {
    /// No machine has more (2^46 MiB are 64 EiB). Amounts count as this at most, so that sums cannot overflow.
    static let largest = 1 << 46
    private static let ports = 1..<65_536
    /// No machine has more; the bound keeps a hostile description from asking for memory.
    private static let mostCores = 65_536

    var node: Node {
        _read { yield description.value }
    }

    /// The node's name once more: many placements ask for it, and a description lies far away.
    let name: String
    /// The number under which the session finds who is here; -1 before it gave one.
    var number: Int32 = -1

    // Kept apart, for rooms are moved often and a description is large.
    private var description: Shared<Node>
    /// What allocations may hold in all.
    let cpu: Int
    let memory: Int
    let disk: Int
    let cores: Int
    /// The processor time that one exclusive core takes along.
    let coreShare: Int
    let dynamicRange: Range<Int>

    private(set) var usedCPU = 0
    private(set) var usedMemory = 0
    private(set) var usedDisk = 0
    private(set) var usedCores = BitSet(0..<mostCores)
    private(set) var freeCores: Int
    private(set) var usedPorts = BitSet(ports)
    private(set) var freeDynamicPorts: Int
    private(set) var devices: DeviceRoom
    /// What those have that may have to make room.
    private(set) var yielding = YieldingWork()
    /// What those have who end to make room.
    private(set) var going = PlacementIndex.Amounts.none
    private var departing = 0

    init(_ node: Node) {
        description = Shared(node)
        name = node.name
        cpu = Self.usable(node.capacity.cpuMHz, node.reserved.cpuMHz)
        memory = Self.usable(node.capacity.memoryMiB, node.reserved.memoryMiB)
        disk = Self.usable(node.capacity.diskMiB, node.reserved.diskMiB)
        cores = min(max(0, node.cores), Self.mostCores)
        coreShare = cores == 0 ? 0 : min(max(0, node.capacity.cpuMHz), Self.largest) / cores
        freeCores = cores
        let lower = max(node.dynamicPorts.lowerBound, Self.ports.lowerBound)
        let upper = min(node.dynamicPorts.upperBound, Self.ports.upperBound - 1)
        dynamicRange = lower <= upper ? lower..<(upper + 1) : 0..<0
        freeDynamicPorts = dynamicRange.count
        devices = DeviceRoom(node.devices)
        for port in node.reservedPorts { take(port: port) }
        for core in node.reservedCores { take(core: core) }
    }

    private static func usable(_ capacity: Int, _ reserved: Int) -> Int {
        max(0, min(max(0, capacity), largest) - min(max(0, reserved), largest))
    }

    /// Replaces the description by one that differs in nothing that placement looks at.
    mutating func describe(_ node: Node) { description = Shared(node) }

    /// Processor time, memory and disk that nobody holds; negative on a node that has shrunk below what it runs.
    var freeCPU: Int { cpu &- usedCPU }
    var freeMemory: Int { memory &- usedMemory }
    var freeDisk: Int { disk &- usedDisk }

    /// The same, as the index counts it.
    var free: PlacementIndex.Amounts { PlacementIndex.Amounts(cpu: freeCPU, memory: freeMemory, disk: freeDisk) }

    /// Whether somebody ends here to make room.
    var hasDeparting: Bool { departing > 0 }

    /// Counts in what something holds that was not counted.
    mutating func add(_ held: Held) {
        usedCPU &+= Self.amount(held.resources.total.cpuMHz)
        usedMemory &+= Self.amount(held.resources.total.memoryMiB)
        usedDisk &+= Self.amount(held.resources.total.diskMiB)
        for core in held.resources.cores.values.joined() { take(core: core) }
        for port in held.resources.ports { take(port: port.value) }
        devices.take(held.resources.devices)
        if let priority = held.yieldingPriority { yielding.add(Self.amounts(of: held), at: priority) }
        guard held.isGoing else { return }
        going.add(Self.amounts(of: held))
        departing += 1
    }

    /// Counts in a reservation of nothing but amounts, which is all that is to know of it.
    mutating func reserve(_ amounts: PlacementIndex.Amounts) {
        usedCPU &+= Self.amount(amounts.cpu)
        usedMemory &+= Self.amount(amounts.memory)
        usedDisk &+= Self.amount(amounts.disk)
    }

    /// Counts out what something holds that was counted.
    mutating func remove(_ held: Held) {
        usedCPU &-= Self.amount(held.resources.total.cpuMHz)
        usedMemory &-= Self.amount(held.resources.total.memoryMiB)
        usedDisk &-= Self.amount(held.resources.total.diskMiB)
        for core in held.resources.cores.values.joined() where usedCores.remove(core) && core < cores {
            freeCores += 1
        }
        for port in held.resources.ports where usedPorts.remove(port.value) && dynamicRange.contains(port.value) {
            freeDynamicPorts += 1
        }
        devices.give(held.resources.devices)
        if let priority = held.yieldingPriority { yielding.remove(Self.amounts(of: held), at: priority) }
        guard held.isGoing else { return }
        going.subtract(Self.amounts(of: held))
        departing -= 1
    }

    /// What the score and most rules look at: numbers only, which cost nothing to hand on.
    struct Gauge: BitwiseCopyable, Equatable {
        let freeCPU: Int
        let freeMemory: Int
        let freeDisk: Int
        let cpu: Int
        let memory: Int
        let coreShare: Int
    }

    @inline(__always)
    var gauge: Gauge {
        Gauge(
            freeCPU: freeCPU, freeMemory: freeMemory, freeDisk: freeDisk, cpu: cpu, memory: memory,
            coreShare: coreShare)
    }

    /// What comes free when `held` ends.
    static func amounts(of held: Held) -> PlacementIndex.Amounts { amounts(of: held.resources.total) }

    /// What counts of stated amounts.
    static func amounts(of total: Resources) -> PlacementIndex.Amounts {
        PlacementIndex.Amounts(
            cpu: amount(total.cpuMHz), memory: amount(total.memoryMiB), disk: amount(total.diskMiB))
    }

    private mutating func take(core: Int) {
        if usedCores.insert(core), core < cores { freeCores -= 1 }
    }

    private mutating func take(port: Int) {
        if usedPorts.insert(port), dynamicRange.contains(port) { freeDynamicPorts -= 1 }
    }

    private static func amount(_ amount: Int) -> Int { min(max(0, amount), largest) }
}

extension Vacancy {
    /// What nobody holds of a node.
    init(_ room: NodeRoom) {
        self.init(
            cpuMHz: room.freeCPU, memoryMiB: room.freeMemory, diskMiB: room.freeDisk, cores: room.freeCores)
    }
}
