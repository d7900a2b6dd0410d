/// Names an instance: `_nomad-task-ALLOCATION-KEY`, as Nomad registers it with Consul.
public struct ServiceInstanceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text.
    public let description: String

    /// Names the instance of a service that an allocation runs.
    public init(_ allocation: AllocationID, key: String) { description = "_nomad-task-\(allocation)-\(key)" }

    /// Takes the identifier of an instance that runs under no allocation.
    public init(_ text: String) { description = text }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// One running instance of a service: what a client needs to reach it, and how well it is.
///
/// It is no record of its own. It follows from its allocation, so what stops the allocation withdraws the instance in
/// the same batch, and no second registry can drift away.
public struct ServiceInstance: Hashable, Sendable, Identifiable {
    /// The identifier.
    public var id: ServiceInstanceID
    /// The service's name.
    public var name: String
    /// The namespace of its job.
    public var namespace: String
    /// The job.
    public var job: JobID
    /// The allocation that runs it.
    public var allocation: AllocationID
    /// Which leader placed that; routes and leases refuse an older one.
    public var epoch: Epoch
    /// The node by identifier.
    public var node: NodeID
    /// The node by name.
    public var nodeName: String
    /// The datacenter of the node.
    public var datacenter: String
    /// The address of the node.
    public var nodeAddress: String
    /// Where it is reached; an IP address as text.
    public var address: String
    /// The port; 0 for a service that states none.
    public var port: Int
    /// Words that clients and routes select by.
    public var tags: [String]
    /// Free words.
    public var meta: [String: String]
    /// What its checks found, in the order of the job.
    public var checks: [CheckStatus]
    /// The revision in which it first ran.
    public var createRevision: Revision = .zero
    /// The revision that last changed anything of it.
    public var modifyRevision: Revision = .zero

    /// States an instance.
    public init(
        id: ServiceInstanceID, name: String, job: JobID, allocation: AllocationID, epoch: Epoch, node: NodeID,
        nodeName: String, datacenter: String = "dc1", nodeAddress: String, address: String, port: Int,
        tags: [String] = [], meta: [String: String] = [:], checks: [CheckStatus] = []
    ) {
        self.id = id
        self.name = name
        namespace = job.namespace
        self.job = job
        self.allocation = allocation
        self.epoch = epoch
        self.node = node
        self.nodeName = nodeName
        self.datacenter = datacenter
        self.nodeAddress = nodeAddress
        self.address = address
        self.port = port
        self.tags = tags
        self.meta = meta
        self.checks = checks
    }

    /// The worst that any of its checks found; passing when there is none.
    public var health: CheckHealth { checks.map(\.health).min() ?? .passing }

    /// Whether it may be offered to clients: it passes, or warns. That includes the health that a job states for the
    /// time before the first check.
    public var isOffered: Bool {
        #if MUTANTS
            if Sabotage.active == .servesCritical { return true }
        #endif
        return health > .critical
    }
}
