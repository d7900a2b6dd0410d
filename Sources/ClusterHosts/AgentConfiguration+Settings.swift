package import ClusterKit
import HCL

extension AgentConfiguration {
    /// What can only be set in the file, for the help of the program.
    package static let fileHelp = """
        Only the file of settings has: address = "10.0.0.7", at which the ports of tasks are reached; \
        max_kill_timeout = "30s", the most time that a task gets to end; min_dynamic_port and max_dynamic_port, \
        20000 and 32000 unless stated; enable_script_checks = true, to let script checks that name no task run on \
        the machine itself; when ended allocations lose their folders: gc_max_allocs = 50 are kept, and fewer while \
        the disk is fuller than gc_disk_usage_threshold = 80 percent, or uses more than gc_inode_usage_threshold = \
        70 percent of its entries for files, which is looked at every gc_interval = "1m"; a block reserved for what \
        is kept back from jobs, in MHz and MiB, with cpu = 500, memory = 512, disk = 1024, cores = "0-1,8" and \
        reserved_ports = "22,80,8500-8600"; and what jobs may ask for by name: folders, as blocks host_volume \
        "repo" with path = "/srv/repo" and read_only = true, and devices, as blocks device "nvidia/gpu/a100" with a \
        block attributes, memory = "40 GiB" in it, and a block instance "0" {} for each.
        """

    /// What jobs write for every pool.
    static let everyPool = "all"
    static let everyPoolMistake =
        "a node cannot be in the pool \"all\": in jobs that means every pool; name a pool of its own"

    /// Takes what the file states of the agent, under Nomad's names where it has them. Mistakes are kept by the file's
    /// reader.
    package mutating func read(_ file: SettingsFile) {
        let reader = file.reader
        nodeName = reader.string("name")
        datacenter = reader.string("datacenter") ?? datacenter
        pool = reader.string("node_pool") ?? pool
        if pool == Self.everyPool { reader.fail(Self.everyPoolMistake, at: "node_pool") }
        nodeClass = reader.string("node_class") ?? nodeClass
        meta = reader.stringMap("meta") ?? meta
        address = reader.string("address")
        maxKillTimeout = reader.duration("max_kill_timeout") ?? maxKillTimeout
        allowsHostScripts = reader.bool("enable_script_checks") ?? allowsHostScripts
        keptAllocations = reader.integer("gc_max_allocs", in: 0...Self.maximum) ?? keptAllocations
        diskThreshold = reader.integer("gc_disk_usage_threshold", in: 0...100).map(Double.init) ?? diskThreshold
        inodeThreshold = reader.integer("gc_inode_usage_threshold", in: 0...100).map(Double.init) ?? inodeThreshold
        surveyInterval = reader.duration("gc_interval") ?? surveyInterval
        if surveyInterval < .seconds(1) { reader.fail("\"gc_interval\" must be 1s or longer", at: "gc_interval") }
        readDynamicPorts(reader)
        readOffers(reader)
        if let kept = reader.block("reserved", read: Self.reserved) {
            (reserved, reservedPorts, reservedCores) = kept
        }
    }

    private mutating func readDynamicPorts(_ reader: BodyReader) {
        let low = reader.integer("min_dynamic_port", in: 1...65_535) ?? dynamicPorts.lowerBound
        let high = reader.integer("max_dynamic_port", in: 1...65_535) ?? dynamicPorts.upperBound
        guard low <= high else {
            let name = reader.has("min_dynamic_port") ? "min_dynamic_port" : "max_dynamic_port"
            return reader.fail("\"min_dynamic_port\" \(low) is above \"max_dynamic_port\" \(high)", at: name)
        }
        dynamicPorts = low...high
    }

    private static func reserved(_ reader: BodyReader) -> (Resources, ports: [Int], cores: [Int]) {
        let amounts = Resources(
            cpuMHz: reader.integer("cpu", in: 0...maximum) ?? 0,
            memoryMiB: reader.integer("memory", in: 0...maximum) ?? 0,
            diskMiB: reader.integer("disk", in: 0...maximum) ?? 0)
        return (
            amounts, numbers("reserved_ports", of: reader, in: 1...65_535, "ports", example: "22,80,8500-8600"),
            numbers("cores", of: reader, in: 0...65_535, "cores", example: "0-1,8")
        )
    }

    /// No machine has more MHz or MiB, and sums of it are far from what a number can hold.
    private static let maximum = 1 << 40

    /// The numbers in an attribute such as `22,80,8500-8600`, sorted.
    private static func numbers(
        _ name: String, of reader: BodyReader, in range: ClosedRange<Int>, _ noun: String, example: String
    ) -> [Int] {
        guard let text = reader.string(name) else { return [] }
        if let found = numbers(text, in: range) { return found }
        reader.fail(
            "\"\(name)\" must be \(noun) from \(range.lowerBound) to \(range.upperBound) and ranges of them, such as "
                + "\"\(example)\"",
            at: name)
        return []
    }

    private static func numbers(_ text: String, in range: ClosedRange<Int>) -> [Int]? {
        var found: Set<Int> = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0.filter { $0 != " " }) }
            guard ends.count <= 2, case let low?? = ends.first, case let high?? = ends.last,
                low >= range.lowerBound, low <= high, high <= range.upperBound
            else { return nil }
            found.formUnion(low...high)
        }
        return found.sorted()
    }
}

extension AgentConfiguration {
    /// An agent inside a server for trying things out: its tasks end with it.
    package static func development(folder: String) -> AgentConfiguration {
        var configuration = AgentConfiguration(dataFolder: folder)
        configuration.address = "127.0.0.1"
        configuration.stopTasksOnShutdown = true
        // A folder for trying things out can be deleted like any other: nothing is mounted in it.
        configuration.secrets = .folder
        configuration.allowsHostScripts = true
        return configuration
    }
}
