/// What a machine says of itself at one moment.
struct HostFigures: Sendable {
    /// The time of one core by what it was spent on, in the system's ticks.
    struct Core: Hashable, Sendable {
        var name: String
        var user: UInt64 = 0
        var system: UInt64 = 0
        var idle: UInt64 = 0
        var wait: UInt64 = 0
        var steal: UInt64 = 0

        var all: UInt64 { user &+ system &+ idle &+ wait &+ steal }
    }

    /// A file system.
    struct Disk: Sendable {
        var name = ""
        var size: Double = 0
        var used: Double = 0
        var available: Double = 0
        var inodes: Double = 0
        var freeInodes: Double = 0
    }

    /// Memory in bytes.
    struct Memory: Sendable {
        var total: Double = 0
        var available: Double = 0
        var free: Double = 0
    }

    var cores: [Core] = []
    var memory: Memory?
    var disk: Disk?
    var uptime: Double?

    /// All that this look tells, and what can be said of the time since an earlier one.
    ///
    /// - Parameter labels: the values of the labels that all have.
    func samples(since earlier: HostFigures?, labels: [String]) -> [Sample] {
        var samples: [Sample] = []
        func add(_ metric: Metric, _ value: Double, _ first: [String] = []) {
            samples.append(Sample(metric, first + labels, .value(value)))
        }
        for core in cores {
            guard let before = earlier?.cores.first(where: { $0.name == core.name }), core.all > before.all else {
                continue
            }
            let span = Double(core.all - before.all)
            // A counter may step back a little; a share below nothing would be nonsense.
            func share(_ part: KeyPath<Core, UInt64>) -> Double {
                max(0, Double(core[keyPath: part]) - Double(before[keyPath: part])) / span * 100
            }
            add(.hostCPUUser, share(\.user), [core.name])
            add(.hostCPUSystem, share(\.system), [core.name])
            add(.hostCPUIdle, share(\.idle), [core.name])
            add(.hostCPUWait, share(\.wait), [core.name])
            add(.hostCPUSteal, share(\.steal), [core.name])
            add(.hostCPUTotal, min(100, share(\.user) + share(\.system)), [core.name])
        }
        if let memory {
            add(.hostMemoryTotal, memory.total)
            add(.hostMemoryAvailable, memory.available)
            add(.hostMemoryUsed, max(0, memory.total - memory.available))
            add(.hostMemoryFree, memory.free)
        }
        if let disk {
            add(.hostDiskSize, disk.size, [disk.name])
            add(.hostDiskUsed, disk.used, [disk.name])
            add(.hostDiskAvailable, disk.available, [disk.name])
            // As df: what only the superuser may use counts neither as used nor as left.
            let usable = disk.used + disk.available
            if usable > 0 { add(.hostDiskUsedPercent, disk.used / usable * 100, [disk.name]) }
            if disk.inodes > 0 {
                add(.hostDiskInodesPercent, (disk.inodes - disk.freeInodes) / disk.inodes * 100, [disk.name])
            }
        }
        if let uptime { add(.hostUptime, uptime) }
        return samples
    }

    /// Looks at the file system of `folder`, which lies on the device `name`.
    mutating func lookAtDisk(_ folder: String, name: String) {
        var found = FileSystemSpace()
        guard found.read(folder) else { return }
        disk = Disk(
            name: name, size: found.size, used: max(0, found.size - found.free), available: found.available,
            inodes: found.inodes, freeInodes: found.freeInodes)
    }
}
