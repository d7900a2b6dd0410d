/// One task of a group: a driver, what it runs, and what that may use.
public struct TaskSpec: Hashable, Sendable {
    /// The name, unique within the group.
    public var name: String
    /// The driver by name, `raw_exec` for plain processes.
    public var driver: String
    /// What the driver is told; each driver knows its own keys.
    public var config: [String: ConfigValue]
    /// Environment variables; `${…}` in them is resolved on the node.
    public var environment: [String: String]
    /// What the task may use.
    public var resources: TaskResources
    /// Demands beside those of the group.
    public var constraints: [Constraint]
    /// Wishes beside those of the group.
    public var affinities: [Affinity]
    /// Names under which the task is found.
    public var services: [ServiceSpec]
    /// Free words; they win over the group's of the same key.
    public var meta: [String: String]
    /// How long a task has between the polite signal and `SIGKILL`.
    public var killTimeout: Duration
    /// The polite signal by name; `nil` takes the driver's.
    public var killSignal: String?
    /// How much output is kept.
    public var logs: LogRotation
    /// A restart policy of its own; `nil` takes the group's.
    public var restart: RestartPolicy?
    /// Files made for it before it starts, and again when what is in them changes.
    public var templates: [TemplateSpec]
    /// How long the task goes on after it is to stop and before it is told, so that nobody is sent to it any more.
    public var shutdownDelay: Duration
    /// Its place in the life of the group; `nil` for a main task.
    public var lifecycle: TaskLifecycle?
    /// Whether the other tasks end when this one has ended.
    public var isLeader: Bool
    /// The file under the task's folder that holds what a dispatch carried; `nil` writes none.
    public var payloadFile: String?

    /// States a task; what is left out has Nomad's defaults.
    public init(
        name: String, driver: String = "raw_exec", config: [String: ConfigValue] = [:],
        environment: [String: String] = [:], resources: TaskResources = TaskResources(),
        constraints: [Constraint] = [], affinities: [Affinity] = [], services: [ServiceSpec] = [],
        meta: [String: String] = [:],
        killTimeout: Duration = .seconds(5), killSignal: String? = nil, logs: LogRotation = LogRotation(),
        restart: RestartPolicy? = nil, templates: [TemplateSpec] = [],
        shutdownDelay: Duration = .zero, lifecycle: TaskLifecycle? = nil, isLeader: Bool = false
    ) {
        self.name = name
        self.driver = driver
        self.config = config
        self.environment = environment
        self.resources = resources
        self.constraints = constraints
        self.affinities = affinities
        self.services = services
        self.meta = meta
        self.killTimeout = killTimeout
        self.killSignal = killSignal
        self.logs = logs
        self.restart = restart
        self.templates = templates
        self.shutdownDelay = shutdownDelay
        self.lifecycle = lifecycle
        self.isLeader = isLeader
    }
}

extension TaskSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var task = TaskSpec(
                name: try fields.next(), driver: try fields.next(), config: try fields.next(),
                environment: try fields.next(), resources: try fields.next(), constraints: try fields.next(),
                services: try fields.next(), meta: try fields.next(), killTimeout: try fields.next(),
                killSignal: try fields.next(), logs: try fields.next(), restart: try fields.next(),
                templates: try fields.next(or: []), shutdownDelay: try fields.next(or: .zero))
            task.affinities = try fields.next(or: [])
            task.lifecycle = try fields.next(or: nil)
            task.isLeader = try fields.next(or: false)
            task.payloadFile = try fields.next(or: nil)
            return task
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(driver)
            $0.put(config)
            $0.put(environment)
            $0.put(resources)
            $0.put(constraints)
            $0.put(services)
            $0.put(meta)
            $0.put(killTimeout)
            $0.put(killSignal)
            $0.put(logs)
            $0.put(restart)
            $0.put(templates)
            $0.put(shutdownDelay)
            $0.put(affinities)
            $0.put(lifecycle)
            $0.put(isLeader)
            $0.put(payloadFile)
        }
    }
}

/// What one task may use.
public struct TaskResources: Hashable, Sendable {
    /// The least memory that may be asked for, in MiB.
    public static let leastMemoryMiB = 10

    /// Processor time in MHz; zero when whole cores are asked for.
    public var cpuMHz: Int
    /// Whole processor cores held exclusively; zero for a share.
    public var cores: Int
    /// Memory in MiB that placement counts.
    public var memoryMiB: Int
    /// Memory in MiB up to which the task may go; zero means `memoryMiB`.
    public var memoryMaxMiB: Int
    /// Devices held exclusively, in the order of the job file.
    public var devices: [DeviceRequest]

    /// Asks for a share of processor time, 100 MHz unless whole cores are asked for, and memory, 300 MiB by default.
    public init(
        cpuMHz: Int? = nil, cores: Int = 0, memoryMiB: Int = 300, memoryMaxMiB: Int = 0, devices: [DeviceRequest] = []
    ) {
        self.cpuMHz = cpuMHz ?? (cores == 0 ? 100 : 0)
        self.cores = cores
        self.memoryMiB = memoryMiB
        self.memoryMaxMiB = memoryMaxMiB
        self.devices = devices
    }
}

extension TaskResources: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TaskResources(
                cpuMHz: try fields.next(Int.self), cores: try fields.next(), memoryMiB: try fields.next(),
                memoryMaxMiB: try fields.next(), devices: try fields.next(or: []))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(cpuMHz)
            $0.put(cores)
            $0.put(memoryMiB)
            $0.put(memoryMaxMiB)
            $0.put(devices)
        }
    }
}

/// How much of a task's output is kept, for each of its two streams.
public struct LogRotation: Hashable, Sendable {
    /// How many files, the newest included.
    public var files: Int
    /// The size in MiB at which a new file is begun.
    public var fileSizeMiB: Int

    /// Keeps ten files of ten MiB by default, as Nomad does.
    public init(files: Int = 10, fileSizeMiB: Int = 10) {
        self.files = files
        self.fileSizeMiB = fileSizeMiB
    }
}

extension LogRotation: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            LogRotation(files: try fields.next(), fileSizeMiB: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(files)
            $0.put(fileSizeMiB)
        }
    }
}
