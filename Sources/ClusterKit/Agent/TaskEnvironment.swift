/// The whole environment of a task: Nomad's variables, a few that programs cannot do without, and the job's own.
/// Nothing of the agent's environment reaches a task.
package struct TaskEnvironment: Sendable {
    /// The variables by name.
    package private(set) var variables: [String: String] = [:]
    private let assignment: Assignment
    private let node: Node

    /// Where programs are looked for unless the job says otherwise.
    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Makes the environment of `task` on `node`; what its `templates` state wins.
    package init(
        of task: TaskSpec, in assignment: Assignment, on node: Node, folders: TaskFolders,
        templates: [String: String] = [:]
    ) {
        self.assignment = assignment
        self.node = node
        addPlace(folders)
        addNames(task)
        addLimits(task)
        addDevices(task)
        for port in assignment.allocation.resources.ports { add(port) }
        addMeta(task)
        // The job's variables may use those above, not each other: their order is not defined.
        let known = interpolation
        for (name, value) in task.environment { variables[Self.clean(name)] = known.resolve(value) }
        // What was rendered is taken as it is: a secret with ${ in it is no reference.
        for (name, value) in templates { variables[Self.clean(name)] = value }
    }

    /// Resolves `${…}` with the node's facts and these variables.
    package var interpolation: Interpolation {
        Interpolation(node: node, region: assignment.job.region, environment: variables)
    }

    private mutating func addPlace(_ folders: TaskFolders) {
        variables["PATH"] = Self.path
        variables["HOME"] = folders.local
        variables["TMPDIR"] = folders.scratch
        variables["NOMAD_ALLOC_DIR"] = folders.shared
        variables["NOMAD_TASK_DIR"] = folders.local
        variables["NOMAD_SECRETS_DIR"] = folders.secrets
        variables["NOMAD_WORK_FILE"] = WorkFile.path(in: folders)
        variables["NOMAD_DC"] = node.datacenter
        variables["NOMAD_REGION"] = assignment.job.region
    }

    private mutating func addNames(_ task: TaskSpec) {
        let allocation = assignment.allocation
        variables["NOMAD_ALLOC_ID"] = allocation.id.description
        variables["NOMAD_SHORT_ALLOC_ID"] = allocation.id.short
        variables["NOMAD_ALLOC_NAME"] = allocation.name
        variables["NOMAD_ALLOC_INDEX"] = "\(allocation.index)"
        variables["NOMAD_NAMESPACE"] = allocation.job.namespace
        variables["NOMAD_JOB_ID"] = allocation.job.id
        variables["NOMAD_JOB_NAME"] = assignment.job.name
        if let parent = assignment.job.origin?.parent { variables["NOMAD_JOB_PARENT_ID"] = parent.id }
        variables["NOMAD_GROUP_NAME"] = allocation.group
        // Grows with every instance of the name: what stores something can refuse the former one.
        if allocation.fence != nil { variables["CLUSTER_FENCE"] = "\(allocation.createRevision)" }
        variables["NOMAD_TASK_NAME"] = task.name
    }

    private mutating func addLimits(_ task: TaskSpec) {
        let cores = assignment.allocation.resources.cores[task.name] ?? []
        if !cores.isEmpty { variables["NOMAD_CPU_CORES"] = Self.ranges(cores) }
        let perCore = node.cores > 0 ? max(0, node.capacity.cpuMHz) / node.cores : 0
        let (exclusive, overflow) = perCore.multipliedReportingOverflow(by: cores.count)
        let limit = task.resources.cpuMHz > 0 || overflow ? task.resources.cpuMHz : exclusive
        variables["NOMAD_CPU_LIMIT"] = "\(limit)"
        variables["NOMAD_MEMORY_LIMIT"] = "\(task.resources.memoryMiB)"
        if task.resources.memoryMaxMiB > 0 { variables["NOMAD_MEMORY_MAX_LIMIT"] = "\(task.resources.memoryMaxMiB)" }
    }

    /// The devices that the task holds, by vendor and kind. Nothing keeps it from the others: a program is told which
    /// ones are its own. `NVIDIA_VISIBLE_DEVICES` is what Nomad's plug-in for these devices sets.
    private mutating func addDevices(_ task: TaskSpec) {
        for device in assignment.allocation.resources.devices where device.task == task.name {
            let ids = device.instances.joined(separator: ",")
            var names = ["CLUSTER_DEVICES_\(Self.clean(device.name.vendor))_\(Self.clean(device.name.kind))"]
            if device.name.vendor == "nvidia", device.name.kind == "gpu" { names.append("NVIDIA_VISIBLE_DEVICES") }
            for name in names { variables[name] = variables[name].map { "\($0),\(ids)" } ?? ids }
        }
    }

    private mutating func add(_ port: PortMapping) {
        let label = Self.clean(port.label)
        let address = port.hostIP.isEmpty ? node.address : port.hostIP
        let inside = "\(port.to > 0 ? port.to : port.value)"
        let pair = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port.value)" : "\(address):\(port.value)"
        variables["NOMAD_IP_\(label)"] = address
        variables["NOMAD_PORT_\(label)"] = inside
        variables["NOMAD_ADDR_\(label)"] = pair
        variables["NOMAD_ALLOC_PORT_\(label)"] = inside
        variables["NOMAD_HOST_IP_\(label)"] = address
        variables["NOMAD_HOST_PORT_\(label)"] = "\(port.value)"
        variables["NOMAD_HOST_ADDR_\(label)"] = pair
    }

    /// The job's words, then the group's, then the task's: the narrower wins. Each stands under its name and in
    /// capitals.
    private mutating func addMeta(_ task: TaskSpec) {
        var meta = assignment.job.meta
        meta.merge(assignment.group?.meta ?? [:]) { $1 }
        meta.merge(task.meta) { $1 }
        let known = interpolation
        // Sorted, so that of two names which differ in case only the same one wins at every launch.
        for key in meta.keys.sorted() {
            let value = known.resolve(meta[key] ?? "")
            variables["NOMAD_META_\(Self.clean(key.uppercased()))"] = value
            variables["NOMAD_META_\(Self.clean(key))"] = value
        }
    }

    /// What a shell can name: anything but letters, digits, `_` and `.` becomes `_`.
    private static func clean(_ name: String) -> String {
        String(
            decoding: name.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }

    /// Core numbers as control groups write them: `0-2,7`.
    static func ranges(_ cores: [Int]) -> String {
        var parts: [ClosedRange<Int>] = []
        for core in Set(cores).sorted() {
            if let last = parts.last, last.upperBound + 1 == core {
                parts[parts.count - 1] = last.lowerBound...core
            } else {
                parts.append(core...core)
            }
        }
        return parts.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}

extension TaskRequest {
    /// What a driver needs for one run of a task, with everything resolved; `nil` when the job has no such task.
    package init?(
        _ run: TaskRun, of assignment: Assignment, on node: Node, folders: TaskFolders,
        templates: [String: String] = [:]
    ) {
        guard let task = assignment.group?.task(run.task) else { return nil }
        let environment = TaskEnvironment(
            of: task, in: assignment, on: node, folders: folders, templates: templates)
        let interpolation = environment.interpolation
        self.init(
            allocation: run.allocation, task: run.task, attempt: run.attempt,
            config: task.config.mapValues(interpolation.resolve), environment: environment.variables,
            resources: task.resources, cores: assignment.allocation.resources.cores[task.name] ?? [],
            folders: folders, logs: task.logs)
    }
}
