/// Tasks that are placed together on one node: one placed instance of a group is an allocation.
public struct TaskGroup: Hashable, Sendable {
    /// The name, unique within the job.
    public var name: String
    /// How many instances are wanted.
    public var count: Int
    /// Demands beside those of the job.
    public var constraints: [Constraint]
    /// Wishes beside those of the job.
    public var affinities: [Affinity]
    /// How instances are scattered, beside the rules of the job.
    public var spreads: [Spread]
    /// Pools of nodes the group may run on, the preferred one first; empty takes the job's.
    public var nodePools: [String]
    /// Volumes that its node must offer, in the order of the job file.
    public var volumes: [VolumeRequest]
    /// What runs, in the order of the job file.
    public var tasks: [TaskSpec]
    /// When a task that ended is started again on its node.
    public var restart: RestartPolicy
    /// When a failed allocation is placed anew, perhaps elsewhere.
    public var reschedule: ReschedulePolicy
    /// The disk that the tasks share.
    public var disk: EphemeralDisk
    /// Ports; `nil` when the group asks for none.
    public var network: NetworkSpec?
    /// Names under which the group is found.
    public var services: [ServiceSpec]
    /// The rules of roll-outs; `nil` takes the job's.
    public var update: UpdateStrategy?
    /// Free words; they win over the job's of the same key.
    public var meta: [String: String]
    /// How long an instance that is told to stop goes on after its services have left the registry, before its tasks
    /// are told; each task's own time comes on top.
    public var shutdownDelay: Duration
    /// How instances leave a node that is drained; `nil` takes the defaults.
    public var migrate: MigrateStrategy?
    /// Within which bounds the count may be changed; `nil` sets none.
    public var scaling: ScalingBounds?
    /// How long an instance may run; `nil` sets no limit.
    public var runLimit: RunLimit?
    /// Whether its instances are placed together or not at all; `nil` places each by itself.
    public var gang: Gang?
    /// Groups of the same job, by name, that must be well before this one is placed.
    public var after: [String] = []
    /// What becomes of its instances while nothing is heard of their node; `nil` loses them with it.
    public var disconnect: DisconnectPolicy?
    /// Whether there are never two sets of processes of one name: of its node, an instance has a lease, and ends with
    /// it.
    public var atMostOne = false

    /// States a group; what is left out has Nomad's defaults for `kind`.
    public init(
        name: String, count: Int = 1, constraints: [Constraint] = [], affinities: [Affinity] = [],
        spreads: [Spread] = [], nodePools: [String] = [], volumes: [VolumeRequest] = [], tasks: [TaskSpec] = [],
        restart: RestartPolicy? = nil, reschedule: ReschedulePolicy? = nil, disk: EphemeralDisk = EphemeralDisk(),
        network: NetworkSpec? = nil, services: [ServiceSpec] = [], update: UpdateStrategy? = nil,
        meta: [String: String] = [:], shutdownDelay: Duration = .zero, runLimit: RunLimit? = nil,
        kind: JobKind = .service
    ) {
        self.name = name
        self.count = count
        self.constraints = constraints
        self.affinities = affinities
        self.spreads = spreads
        self.nodePools = nodePools
        self.volumes = volumes
        self.tasks = tasks
        self.restart = restart ?? .standard(for: kind)
        self.reschedule = reschedule ?? .standard(for: kind)
        self.disk = disk
        self.network = network
        self.services = services
        self.update = update
        self.meta = meta
        self.shutdownDelay = shutdownDelay
        self.runLimit = runLimit
    }

    /// The task called `name`.
    public func task(_ name: String) -> TaskSpec? { tasks.first { $0.name == name } }

    /// How long the tasks of one instance may take to end once they are told to, all together.
    var killTime: Duration { tasks.map(\.killTimeout).max() ?? .zero }

    /// What one instance takes on its node, exclusive cores and ports apart.
    public var resources: Resources {
        tasks.reduce(Resources(diskMiB: disk.sizeMiB)) { sum, task in
            sum + Resources(cpuMHz: task.resources.cpuMHz, memoryMiB: task.resources.memoryMiB)
        }
    }
}

extension TaskGroup: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var group = TaskGroup(
                name: try fields.next(), count: try fields.next(), constraints: try fields.next(),
                tasks: try fields.next(), restart: try fields.next(RestartPolicy.self),
                reschedule: try fields.next(ReschedulePolicy.self), disk: try fields.next(),
                network: try fields.next(), services: try fields.next(), update: try fields.next(),
                meta: try fields.next(), shutdownDelay: try fields.next(or: .zero))
            group.affinities = try fields.next(or: [])
            group.spreads = try fields.next(or: [])
            group.nodePools = try fields.next(or: [])
            group.volumes = try fields.next(or: [])
            group.migrate = try fields.next(or: nil)
            group.scaling = try fields.next(or: nil)
            group.runLimit = try fields.next(or: nil)
            group.gang = try fields.next(or: nil)
            group.after = try fields.next(or: [])
            group.disconnect = try fields.next(or: nil)
            group.atMostOne = try fields.next(or: false)
            return group
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(name)
            $0.put(count)
            $0.put(constraints)
            $0.put(tasks)
            $0.put(restart)
            $0.put(reschedule)
            $0.put(disk)
            $0.put(network)
            $0.put(services)
            $0.put(update)
            $0.put(meta)
            $0.put(shutdownDelay)
            $0.put(affinities)
            $0.put(spreads)
            $0.put(nodePools)
            $0.put(volumes)
            $0.put(migrate)
            $0.put(scaling)
            $0.put(runLimit)
            $0.put(gang)
            $0.put(after)
            $0.put(disconnect)
            $0.put(atMostOne)
        }
    }
}

/// The disk that an allocation's tasks share.
public struct EphemeralDisk: Hashable, Sendable {
    /// The least that may be asked for, in MiB.
    public static let leastMiB = 10

    /// The size in MiB that placement counts.
    public var sizeMiB: Int

    /// Asks for `sizeMiB`, 300 by default as Nomad does.
    public init(sizeMiB: Int = 300) { self.sizeMiB = sizeMiB }
}

extension EphemeralDisk: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in EphemeralDisk(sizeMiB: try fields.next()) }
    }

    public func write(to writer: inout RecordWriter) { writer.record { $0.put(sizeMiB) } }
}

/// The ports that a group asks for.
public struct NetworkSpec: Hashable, Sendable {
    /// `host` is the one mode that nodes offer.
    public var mode: String
    /// Ports in the order of the job file.
    public var ports: [PortSpec]

    /// Asks for `ports`.
    public init(mode: String = "host", ports: [PortSpec] = []) {
        self.mode = mode
        self.ports = ports
    }
}

extension NetworkSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            NetworkSpec(mode: try fields.next(), ports: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(mode)
            $0.put(ports)
        }
    }
}

/// One port that a group asks for.
public struct PortSpec: Hashable, Sendable {
    /// The name by which tasks and services mean it.
    public var label: String
    /// The fixed number; 0 lets placement choose a free one.
    public var number: Int
    /// The number inside a container; 0 means the same as on the host.
    public var to: Int

    /// Asks for a port, with a fixed `number` or any.
    public init(label: String, number: Int = 0, to: Int = 0) {
        self.label = label
        self.number = number
        self.to = to
    }
}

extension PortSpec: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            PortSpec(label: try fields.next(), number: try fields.next(), to: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(label)
            $0.put(number)
            $0.put(to)
        }
    }
}
