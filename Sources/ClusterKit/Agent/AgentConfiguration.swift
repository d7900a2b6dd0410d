/// What an agent is told when it is made.
public struct AgentConfiguration: Hashable, Sendable {
    /// The folder that is the agent's alone: its identity, its journal and the folders of allocations. An absolute
    /// path.
    public var dataFolder: String
    /// The name shown; `nil` takes the machine's.
    public var nodeName: String?
    /// The datacenter it stands in.
    public var datacenter = "dc1"
    /// The pool it belongs to.
    public var pool = "default"
    /// A free word that groups nodes of one kind.
    public var nodeClass = ""
    /// Free words of the operator, seen by constraints and by `${meta.…}`.
    public var meta: [String: String] = [:]
    /// The address at which the ports of tasks are reached; `nil` takes the machine's first that is not loopback.
    public var address: String?
    /// The totals of the machine; `nil` measures them.
    public var capacity: Resources?
    /// What is kept back from allocations.
    public var reserved = Resources()
    /// Ports that are never given out.
    public var reservedPorts: [Int] = []
    /// Cores that no task holds exclusively, by number from 0. Their share of the processor time is kept back too;
    /// numbers that the machine has not are left out.
    public var reservedCores: [Int] = []
    /// The lowest and highest number given to dynamic ports.
    public var dynamicPorts: ClosedRange<Int> = 20_000...32_000
    /// Devices that tasks may hold, in groups of equal ones: nothing looks for them.
    public var devices: [DeviceGroup] = []
    /// Folders that jobs may ask for, by name. They must be there when the agent starts.
    public var hostVolumes: [String: HostVolume] = [:]
    /// The most time that a task gets between the polite signal and `SIGKILL`, whatever its job asks for.
    public var maxKillTimeout: Duration = .seconds(30)
    /// How many ended allocations keep their folders, for their logs.
    public var keptAllocations = 50
    /// How full the file system of the data folder may be, in percent, before ended allocations lose their folders,
    /// the oldest first: Nomad's `gc_disk_usage_threshold`.
    public var diskThreshold = 80.0
    /// How much of its entries for files may be used, in percent: Nomad's `gc_inode_usage_threshold`.
    public var inodeThreshold = 70.0
    /// The wait between two looks at it: Nomad's `gc_interval`.
    public var surveyInterval: Duration = .seconds(60)
    /// Whether tasks end with the agent: for development. Otherwise they go on and the next agent finds them.
    public var stopTasksOnShutdown = false
    /// Where secrets of tasks are kept.
    public var secrets = SecretsPlace.memory
    /// Whether script checks that name no task run on the machine itself, as the agent's user. Whoever may submit jobs
    /// can then run anything there, outside the limits of any task.
    public var allowsHostScripts = false
    /// How often drivers are asked whether they are well.
    public var driverInterval: Duration = .seconds(30)
    /// How often tasks and the machine are measured, where the link takes figures: once a second at most, zero for
    /// never.
    public var measureInterval: Duration = .seconds(10)
    /// The version of the program that runs the agent.
    public var version = ""

    /// Where secrets of tasks are kept.
    public enum SecretsPlace: Hashable, Sendable {
        /// In memory where the machine lets the agent mount it, else in a folder that is the agent's alone.
        case memory
        /// In a folder that is the agent's alone.
        case folder
    }

    /// Keeps everything under `dataFolder`.
    public init(dataFolder: String) { self.dataFolder = dataFolder }

    /// The rules that the core needs.
    var policy: AgentPolicy {
        var policy = AgentPolicy()
        policy.maxKillTimeout = max(.zero, maxKillTimeout)
        policy.keptAllocations = max(0, keptAllocations)
        policy.diskThreshold = diskThreshold
        policy.inodeThreshold = inodeThreshold
        policy.surveyInterval = max(.seconds(1), surveyInterval)
        policy.stopTasksOnShutdown = stopTasksOnShutdown
        return policy
    }
}
