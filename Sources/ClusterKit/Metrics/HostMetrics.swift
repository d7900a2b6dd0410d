/// What machines have and use: recorded by their agents, under Nomad's names. Of Nomad's labels those that change with
/// the node's status are left out, for they would begin a new series with each change.
extension Metric {
    /// What tells machines apart.
    static let hostLabels = ["datacenter", "host", "node_class", "node_id"]

    private static func cpu(_ name: String, _ help: String) -> Metric {
        Metric(name, .gauge, .percent, labels: ["cpu"] + hostLabels, help: help)
    }

    private static func disk(_ name: String, _ unit: Unit, _ help: String) -> Metric {
        Metric("nomad_client_host_disk_" + name, .gauge, unit, labels: ["disk"] + hostLabels, help: help)
    }

    private static func memory(_ name: String, _ help: String) -> Metric {
        Metric("nomad_client_host_memory_" + name, .gauge, .bytes, labels: hostLabels, help: help)
    }

    /// The time of a core spent in programs.
    public static let hostCPUUser = cpu("nomad_client_host_cpu_user", "Share of a core's time spent in programs.")
    /// The time of a core spent in the kernel.
    public static let hostCPUSystem = cpu("nomad_client_host_cpu_system", "Share of a core's time spent in the kernel.")
    /// The time in which a core had nothing to do.
    public static let hostCPUIdle = cpu("nomad_client_host_cpu_idle", "Share of a core's time with nothing to do.")
    /// The time in which a core was busy.
    public static let hostCPUTotal = cpu("nomad_client_host_cpu_total", "Share of a core's time in which it was busy.")
    /// The time of a core that other virtual machines took.
    public static let hostCPUSteal = cpu(
        "cluster_client_host_cpu_steal", "Share of a core's time that other virtual machines took.")
    /// The time in which a core waited for disks.
    public static let hostCPUWait = cpu(
        "cluster_client_host_cpu_iowait", "Share of a core's time in which it waited for disks.")

    /// The memory of the machine.
    public static let hostMemoryTotal = memory("total", "Memory of the machine.")
    /// What programs can get without swapping.
    public static let hostMemoryAvailable = memory("available", "Memory that programs can get without swapping.")
    /// What is in use.
    public static let hostMemoryUsed = memory("used", "Memory in use, caches not counted.")
    /// What nobody uses for anything.
    public static let hostMemoryFree = memory("free", "Memory that is used for nothing, not even caches.")

    /// The size of the file system of the agent's data.
    public static let hostDiskSize = disk("size", .bytes, "Size of the file system of the agent's data folder.")
    /// What is used of it.
    public static let hostDiskUsed = disk("used", .bytes, "What is used of it.")
    /// What is left of it.
    public static let hostDiskAvailable = disk("available", .bytes, "What is left of it for users.")
    /// What is used of it.
    public static let hostDiskUsedPercent = disk("used_percent", .percent, "What is used of it.")
    /// How many of its entries for files are used.
    public static let hostDiskInodesPercent = disk("inodes_percent", .percent, "How many of its file entries are used.")

    /// How long the machine has been up.
    public static let hostUptime = Metric(
        "nomad_client_uptime", .gauge, .seconds, labels: hostLabels, help: "How long ago the machine started.")

    /// What agents record of their machines.
    static let hosts: [Metric] = [
        hostCPUUser, hostCPUSystem, hostCPUIdle, hostCPUTotal, hostCPUSteal, hostCPUWait, hostMemoryTotal,
        hostMemoryAvailable, hostMemoryUsed, hostMemoryFree, hostDiskSize, hostDiskUsed, hostDiskAvailable,
        hostDiskUsedPercent, hostDiskInodesPercent, hostUptime,
    ]
}
