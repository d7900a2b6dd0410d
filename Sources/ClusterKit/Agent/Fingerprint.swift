import CLinux

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What can be found out about the machine: attributes by Nomad's names, and totals.
///
/// Capacity comes from totals, never from what was free when the agent started: a restart on a full disk changes
/// nothing.
package struct Fingerprint: Hashable, Sendable {
    /// By Nomad's names: `kernel.name`, `cpu.arch`, …
    package var attributes: [String: String] = [:]
    /// The totals.
    package var capacity = Resources()
    /// Logical processors.
    package var cores = 1
    /// The machine's name.
    package var hostname = "localhost"
    /// The first address that is not loopback.
    package var address = "127.0.0.1"

    /// The version of Nomad whose job files and API the cluster speaks: constraints on `attr.nomad.version` compare
    /// with it.
    package static let nomadVersion = "1.6.10"

    /// Looks at the machine; disk is that of `dataFolder`.
    package init(dataFolder: String) {
        lookAtHost()
        lookAtNetwork()
        lookAtDisk(dataFolder)
        attributes["nomad.version"] = Self.nomadVersion
        attributes["os.signals"] = TaskSignal.names.joined(separator: ",")
        attributes["cpu.arch"] = Self.architecture
        lookAtSystem(dataFolder)
    }

    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }

    /// Notes processors and memory in all the forms that tools ask for.
    mutating func setTotals(cores: Int, frequencyMHz: Int, memoryBytes: UInt64) {
        self.cores = max(1, cores)
        let (total, overflow) = self.cores.multipliedReportingOverflow(by: max(1, frequencyMHz))
        capacity.cpuMHz = overflow ? .max : total
        capacity.memoryMiB = Int(memoryBytes >> 20)
        attributes["cpu.numcores"] = "\(self.cores)"
        attributes["cpu.frequency"] = "\(max(1, frequencyMHz))"
        attributes["cpu.totalcompute"] = "\(capacity.cpuMHz)"
        attributes["memory.totalbytes"] = "\(memoryBytes)"
    }

    private mutating func lookAtHost() {
        var name = [CChar](repeating: 0, count: 256)
        if gethostname(&name, name.count - 1) == 0 { hostname = Self.text(name) }
        attributes["unique.hostname"] = hostname
    }

    private mutating func lookAtNetwork() {
        var found = [CChar](repeating: 0, count: 64)
        if cluster_first_address(&found, UInt32(found.count)) == 0 { address = Self.text(found) }
        attributes["unique.network.ip-address"] = address
    }

    private mutating func lookAtDisk(_ folder: String) {
        var total: UInt64 = 0
        var free: UInt64 = 0
        guard cluster_space(folder, &total, &free) == 0 else { return }
        capacity.diskMiB = Int(total >> 20)
        attributes["unique.storage.bytestotal"] = "\(total)"
        attributes["unique.storage.bytesfree"] = "\(free)"
    }

    /// The text in front of the first zero.
    static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension Node {
    /// Describes this machine as `configuration` wants it shown.
    package init(
        id: NodeID, fingerprint: Fingerprint, configuration: AgentConfiguration, drivers: [String: DriverStatus]
    ) {
        let address = configuration.address ?? fingerprint.address
        var attributes = fingerprint.attributes
        attributes["unique.network.ip-address"] = address
        for (name, status) in drivers where status.healthy {
            attributes["driver.\(name)"] = "1"
            attributes.merge(status.attributes) { $1 }
        }
        self.init(
            id: id, name: configuration.nodeName ?? fingerprint.hostname, datacenter: configuration.datacenter,
            pool: configuration.pool, nodeClass: configuration.nodeClass, address: address,
            version: configuration.version, attributes: attributes, meta: configuration.meta,
            capacity: configuration.capacity ?? fingerprint.capacity, reserved: configuration.reserved,
            cores: fingerprint.cores, reservedPorts: configuration.reservedPorts,
            dynamicPorts: configuration.dynamicPorts, drivers: drivers)
        devices = configuration.devices.sorted { $0.name < $1.name }
        hostVolumes = configuration.hostVolumes
        // What the machine has not is left to be refused.
        reservedCores = Set(configuration.reservedCores).sorted()
        keepBackShares(of: reservedCores)
    }

    /// A core that is kept back keeps back its processor time, as in Nomad, beside what is kept back in MHz: up to all
    /// that there is.
    private mutating func keepBackShares(of kept: [Int]) {
        guard cores > 0, reserved.cpuMHz <= capacity.cpuMHz else { return }
        let share = capacity.cpuMHz / cores * min(kept.count, cores)
        let (sum, overflow) = reserved.cpuMHz.addingReportingOverflow(share)
        reserved.cpuMHz = overflow ? capacity.cpuMHz : min(sum, capacity.cpuMHz)
    }
}
