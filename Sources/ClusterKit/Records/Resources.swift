/// Amounts of what a machine has, in whole units.
public struct Resources: Hashable, Sendable {
    /// Processor time in MHz: a share, not a cap.
    public var cpuMHz: Int
    /// Memory in MiB.
    public var memoryMiB: Int
    /// Disk in MiB.
    public var diskMiB: Int

    /// States the three amounts; what is left out is zero.
    public init(cpuMHz: Int = 0, memoryMiB: Int = 0, diskMiB: Int = 0) {
        self.cpuMHz = cpuMHz
        self.memoryMiB = memoryMiB
        self.diskMiB = diskMiB
    }

    /// The sums of the amounts.
    public static func + (left: Self, right: Self) -> Self {
        Self(
            cpuMHz: left.cpuMHz + right.cpuMHz, memoryMiB: left.memoryMiB + right.memoryMiB,
            diskMiB: left.diskMiB + right.diskMiB)
    }

    /// What is left of the first; negative where the second is larger.
    public static func - (left: Self, right: Self) -> Self {
        Self(
            cpuMHz: left.cpuMHz - right.cpuMHz, memoryMiB: left.memoryMiB - right.memoryMiB,
            diskMiB: left.diskMiB - right.diskMiB)
    }

    /// Adds amounts.
    public static func += (left: inout Self, right: Self) { left = left + right }
    /// Takes amounts away.
    public static func -= (left: inout Self, right: Self) { left = left - right }

    /// Whether no amount exceeds the other's.
    public func fits(in other: Self) -> Bool {
        cpuMHz <= other.cpuMHz && memoryMiB <= other.memoryMiB && diskMiB <= other.diskMiB
    }
}

extension Resources: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Resources(cpuMHz: try fields.next(), memoryMiB: try fields.next(), diskMiB: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(cpuMHz)
            $0.put(memoryMiB)
            $0.put(diskMiB)
        }
    }
}

/// What an allocation holds on its node: counted from the moment it is placed until its end is confirmed.
public struct AllocatedResources: Hashable, Sendable {
    /// The sums over all tasks, and the group's disk.
    public var total: Resources
    /// The numbers of the processor cores held exclusively, by task.
    public var cores: [String: [Int]]
    /// The ports held, in the order in which the job states them.
    public var ports: [PortMapping]
    /// The devices held exclusively, in the order in which the job states them.
    public var devices: [AllocatedDevice]

    /// States what is held.
    public init(
        total: Resources, cores: [String: [Int]] = [:], ports: [PortMapping] = [], devices: [AllocatedDevice] = []
    ) {
        self.total = total
        self.cores = cores
        self.ports = ports
        self.devices = devices
    }

    /// Whether nothing is held but amounts.
    var isPlain: Bool { cores.isEmpty && ports.isEmpty && devices.isEmpty }
}

extension AllocatedResources: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            AllocatedResources(
                total: try fields.next(), cores: try fields.next(), ports: try fields.next(),
                devices: try fields.next(or: []))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(total)
            $0.put(cores)
            $0.put(ports)
            $0.put(devices)
        }
    }
}

/// One port of an allocation: a label of the job and the number that the label got on the node.
public struct PortMapping: Hashable, Sendable {
    /// The label in the job file.
    public var label: String
    /// The number on the host.
    public var value: Int
    /// The number inside a container; 0 means the same as on the host.
    public var to: Int
    /// The host address that the port is on.
    public var hostIP: String

    /// Binds `label` to `value`.
    public init(label: String, value: Int, to: Int = 0, hostIP: String = "") {
        self.label = label
        self.value = value
        self.to = to
        self.hostIP = hostIP
    }
}

extension PortMapping: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            PortMapping(
                label: try fields.next(), value: try fields.next(), to: try fields.next(), hostIP: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(label)
            $0.put(value)
            $0.put(to)
            $0.put(hostIP)
        }
    }
}
