/// The rules that a node meets or not, whatever runs there and whatever room it has.
///
/// The answer depends on the job, the group and the node's own description only, so it is worth keeping.
struct NodeFilter: Sendable {
    private let datacenters: [String]
    private let pools: [String]
    private let drivers: [String]
    private let volumes: [VolumeRequest]
    private let constraints: [ConstraintCheck<NodeAttribute>]
    private let devices: [DeviceNeed]

    init(_ job: Job, _ group: TaskGroup) {
        datacenters = job.datacenters
        pools = group.pools(in: job)
        drivers = group.drivers
        volumes = group.volumes
        // What several tasks state, or a job and its group, is one rule: a node that breaks it breaks no more.
        var known: Set<Constraint> = []
        constraints = (job.constraints + group.constraints + group.tasks.flatMap(\.constraints))
            .filter { known.insert($0).inserted }.map(ConstraintCheck.init)
        devices = DeviceNeed.all(of: group)
    }

    /// The first rule that `node` breaks, by the name under which refusals count it; `nil` when it meets all.
    func failure(on node: Node) -> String? { Self.closure(of: node) ?? broken(by: node, atMost: 1).first?.name }

    /// What `node` says of the word that the first rule asks about which it breaks; `nil` where that asks about none.
    func word(of node: Node) -> Explanation.Word? {
        Self.closure(of: node) == nil ? broken(by: node, atMost: 1).first?.word(of: node) : nil
    }

    /// Why `node` takes no work at all.
    static func closure(of node: Node) -> String? {
        if node.status != .ready { return "node is not ready" }
        return node.eligibility == .eligible ? nil : "node is not eligible"
    }

    /// Like `failure` without asking whether the node takes new work: what holds for instances that run there already.
    /// A driver that is not well for a while takes nothing new, and ends nothing.
    func mismatch(on node: Node) -> String? {
        broken(by: node, atMost: .max).first { !Self.isForAWhile($0, on: node) }?.name
    }

    /// Whether `node` breaks a rule only as long as a driver is not well, of which its agent then tells nothing else.
    private static func isForAWhile(_ rule: BrokenRule, on node: Node) -> Bool {
        if case .unhealthyDrivers = rule { return true }
        guard case .constraint(let constraint) = rule,
            case .driver(let name, _) = NodeAttribute(constraint.attribute)
        else { return false }
        return node.drivers[name]?.healthy == false
    }

    /// The rules that `node` breaks, whether it takes new work or not, in the order in which they are looked at; once
    /// `most` are found, others need not be there.
    func broken(by node: Node, atMost most: Int) -> [BrokenRule] {
        var broken: [BrokenRule] = []
        if !datacenters.contains(where: { Glob.matches($0, node.datacenter) }) { broken.append(.datacenter) }
        if tier(of: node) == nil { broken.append(.pool) }
        if broken.count >= most { return broken }
        let missing = drivers.filter { node.drivers[$0] == nil }
        if !missing.isEmpty { broken.append(.missingDrivers(missing)) }
        let unhealthy = drivers.filter { node.drivers[$0]?.healthy == false }
        if !unhealthy.isEmpty { broken.append(.unhealthyDrivers(unhealthy)) }
        broken += brokenByVolumes(of: node)
        for check in constraints where broken.count < most && !check.holds(on: node) {
            broken.append(.constraint(check.constraint))
        }
        if broken.count >= most { return broken }
        let absent = devices.filter { !$0.couldBeMet(by: node) }
        if !absent.isEmpty { broken.append(.missingDevices(absent.map(\.name))) }
        return broken
    }

    /// The place of the node's pool among those that are wanted, the preferred one first; `nil` when it is none.
    func tier(of node: Node) -> Int? { Self.tier(of: node, in: pools) }

    /// The same for any `pools`.
    static func tier(of node: Node, in pools: [String]) -> Int? {
        pools.firstIndex { $0 == "all" || $0 == node.pool }
    }

    private func brokenByVolumes(of node: Node) -> [BrokenRule] {
        if volumes.isEmpty { return [] }
        let missing = volumes.filter { $0.kind != "host" || node.hostVolumes[$0.source] == nil }
        let locked = volumes.filter { !$0.readOnly && node.hostVolumes[$0.source]?.readOnly == true }
        return (missing.isEmpty ? [] : [.missingVolumes(missing.map(\.source))])
            + (locked.isEmpty ? [] : [.readOnlyVolumes(locked.map(\.source))])
    }
}

extension TaskGroup {
    /// The pools whose nodes it may use, the preferred one first: its own, or that of its job.
    func pools(in job: Job) -> [String] { nodePools.isEmpty ? [job.nodePool] : nodePools }

    /// The drivers of its tasks, each once.
    var drivers: [String] { Set(tasks.map(\.driver)).sorted() }
}
