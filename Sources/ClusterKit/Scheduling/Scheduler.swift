/// Where to run: given the state, decides for each request the node that takes it, or why none does.
///
/// A conformer's promises: one answer for each request; no node is ever given more than it has, and no port,
/// core or device twice; the same state, requests and entropy give the same answers; a refusal says why.
public protocol Scheduler: Sendable {
    /// Opens a session that stands for `snapshot`. It may look at all nodes: leaders, plans and what-ifs open one each.
    func session(on snapshot: Snapshot) -> any SchedulingSession

    /// Why each node would, or would not, take `request` in `snapshot`. Names every node once, takers first, best
    /// first.
    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation
}

/// A scheduler's view of one state that moves on. It must behave as a value: what is asked of a copy, to try something
/// out, changes nothing in the original.
///
/// The caller's duties:
/// 1. It applies every batch that becomes true, once, in the order of revisions.
/// 2. What `place` reserved is either part of a batch that is applied later, or is released.
public protocol SchedulingSession: Sendable {
    /// Takes in what became true, whoever decided it. An allocation of the batch that was reserved here is reserved no
    /// longer: from now on it holds what the batch says. Returns the nodes that have more to give than before.
    mutating func apply(_ batch: ChangeBatch) -> FreedRoom

    /// Answers each request, in order, as if it were asked alone after those before it, and reserves what it gives: the
    /// room counts as held until a batch confirms it or `release` gives it back. An allocation that has a node already
    /// is refused. Nothing here throws: what does not fit is a refusal, which says why.
    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision]

    /// Gives back what was reserved for allocations that will not be. Those that hold nothing here, or that a batch has
    /// confirmed, are passed over.
    mutating func release(_ reserved: [AllocationID])

    /// What is left on a node now, beside all that is held or reserved there; `nil` when the node is not known. The
    /// queue asks this of every node that has more to give, to spare requests that would be refused: it must be quick.
    func vacancy(on node: NodeID) -> Vacancy?
}

/// What a node has left of what is counted. An amount is negative on a node that has shrunk below what it runs.
public struct Vacancy: Hashable, Sendable {
    /// Processor time in MHz. That of cores which nobody holds exclusively is part of it.
    public var cpuMHz: Int
    /// Memory in MiB.
    public var memoryMiB: Int
    /// Disk in MiB.
    public var diskMiB: Int
    /// Processor cores that nobody holds exclusively.
    public var cores: Int

    /// Takes amounts as they are; none is checked.
    public init(cpuMHz: Int, memoryMiB: Int, diskMiB: Int, cores: Int) {
        self.cpuMHz = cpuMHz
        self.memoryMiB = memoryMiB
        self.diskMiB = diskMiB
        self.cores = cores
    }
}

/// Whether a batch made room that waiting work may use.
public struct FreedRoom: Hashable, Sendable {
    /// Nodes that have more to give than before: something on them ended, they joined, or they changed. Waiting work is
    /// looked at again only for these, so a node that is left out leaves room unused; one too many costs a look.
    public var nodes: Set<NodeID>

    /// Names the nodes; none by default.
    public init(nodes: Set<NodeID> = []) { self.nodes = nodes }

    /// Whether no room was made.
    public var isEmpty: Bool { nodes.isEmpty }
}

/// A group of a job that instances are placed for. Requests for one group share it, so that what can be said once of
/// many instances is said once.
public final class PlacementSubject: Sendable {
    /// The job, for its constraints, datacenters and pool.
    public let job: Job
    /// The group.
    public let group: TaskGroup

    /// Takes the group called `name`; `nil` when the job has none.
    public init?(_ job: Job, group name: String) {
        guard let group = job.group(name) else { return nil }
        self.job = job
        self.group = group
    }
}

extension PlacementSubject: Hashable {
    public static func == (left: PlacementSubject, right: PlacementSubject) -> Bool {
        left === right || left.group.name == right.group.name && left.job == right.job
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(job.id)
        hasher.combine(group.name)
    }
}

/// One instance that wants a node.
public struct PlacementRequest: Hashable, Sendable {
    /// The identifier that the allocation will have.
    public var allocation: AllocationID
    /// What is placed.
    public var subject: PlacementSubject
    /// Nodes to avoid where there is a choice: earlier instances failed there.
    public var avoided: Set<NodeID>
    /// Nodes that are kept for others, and not to be used.
    public var withheld: Set<NodeID>
    /// The one node that is asked about, for work that belongs to it; `nil` asks for the best.
    public var pinned: NodeID?
    /// An older instance of the same group, which ends once this one has a node. When no node has room beside it, the
    /// node that it runs on may take this one in its place: as if it had ended already, for amounts and for rules about
    /// other instances. `Placement.evicting` names it then. A scheduler may ignore this; changed jobs then wait while
    /// the cluster is full.
    public var replacing: AllocationID?

    /// Asks for the best node, unless `pinned` names one.
    public init(
        allocation: AllocationID, subject: PlacementSubject, avoided: Set<NodeID> = [], withheld: Set<NodeID> = [],
        pinned: NodeID? = nil, replacing: AllocationID? = nil
    ) {
        self.allocation = allocation
        self.subject = subject
        self.avoided = avoided
        self.withheld = withheld
        self.pinned = pinned
        self.replacing = replacing
    }
}

/// The answer to one request.
public enum Decision: Hashable, Sendable {
    /// A node takes it.
    case placed(Placement)
    /// No node takes it.
    case refused(Refusal)
}

/// A node, and what the instance holds there.
public struct Placement: Hashable, Sendable {
    /// The node.
    public var node: NodeID
    /// The node's name, if the scheduler has it at hand: it spares a look-up. Never trusted from a scheduler of others.
    public var nodeName: String?
    /// What is held: ports and cores by number, devices by identifier.
    public var resources: AllocatedResources
    /// How well it fits, higher is better: the mean of the parts that an explanation shows. Mostly within -1 to 1, but
    /// many siblings on a node, or an uneven spread, can lead beyond.
    public var score: Double
    /// Allocations that must end first: those that are told to for this instance, those that end for others already and
    /// whose room it needs as well, and the one that it replaces where it has that one's room.
    public var evicting: [AllocationID]

    /// Answers with `node`, where the instance will hold `resources`.
    public init(
        node: NodeID, nodeName: String? = nil, resources: AllocatedResources, score: Double,
        evicting: [AllocationID] = []
    ) {
        self.node = node
        self.nodeName = nodeName
        self.resources = resources
        self.score = score
        self.evicting = evicting
    }
}
