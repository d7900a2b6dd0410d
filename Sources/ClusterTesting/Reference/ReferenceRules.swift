package import ClusterKit

/// Which nodes a group may use, spelled out once more for `ReferenceScheduler`.
package enum ReferenceRules {
    /// The first rule that `node` breaks, with `here` on it.
    static func broken(
        by node: Node, _ request: PlacementRequest, _ here: [ReferenceHolder], _ tally: ReferenceTally
    ) -> String? {
        if let rule = standing(node, request) { return rule }
        let (job, group) = (request.subject.job, request.subject.group)
        let family = here.filter { $0.job == job.id }
        if asksDistinctHosts(job.constraints), !family.isEmpty { return "distinct_hosts" }
        if asksDistinctHosts(group.constraints), family.contains(where: { $0.group == group.name }) {
            return "distinct_hosts"
        }
        return tally.brokenProperty(by: node)
    }

    /// The first rule that `node` breaks whatever runs on it.
    package static func standing(_ node: Node, _ request: PlacementRequest) -> String? {
        let (job, group) = (request.subject.job, request.subject.group)
        guard node.status == .ready else { return "not ready" }
        guard node.eligibility == .eligible else { return "not eligible" }
        if request.withheld.contains(node.id) { return "kept for other work" }
        if let pinned = request.pinned, pinned != node.id { return "another node is meant" }
        guard job.datacenters.contains(where: { glob(Array($0), Array(node.datacenter)) }) else { return "datacenter" }
        guard tier(of: node, request.subject) != nil else { return "node pool" }
        for task in group.tasks where node.drivers[task.driver]?.healthy != true { return "driver \(task.driver)" }
        for volume in group.volumes where !offers(volume, node) { return "volume \(volume.source)" }
        let constraints = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
        for constraint in constraints where !holds(constraint, on: node) { return "\(constraint)" }
        return ReferenceDevices.areThinkable(for: group, on: node) ? nil : "devices"
    }

    /// The place of the node's pool in the order that the group wants; `nil` when it wants others.
    static func tier(of node: Node, _ subject: PlacementSubject) -> Int? {
        let pools = subject.group.nodePools.isEmpty ? [subject.job.nodePool] : subject.group.nodePools
        return pools.firstIndex { $0 == "all" || $0 == node.pool }
    }

    private static func offers(_ volume: VolumeRequest, _ node: Node) -> Bool {
        guard volume.kind == "host", let offered = node.hostVolumes[volume.source] else { return false }
        return volume.readOnly || !offered.readOnly
    }

    private static func asksDistinctHosts(_ constraints: [Constraint]) -> Bool {
        constraints.contains { $0.comparison == .distinctHosts && $0.value != "false" }
    }

    /// How many instances `distinct_property` lets one value have: none where Nomad cannot read the number.
    static func limit(of rule: Constraint) -> Int { rule.value.isEmpty ? 1 : Int(rule.value) ?? 0 }

    /// Whether one rule about attributes holds; what counts instances is looked at elsewhere.
    static func holds(_ constraint: Constraint, on node: Node) -> Bool {
        switch constraint.comparison {
        case .distinctHosts, .distinctProperty: true
        default:
            ReferenceComparison.holds(
                constraint.comparison, resolve(constraint.attribute, node), resolve(constraint.value, node))
        }
    }

    private static func glob(_ pattern: [Character], _ text: [Character]) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = Array(pattern.dropFirst())
        if first == "*" { return (0...text.count).contains { glob(rest, Array(text.dropFirst($0))) } }
        return text.first == first && glob(rest, Array(text.dropFirst()))
    }

    /// The value that `text` stands for on `node`: itself unless it is `${…}`.
    static func resolve(_ text: String, _ node: Node) -> String? {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return text }
        let name = String(text.dropFirst(2).dropLast())
        switch name {
        case "node.unique.id": return node.id.description
        case "node.unique.name": return node.name
        case "node.datacenter": return node.datacenter
        case "node.class": return node.nodeClass
        case "node.pool": return node.pool
        default: break
        }
        if name.hasPrefix("unique.") { return node.attributes[name] }
        if name.hasPrefix("meta.") { return node.meta[String(name.dropFirst(5))] }
        guard name.hasPrefix("attr.") else { return nil }
        let key = String(name.dropFirst(5))
        if let value = node.attributes[key] { return value }
        guard key.hasPrefix("driver.") else { return nil }
        let driver = key.dropFirst(7).prefix { $0 != "." }
        return node.drivers[String(driver)]?.attributes[key]
    }
}
