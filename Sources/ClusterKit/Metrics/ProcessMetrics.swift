/// What a program of ours itself uses, under the names that all programs have in Prometheus.
extension Metric {
    /// The processor time.
    public static let processCPU = Metric(
        "process_cpu_seconds_total", .counter, .seconds, help: "CPU time that the server used, in programs and kernel.")
    /// The resident memory.
    public static let processMemory = Metric(
        "process_resident_memory_bytes", .gauge, .bytes, help: "Resident memory of the server.")
    /// The address space.
    public static let processAddressSpace = Metric(
        "process_virtual_memory_bytes", .gauge, .bytes, help: "Address space of the server.")
    /// The open files and connections.
    public static let processFiles = Metric(
        "process_open_fds", .gauge, .count, help: "Files and connections that the server has open.")
    /// How many there may be.
    public static let processFileLimit = Metric(
        "process_max_fds", .gauge, .count, help: "How many files and connections the server may have open.")
    /// When it started.
    public static let processStart = Metric(
        "process_start_time_seconds", .gauge, .seconds, help: "When the server started, since 1970.")

    /// What servers say of themselves.
    static let processes: [Metric] = [
        processCPU, processMemory, processAddressSpace, processFiles, processFileLimit, processStart,
    ]
}
