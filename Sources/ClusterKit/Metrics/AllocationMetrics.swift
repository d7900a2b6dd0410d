/// What tasks use: recorded by agents, under the names and labels of Nomad, so that its dashboards work. What begins
/// with `cluster_` Nomad does not have.
extension Metric {
    /// What tells the tasks of allocations apart.
    static let taskLabels = ["alloc_id", "host", "job", "namespace", "task", "task_group"]
    /// What tells allocations apart.
    static let allocationLabels = ["alloc_id", "host", "job", "namespace", "task_group"]

    private static func task(_ name: String, _ unit: Unit, _ help: String) -> Metric {
        Metric("nomad_client_allocs_" + name, .gauge, unit, labels: taskLabels, help: help)
    }

    private static func allocation(_ name: String, _ unit: Unit, _ help: String) -> Metric {
        Metric("cluster_client_allocs_" + name, .gauge, unit, labels: allocationLabels, help: help)
    }

    /// The share of the processors that the task was promised.
    public static let taskCPUAllocated = task("cpu_allocated", .megahertz, "CPU that the task was promised.")
    /// The processor time used since the last measurement, as MHz.
    public static let taskCPUTicks = task(
        "cpu_total_ticks", .megahertz, "CPU that the task used since the last measurement.")
    /// The processor time used since the last measurement.
    public static let taskCPUPercent = task(
        "cpu_total_percent", .percent, "CPU that the task used since the last measurement; one busy core is 100.")
    /// That part of it that was spent in the task's own code.
    public static let taskCPUUser = task("cpu_user", .percent, "The part of it spent in the task's own code.")
    /// That part of it that was spent in the system.
    public static let taskCPUSystem = task("cpu_system", .percent, "The part of it spent in the kernel.")
    /// How long the task was held back by its limit.
    public static let taskThrottledTime = task(
        "cpu_throttled_time", .nanoseconds, "How long the task was held back by its CPU limit, since it started.")
    /// How many periods ended with the task held back.
    public static let taskThrottledPeriods = task(
        "cpu_throttled_periods", .count, "Periods in which the task was held back by its CPU limit, since it started.")
    /// All processor time since the task's start.
    public static let taskCPUSeconds = Metric(
        "cluster_client_allocs_cpu_seconds_total", .counter, .seconds, labels: taskLabels + ["mode"],
        help: "CPU time that the task used since it started; mode is user or system.")
    /// The memory that the task was promised.
    public static let taskMemoryAllocated = task("memory_allocated", .bytes, "Memory that the task was promised.")
    /// All memory that counts towards the task's limit.
    public static let taskMemoryUsage = task(
        "memory_usage", .bytes, "Memory that counts towards the task's limit, file cache included.")
    /// The resident memory.
    public static let taskMemoryRSS = task("memory_rss", .bytes, "Resident memory, without file cache where known.")
    /// The file cache.
    public static let taskMemoryCache = task("memory_cache", .bytes, "File cache that counts as the task's.")
    /// The memory swapped out.
    public static let taskMemorySwap = task("memory_swap", .bytes, "Memory of the task that is swapped out.")
    /// The most memory so far.
    public static let taskMemoryMaxUsage = task("memory_max_usage", .bytes, "The most memory that the task ever used.")
    /// What the kernel holds on the task's behalf.
    public static let taskMemoryKernel = task(
        "memory_kernel_usage", .bytes, "Memory that the kernel holds on the task's behalf.")
    /// The processes of the task.
    public static let taskProcesses = Metric(
        "cluster_client_allocs_processes", .gauge, .count, labels: taskLabels, help: "Processes of the task.")

    /// How often tasks were ended for taking more memory than they may. It has no label for the allocation, so that it
    /// goes on from one instance to the next.
    public static let taskMemoryKills = Metric(
        "nomad_client_allocs_oom_killed", .gauge, .count, labels: ["host", "job", "namespace", "task", "task_group"],
        help: "How often the task was killed for taking more memory than it may; 0 before the first time.")

    /// The disk that the allocation was promised.
    public static let diskAllocated = allocation(
        "disk_allocated_bytes", .bytes, "Disk space that the allocation was promised.")
    /// The disk that the allocation's folder holds.
    public static let diskUsage = allocation(
        "disk_usage_bytes", .bytes, "Disk space that the files in the allocation's folder take.")
    /// The files in the allocation's folder.
    public static let diskFiles = allocation("disk_files", .count, "Files and folders in the allocation's folder.")
    /// How old the two figures are: large folders are looked through slowly.
    public static let diskAge = allocation(
        "disk_age_seconds", .seconds, "How long ago the look through the allocation's folder was finished.")

    /// What agents record of allocations.
    static let allocations: [Metric] = [
        taskCPUAllocated, taskCPUTicks, taskCPUPercent, taskCPUUser, taskCPUSystem, taskThrottledTime,
        taskThrottledPeriods, taskCPUSeconds, taskMemoryAllocated, taskMemoryUsage, taskMemoryRSS, taskMemoryCache,
        taskMemorySwap, taskMemoryMaxUsage, taskMemoryKernel, taskMemoryKills, taskProcesses, diskAllocated, diskUsage,
        diskFiles,
        diskAge,
    ]
}
