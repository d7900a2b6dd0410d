/// An allocation as the servers list it; the single one has all of this and more.
public struct AllocationWire: Decodable, Hashable, Sendable {
    /// The identifier.
    public var id: String
    /// `job.group[index]`.
    public var name: String
    /// The namespace.
    public var namespace: String
    /// The evaluation that placed it.
    public var evaluation: String
    /// The node.
    public var node: String
    /// That node's name.
    public var nodeName: String
    /// The job.
    public var job: String
    /// The version of the job; only in lists.
    public var jobVersion: Int?
    /// What is read of the job's whole statement, which the single one holds, and those of a node.
    public var statement: Statement?
    /// The group.
    public var group: String
    /// `run`, `stop` or `evict`.
    public var desiredStatus: String
    /// Why; left out by some servers when empty.
    public var desiredDescription: String?
    /// `pending`, `running`, `complete`, `failed` or `lost`.
    public var clientStatus: String
    /// In words.
    public var clientDescription: String?
    /// What its failure is to be blamed on: `exit`, `driver`, `node`, `memory`, `disk` or `setup`; only this cluster's
    /// servers say that, and only of what failed or was lost.
    public var failureCause: String?
    /// What is wanted of it beyond that it runs: `migrate`, `force-migrate`, `retire` or `replace`; only this
    /// cluster's servers say that, and what the next two tell.
    public var wish: String?
    /// Whether it may act on changed templates: `waiting`, `granted` or `settling`; `nil` while there are none.
    public var reloadPhase: String?
    /// Since when there are, in nanoseconds since 1970.
    public var reloadSince: Int64?
    /// How its work stands; only this cluster's servers say that, and only of what tells them.
    public var work: WorkWire?
    /// The roll-out that placed it; empty for none, and only on the single one.
    public var deployment: String?
    /// Whether it is well, as far as a roll-out looks at that.
    public var deploymentStatus: DeploymentStatus?
    /// The tasks by name.
    public var tasks: [String: TaskStateWire]?
    /// The instances of other jobs that ended to make room for it.
    public var preempted: [String]?
    /// The evaluation that will place it anew later; empty for none.
    public var followUp: String?
    /// The allocation that this one replaces; only on the single one.
    public var previous: String?
    /// The allocation that replaces this one; empty for none, and left out of lists by older servers.
    public var next: String?
    /// What it holds; on the single one, and in lists when asked for.
    public var resources: AllocatedResourcesWire?
    /// The revision that placed it.
    public var createIndex: UInt64
    /// The revision that last changed it.
    public var modifyIndex: UInt64
    /// When it was placed, in nanoseconds since 1970.
    public var createTime: Int64
    /// When it last changed, in nanoseconds since 1970.
    public var modifyTime: Int64

    /// The version of the job that it runs; `nil` where that has been forgotten.
    public var version: Int? { jobVersion ?? statement?.version }

    /// The version of a job's statement.
    public struct Statement: Decodable, Hashable, Sendable {
        /// The version.
        public var version: Int
        enum CodingKeys: String, CodingKey { case version = "Version" }
    }

    /// What a roll-out found out about an instance.
    public struct DeploymentStatus: Decodable, Hashable, Sendable {
        /// Whether it is well; `nil` while that is not known.
        public var isHealthy: Bool?
        /// Whether it was placed beside the others first.
        public var isCanary: Bool?

        enum CodingKeys: String, CodingKey {
            case isHealthy = "Healthy"
            case isCanary = "Canary"
        }
    }

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case name = "Name"
        case namespace = "Namespace"
        case evaluation = "EvalID"
        case node = "NodeID"
        case nodeName = "NodeName"
        case job = "JobID"
        case jobVersion = "JobVersion"
        case statement = "Job"
        case group = "TaskGroup"
        case desiredStatus = "DesiredStatus"
        case desiredDescription = "DesiredDescription"
        case clientStatus = "ClientStatus"
        case clientDescription = "ClientDescription"
        case failureCause = "FailureCause"
        case wish = "Wish"
        case reloadPhase = "ReloadPhase"
        case reloadSince = "ReloadSince"
        case work = "Work"
        case deployment = "DeploymentID"
        case deploymentStatus = "DeploymentStatus"
        case tasks = "TaskStates"
        case preempted = "PreemptedAllocations"
        case followUp = "FollowupEvalID"
        case previous = "PreviousAllocation"
        case next = "NextAllocation"
        case resources = "AllocatedResources"
        case createIndex = "CreateIndex"
        case modifyIndex = "ModifyIndex"
        case createTime = "CreateTime"
        case modifyTime = "ModifyTime"
    }
}

/// What is known of one task.
public struct TaskStateWire: Decodable, Hashable, Sendable {
    /// `pending`, `running` or `dead`.
    public var state: String
    /// Whether its end counts as a failure.
    public var failed: Bool
    /// How often it was started again.
    public var restarts: Int
    /// When it last started, in the form of RFC 3339.
    public var startedAt: String?
    /// When it ended.
    public var finishedAt: String?
    /// What happened to it, oldest first.
    public var events: [TaskEventWire]?

    enum CodingKeys: String, CodingKey {
        case state = "State"
        case failed = "Failed"
        case restarts = "Restarts"
        case startedAt = "StartedAt"
        case finishedAt = "FinishedAt"
        case events = "Events"
    }
}

/// Something that happened to a task.
public struct TaskEventWire: Decodable, Hashable, Sendable {
    /// What kind of thing.
    public var type: String
    /// When, in nanoseconds since 1970.
    public var time: Int64
    /// What happened, for people.
    public var message: String
    /// The exit code of a task that ended.
    public var exitCode: Int

    enum CodingKeys: String, CodingKey {
        case type = "Type"
        case time = "Time"
        case message = "DisplayMessage"
        case exitCode = "ExitCode"
    }
}

/// What an allocation holds.
public struct AllocatedResourcesWire: Decodable, Hashable, Sendable {
    /// What each task holds, by name.
    public var tasks: [String: TaskShare]
    /// What the tasks share.
    public var shared: Shared

    /// What one task holds.
    public struct TaskShare: Decodable, Hashable, Sendable {
        /// Processor time.
        public var cpu: CPU
        /// Memory.
        public var memory: Memory

        enum CodingKeys: String, CodingKey {
            case cpu = "Cpu"
            case memory = "Memory"
        }
    }

    /// Processor time.
    public struct CPU: Decodable, Hashable, Sendable {
        /// In MHz.
        public var shares: Int
        enum CodingKeys: String, CodingKey { case shares = "CpuShares" }
    }

    /// Memory.
    public struct Memory: Decodable, Hashable, Sendable {
        /// In MiB.
        public var memoryMiB: Int
        enum CodingKeys: String, CodingKey { case memoryMiB = "MemoryMB" }
    }

    /// What the tasks of an allocation share.
    public struct Shared: Decodable, Hashable, Sendable {
        /// Disk in MiB.
        public var diskMiB: Int
        /// Ports.
        public var ports: [Port]?

        enum CodingKeys: String, CodingKey {
            case diskMiB = "DiskMB"
            case ports = "Ports"
        }
    }

    /// One port.
    public struct Port: Decodable, Hashable, Sendable {
        /// The label in the job file.
        public var label: String
        /// The number on the host.
        public var value: Int
        /// The address on the host.
        public var hostIP: String

        enum CodingKeys: String, CodingKey {
            case label = "Label"
            case value = "Value"
            case hostIP = "HostIP"
        }
    }

    enum CodingKeys: String, CodingKey {
        case tasks = "Tasks"
        case shared = "Shared"
    }
}
