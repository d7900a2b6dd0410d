/// A node as the servers show it; the single one has more than the listed one.
public struct NodeWire: Decodable, Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// The name shown.
    public var name: String
    /// The datacenter.
    public var datacenter: String
    /// The pool; only servers that know pools say it.
    public var pool: String?
    /// The class; often empty.
    public var nodeClass: String
    /// The address, in lists.
    public var address: String?
    /// The version of the agent's program, in lists.
    public var version: String?
    /// `initializing`, `ready` or `down`.
    public var status: String
    /// Why.
    public var statusDescription: String
    /// `eligible` or `ineligible`.
    public var eligibility: String
    /// Whether its work is being moved away.
    public var drain: Bool
    /// How; only on the single one, and while it is drained.
    public var drainStrategy: DrainWire?
    /// Its newest drain, which may be over; `nil` where nobody knows of one.
    public var lastDrain: LastDrainWire?
    /// Drivers by name.
    public var drivers: [String: Driver]?
    /// What was found out about the machine; only on the single one.
    public var attributes: [String: String]?
    /// Words of the operator; only on the single one.
    public var meta: [String: String]?
    /// The totals of the machine; on the single one, and in lists when asked for.
    public var resources: Amounts?
    /// What of that no job gets.
    public var reserved: Amounts?
    /// Folders that jobs may use, by name.
    public var hostVolumes: [String: HostVolume]?
    /// What happened to it; only on the single one.
    public var events: [Event]?
    /// The revision that last changed it.
    public var modifyIndex: UInt64

    /// What a driver says of itself.
    public struct Driver: Decodable, Hashable, Sendable {
        /// Whether the machine has it.
        public var detected: Bool
        /// Whether it can start tasks.
        public var healthy: Bool
        /// Why.
        public var description: String

        enum CodingKeys: String, CodingKey {
            case detected = "Detected"
            case healthy = "Healthy"
            case description = "HealthDescription"
        }
    }

    /// A folder that jobs may use.
    public struct HostVolume: Decodable, Hashable, Sendable {
        /// The folder.
        public var path: String
        /// Whether nobody may write to it.
        public var readOnly: Bool

        enum CodingKeys: String, CodingKey {
            case path = "Path"
            case readOnly = "ReadOnly"
        }
    }

    /// Equal devices of a machine.
    public struct DeviceGroup: Decodable, Hashable, Sendable {
        /// Who makes them.
        public var vendor: String
        /// What kind they are.
        public var kind: String
        /// Which model they are.
        public var model: String
        /// The single ones.
        public var instances: [Instance]?

        /// A device that one task may hold.
        public struct Instance: Decodable, Hashable, Sendable {
            /// What its vendor calls it.
            public var id: String
            /// Whether it can be given out.
            public var healthy: Bool

            enum CodingKeys: String, CodingKey {
                case id = "ID"
                case healthy = "Healthy"
            }
        }

        enum CodingKeys: String, CodingKey {
            case vendor = "Vendor"
            case kind = "Type"
            case model = "Name"
            case instances = "Instances"
        }
    }

    /// Totals of a machine.
    public struct Amounts: Decodable, Hashable, Sendable {
        /// Processor time.
        public var cpu: AllocatedResourcesWire.CPU
        /// Memory.
        public var memory: AllocatedResourcesWire.Memory
        /// Disk.
        public var disk: Disk
        /// Devices that tasks may hold.
        public var devices: [DeviceGroup]?

        /// Disk.
        public struct Disk: Decodable, Hashable, Sendable {
            /// In MiB.
            public var diskMiB: Int
            enum CodingKeys: String, CodingKey { case diskMiB = "DiskMB" }
        }

        enum CodingKeys: String, CodingKey {
            case cpu = "Cpu"
            case memory = "Memory"
            case disk = "Disk"
            case devices = "Devices"
        }
    }

    /// Something that happened to a node.
    public struct Event: Decodable, Hashable, Sendable {
        /// What happened.
        public var message: String
        /// The part that reports it.
        public var subsystem: String
        /// When, in the form of RFC 3339.
        public var time: String

        enum CodingKeys: String, CodingKey {
            case message = "Message"
            case subsystem = "Subsystem"
            case time = "Timestamp"
        }
    }

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case name = "Name"
        case datacenter = "Datacenter"
        case pool = "NodePool"
        case nodeClass = "NodeClass"
        case address = "Address"
        case version = "Version"
        case status = "Status"
        case statusDescription = "StatusDescription"
        case eligibility = "SchedulingEligibility"
        case drain = "Drain"
        case drainStrategy = "DrainStrategy"
        case lastDrain = "LastDrain"
        case drivers = "Drivers"
        case attributes = "Attributes"
        case meta = "Meta"
        case resources = "NodeResources"
        case reserved = "ReservedResources"
        case hostVolumes = "HostVolumes"
        case events = "Events"
        case modifyIndex = "ModifyIndex"
    }
}
