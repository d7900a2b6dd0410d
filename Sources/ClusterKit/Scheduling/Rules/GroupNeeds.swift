/// What one instance of a group takes, added up once for many instances. No sum traps, however large its parts.
struct GroupNeeds: Sendable {
    /// Processor time in MHz beside whole cores.
    let cpu: Int
    let memory: Int
    let disk: Int
    /// Whole cores by task, in the order of the job.
    let coresByTask: [(task: String, count: Int)]
    let cores: Int
    let ports: [PortSpec]
    /// Whether there is nothing to choose on a node: no port, core or device.
    let isPlain: Bool
    /// How many ports placement chooses.
    let dynamicPorts: Int
    /// In the order of the job.
    let devices: [DeviceNeed]
    /// How much all wishes about devices count together.
    let deviceWeight: Double

    init(_ group: TaskGroup) {
        var (cpu, memory, cores) = (0, 0, 0)
        var coresByTask: [(task: String, count: Int)] = []
        for task in group.tasks {
            cpu = cpu.addingClamped(task.resources.cpuMHz)
            memory = memory.addingClamped(task.resources.memoryMiB)
            guard task.resources.cores > 0 else { continue }
            cores = cores.addingClamped(task.resources.cores)
            coresByTask.append((task.name, task.resources.cores))
        }
        self.cpu = cpu
        self.memory = memory
        disk = max(0, group.disk.sizeMiB)
        self.cores = cores
        self.coresByTask = coresByTask
        ports = group.network?.ports ?? []
        dynamicPorts = ports.count { $0.number == 0 }
        devices = DeviceNeed.all(of: group)
        isPlain = cores == 0 && ports.isEmpty && devices.isEmpty
        deviceWeight = devices.reduce(0) { $0 + $1.wishes.total }
    }

    /// The part `devices` of the score on `room`: which share of the wishes about devices would be met; `nil` without
    /// such wishes.
    func devicePart(on room: NodeRoom) -> Double? {
        guard deviceWeight > 0, case .success(let choice) = room.devices.choose(devices) else { return nil }
        return choice.matched / deviceWeight
    }

    /// Processor time in MHz where a core is worth `share`.
    func cpu(coreShare share: Int) -> Int {
        let (product, overflow) = cores.multipliedReportingOverflow(by: share)
        return cpu.addingClamped(overflow ? .max : product)
    }
}

extension Int {
    /// The sum with an amount that counts as zero below zero, held at the largest number instead of overflowing.
    fileprivate func addingClamped(_ amount: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(Swift.max(0, amount))
        return overflow ? .max : sum
    }
}
