/// Nodes whose descriptions no rule can tell apart are of one class: what is decided for one of them holds for all.
///
/// A class leaves out what names a single machine: identifier, name, address, everything called `unique.…`, and what an
/// agent measures, in which machines of one kind differ a little. Rules that look at those are decided node by node
/// (`SubjectRules.namesSingleNodes`). Amounts are not part of it either.
struct NodeClasses: Sendable {
    private var numbers: [Key: Int32] = [:]
    /// By number, a node of the class, stripped of what is its own.
    private(set) var samples: [Node] = []
    /// By number, the processor time that one exclusive core takes along.
    private(set) var coreShares: [Int] = []

    private struct Key: Hashable {
        let description: Node
        let coreShare: Int
    }

    /// How many classes were ever met.
    var count: Int { samples.count }

    /// The class of a node, which is a new one when no node was like it. `coreShare` is the processor time that one of
    /// its cores takes along.
    mutating func number(of node: Node, _ coreShare: Int) -> Int32 {
        let key = Key(description: Self.description(of: node), coreShare: coreShare)
        if let known = numbers[key] { return known }
        let number = Int32(truncatingIfNeeded: samples.count)
        numbers[key] = number
        samples.append(key.description)
        coreShares.append(coreShare)
        return number
    }

    private static func description(of node: Node) -> Node {
        var shared = Node(
            id: NodeID(high: 0, low: 0), name: "", datacenter: node.datacenter, pool: node.pool,
            nodeClass: node.nodeClass, address: "", attributes: common(node.attributes), meta: common(node.meta),
            capacity: Resources(),
            drivers: node.drivers.mapValues { status in
                DriverStatus(healthy: status.healthy, description: "", attributes: common(status.attributes))
            })
        shared.status = node.status
        shared.eligibility = node.eligibility
        shared.hostVolumes = node.hostVolumes.mapValues { HostVolume(path: "", readOnly: $0.readOnly) }
        shared.devices = node.devices.map { group in
            var group = group
            for index in group.instances.indices { group.instances[index].id = "\(index)" }
            return group
        }
        return shared
    }

    /// What does not name one machine. Where nothing does it is what was there, for making a dictionary takes long.
    private static func common(_ all: [String: String]) -> [String: String] {
        let isUnique = { (key: String) in key.hasPrefix("unique.") || measured.contains(key) }
        return all.keys.contains(where: isUnique) ? all.filter { !isUnique($0.key) } : all
    }

    /// What agents measure: a few kilobytes or megahertz must not make a class of each machine.
    fileprivate static let measured: Set = ["memory.totalbytes", "cpu.frequency", "cpu.totalcompute"]
}

extension SubjectRules {
    /// Whether a rule or wish looks at what only one machine has, so that nodes of one class may differ in it.
    var namesSingleNodes: Bool {
        let (job, group) = (subject.job, subject.group)
        let constraints = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
        let affinities = job.affinities + group.affinities + group.tasks.flatMap(\.affinities)
        let spreads = job.spreads + group.spreads
        let texts =
            constraints.flatMap { [$0.attribute, $0.value] } + affinities.flatMap { [$0.attribute, $0.value] }
            + spreads.map(\.attribute)
        return texts.contains { text in
            text.hasPrefix("${")
                && (text.contains("unique.") || NodeClasses.measured.contains { text.contains($0) })
        }
    }
}
