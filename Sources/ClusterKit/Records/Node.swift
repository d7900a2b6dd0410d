/// Names a node. It is made once by the agent and kept in its data folder.
public typealias NodeID = Identifier<Node>

/// Whether a node can be counted on.
public enum NodeStatus: String, StoredWord {
    /// Known, not yet heard of.
    case initializing
    /// Sends heartbeats.
    case ready
    /// Missed its heartbeats; what ran there counts as lost.
    case down
}

/// Whether new work may be placed on a node.
public enum NodeEligibility: String, StoredWord {
    /// It may.
    case eligible
    /// It may not; what runs goes on.
    case ineligible
}

/// A machine that runs allocations, as its agent described it.
public struct Node: Hashable, Sendable {
    /// The identifier.
    public var id: NodeID
    /// The name shown.
    public var name: String
    /// The datacenter it stands in.
    public var datacenter: String
    /// The pool it belongs to.
    public var pool: String
    /// A free word that groups nodes of one kind.
    public var nodeClass: String
    /// The address at which its ports are reached.
    public var address: String
    /// The version of the agent's program.
    public var version: String
    /// What was found out about the machine, by Nomad's names: `kernel.name`, `cpu.arch`, …
    public var attributes: [String: String]
    /// Free words of the operator.
    public var meta: [String: String]
    /// The totals of the machine.
    public var capacity: Resources
    /// What is kept back from allocations.
    public var reserved: Resources
    /// How many processor cores can be held exclusively; they are numbered from 0.
    public var cores: Int
    /// Ports that are never given out.
    public var reservedPorts: [Int]
    /// Cores that are never held exclusively, by number.
    public var reservedCores: [Int] = []
    /// The lowest and highest number given to dynamic ports.
    public var dynamicPorts: ClosedRange<Int>
    /// Drivers by name.
    public var drivers: [String: DriverStatus]
    /// Devices that tasks may hold, in groups of equal ones.
    public var devices: [DeviceGroup] = []
    /// Folders that jobs may use, by name.
    public var hostVolumes: [String: HostVolume] = [:]
    /// Whether it can be counted on.
    public var status: NodeStatus = .initializing
    /// Why it has that status.
    public var statusDescription: String = ""
    /// When the status last changed.
    public var statusTime: WallTime = WallTime(nanoseconds: 0)
    /// Whether it takes new work.
    public var eligibility: NodeEligibility = .eligible
    /// The wish that it be empty; `nil` when nobody has it, or all is done.
    public var drain: NodeDrain?
    /// When it was set aside for failing what other nodes pass; `nil` unless that is why it takes no work.
    public var setAside: WallTime?
    /// When an operator last said that it can take work: what failed there before says nothing any more.
    public var wellSince: WallTime?
    /// The last ten things that happened to it.
    public var events: [NodeEvent] = []
    /// The revision that first held the node.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// Describes a machine.
    public init(
        id: NodeID, name: String, datacenter: String = "dc1", pool: String = "default", nodeClass: String = "",
        address: String = "127.0.0.1", version: String = "", attributes: [String: String] = [:],
        meta: [String: String] = [:], capacity: Resources, reserved: Resources = Resources(), cores: Int = 0,
        reservedPorts: [Int] = [], dynamicPorts: ClosedRange<Int> = 20_000...32_000,
        drivers: [String: DriverStatus] = [:]
    ) {
        self.id = id
        self.name = name
        self.datacenter = datacenter
        self.pool = pool
        self.nodeClass = nodeClass
        self.address = address
        self.version = version
        self.attributes = attributes
        self.meta = meta
        self.capacity = capacity
        self.reserved = reserved
        self.cores = cores
        self.reservedPorts = reservedPorts
        self.dynamicPorts = dynamicPorts
        self.drivers = drivers
    }

    /// What allocations may take in all.
    public var usable: Resources { capacity - reserved }

    /// Whether new work may be placed here now.
    public var takesWork: Bool { status == .ready && eligibility == .eligible }

    /// Adds an event and keeps the last ten.
    public mutating func note(_ event: NodeEvent) {
        events.append(event)
        if events.count > 10 { events.removeFirst(events.count - 10) }
    }
}

extension Node: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var node = Node(
                id: try fields.next(), name: try fields.next(), datacenter: try fields.next(),
                pool: try fields.next(), nodeClass: try fields.next(), address: try fields.next(),
                version: try fields.next(), attributes: try fields.next(), meta: try fields.next(),
                capacity: try fields.next(), reserved: try fields.next(), cores: try fields.next(),
                reservedPorts: try fields.next(), dynamicPorts: try Self.range(from: &fields),
                drivers: try fields.next())
            node.status = try fields.next()
            node.statusDescription = try fields.next()
            node.statusTime = try fields.next()
            node.eligibility = try fields.next()
            node.events = try fields.next()
            node.createRevision = try fields.next()
            node.modifyRevision = try fields.next()
            node.devices = try fields.next(or: [])
            node.hostVolumes = try fields.next(or: [:])
            node.drain = try fields.next(or: nil)
            node.setAside = try fields.next(or: nil)
            node.wellSince = try fields.next(or: nil)
            node.reservedCores = try fields.next(or: [])
            return node
        }
    }

    private static func range(from reader: inout RecordReader) throws(RecordError) -> ClosedRange<Int> {
        let lower: Int = try reader.next()
        let upper: Int = try reader.next()
        guard lower <= upper else { throw RecordError("expected a range of ports, found \(lower) to \(upper)") }
        return lower...upper
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(name)
            $0.put(datacenter)
            $0.put(pool)
            $0.put(nodeClass)
            $0.put(address)
            $0.put(version)
            $0.put(attributes)
            $0.put(meta)
            $0.put(capacity)
            $0.put(reserved)
            $0.put(cores)
            $0.put(reservedPorts)
            $0.put(dynamicPorts.lowerBound)
            $0.put(dynamicPorts.upperBound)
            $0.put(drivers)
            $0.put(status)
            $0.put(statusDescription)
            $0.put(statusTime)
            $0.put(eligibility)
            $0.put(events)
            $0.put(createRevision)
            $0.put(modifyRevision)
            $0.put(devices)
            $0.put(hostVolumes)
            $0.put(drain)
            $0.put(setAside)
            $0.put(wellSince)
            $0.put(reservedCores)
        }
    }
}

/// What a driver says of itself on one node.
public struct DriverStatus: Hashable, Sendable {
    /// Whether it can start tasks now.
    public var healthy: Bool
    /// Why, in words.
    public var description: String
    /// What it found out, by Nomad's names: `driver.raw_exec` and the like.
    public var attributes: [String: String]

    /// States the health of a driver.
    public init(healthy: Bool, description: String = "Healthy", attributes: [String: String] = [:]) {
        self.healthy = healthy
        self.description = description
        self.attributes = attributes
    }
}

extension DriverStatus: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            DriverStatus(healthy: try fields.next(), description: try fields.next(), attributes: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(healthy)
            $0.put(description)
            $0.put(attributes)
        }
    }
}

/// Something that happened to a node.
public struct NodeEvent: Hashable, Sendable {
    /// When.
    public var time: WallTime
    /// The part that reports it: `Cluster`, `Driver`, `Drain`.
    public var subsystem: String
    /// What happened.
    public var message: String

    /// Records that `message` happened.
    public init(time: WallTime, subsystem: String = "Cluster", message: String) {
        self.time = time
        self.subsystem = subsystem
        self.message = message
    }
}

extension NodeEvent: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            NodeEvent(time: try fields.next(), subsystem: try fields.next(), message: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(time)
            $0.put(subsystem)
            $0.put(message)
        }
    }
}
