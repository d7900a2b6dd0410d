/// Everything that decides whether a node can take an instance of a group. Groups with equal demands are
/// interchangeable: a node that takes one takes the other, and what refuses one refuses the other.
struct Demand: Hashable, Sendable {
    /// What the rules of a node are asked: all that `NodeFilter` reads.
    struct Admission: Hashable, Sendable {
        let datacenters: [String]
        let pools: [String]
        let drivers: [String]
        let constraints: [Constraint]
        let volumes: [VolumeRequest]
        let devices: [DeviceRequest]

        init(_ job: Job, _ group: TaskGroup) {
            datacenters = job.datacenters
            pools = group.pools(in: job)
            drivers = group.drivers
            constraints = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
            volumes = group.volumes
            devices = group.tasks.flatMap(\.resources.devices)
        }
    }

    /// Whose instances an instance does not share a node with.
    enum Apart: Hashable, Sendable {
        case nobody, group, job
    }

    let admission: Admission
    let amounts: DemandedAmounts
    /// The numbers of the ports that are asked for, 0 for any.
    let ports: [Int]
    /// The group itself, when what is known of this group alone decides as well: then no other shares its line.
    let onlyFor: GroupKey?
    /// Whose instances keep the next one off their node.
    let apart: Apart
    /// Whether it counts where an attribute has equal values: the end of an instance may open nodes other than its own.
    let countsPropertyValues: Bool
    /// Whether each node has one instance of its own.
    let runsEverywhere: Bool
    /// How long room is kept for all its instances, for a group whose instances are placed together or not at all.
    let gangWindow: Duration?
    /// Whether it may take the room of less important work, so that what is free does not tell whether it fits.
    let preempts: Bool

    /// Whether instances of an older version of the job run: what they hold is not free, and the new ones may have it.
    let replaces: Bool

    /// What instances on one node of the group itself mean for the next one.
    enum OwnInstances {
        case nothing, keepsOff, givesRoom
    }

    /// What a group of the newest version of `job` demands. `replaces` says whether older ones run.
    init(_ job: Job, _ group: TaskGroup, _ rules: SchedulingRules, replaces: Bool = false) {
        admission = Admission(job, group)
        amounts = DemandedAmounts(GroupNeeds(group))
        ports = (group.network?.ports ?? []).map(\.number).sorted()
        runsEverywhere = job.kind.runsEverywhere
        if job.constraints.contains(where: \.keepsHostsApart) {
            apart = .job
        } else if runsEverywhere || admission.constraints.contains(where: \.keepsHostsApart) {
            apart = .group
        } else {
            apart = .nobody
        }
        countsPropertyValues = admission.constraints.contains { $0.comparison == .distinctProperty }
        preempts = rules.preempting.contains(job.kind)
        self.replaces = replaces
        gangWindow = group.gang?.window
        let isSpecial = apart != .nobody || countsPropertyValues || preempts || replaces || gangWindow != nil
        onlyFor = isSpecial ? GroupKey(job: job.id, group: group.name) : nil
    }

    /// Whether a node may be kept for it. Not for groups that this would not help: those that count values of nodes,
    /// run on every node, or have nodes kept as a gang.
    var mayHaveNodeKept: Bool { !countsPropertyValues && !runsEverywhere && gangWindow == nil }
}

/// What an instance takes of what is counted.
struct DemandedAmounts: Hashable, Sendable {
    /// Processor time in MHz beside whole cores.
    var cpu: Int
    var memory: Int
    var disk: Int
    var cores: Int

    /// More than any node has.
    static let endless = DemandedAmounts(cpu: .max, memory: .max, disk: .max, cores: .max)
    /// Less than any node has, those included that shrank below what they run.
    static let least = DemandedAmounts(cpu: .min, memory: .min, disk: .min, cores: .min)

    init(cpu: Int, memory: Int, disk: Int, cores: Int) {
        self.cpu = cpu
        self.memory = memory
        self.disk = disk
        self.cores = cores
    }

    init(_ needs: GroupNeeds) {
        self.init(cpu: needs.cpu, memory: needs.memory, disk: needs.disk, cores: needs.cores)
    }

    func fits(in room: Vacancy) -> Bool {
        cpu <= room.cpuMHz && memory <= room.memoryMiB && disk <= room.diskMiB && cores <= room.cores
    }

    /// The same with the processor time that whole cores take along where one is worth `share`.
    func countingCores(share: Int) -> DemandedAmounts {
        guard cores > 0 else { return self }
        let (product, overflow) = cores.multipliedReportingOverflow(by: share)
        let (sum, more) = cpu.addingReportingOverflow(product)
        var amounts = self
        amounts.cpu = overflow || more ? .max : sum
        return amounts
    }

    /// The lesser of each.
    func lesser(_ other: DemandedAmounts) -> DemandedAmounts {
        DemandedAmounts(
            cpu: min(cpu, other.cpu), memory: min(memory, other.memory), disk: min(disk, other.disk),
            cores: min(cores, other.cores))
    }

    /// How much is missing in `room`: the sum of the missing shares of each amount, 0 when it fits.
    func missing(in room: Vacancy) -> Double {
        Self.share(cpu, room.cpuMHz) + Self.share(memory, room.memoryMiB) + Self.share(disk, room.diskMiB)
            + Self.share(cores, room.cores)
    }

    private static func share(_ needed: Int, _ free: Int) -> Double {
        needed > free ? (Double(needed) - Double(free)) / Double(max(1, needed)) : 0
    }
}
