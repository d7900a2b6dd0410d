/// The rules about what runs on nodes already: `distinct_hosts` and `distinct_property`.
///
/// Stated by the job they count all of its instances, stated by a group those of the group.
struct DistinctRules: Sendable {
    /// No instance where another of the job is.
    let hostsOfJob: Bool
    /// No instance where another of the group is.
    let hostsOfGroup: Bool
    let properties: [Property]

    /// No more than `limit` instances where `attribute` has one value.
    struct Property: Sendable {
        let constraint: Constraint
        let attribute: NodeAttribute
        let ofJob: Bool
        let limit: Int

        fileprivate init(_ constraint: Constraint, ofJob: Bool) {
            self.constraint = constraint
            self.ofJob = ofJob
            attribute = NodeAttribute(constraint.attribute)
            // Validation refuses a limit that cannot be read. In a job that came past it, it admits nothing, as in
            // Nomad, rather than everything.
            limit = constraint.value.isEmpty ? 1 : max(0, Int(constraint.value) ?? 0)
        }
    }

    init(_ job: Job, _ group: TaskGroup) {
        hostsOfJob = job.constraints.contains(where: \.keepsHostsApart)
        hostsOfGroup = group.constraints.contains(where: \.keepsHostsApart)
        let isProperty = { (constraint: Constraint) in constraint.comparison == .distinctProperty }
        properties =
            job.constraints.filter(isProperty).map { Property($0, ofJob: true) }
            + group.constraints.filter(isProperty).map { Property($0, ofJob: false) }
    }
}

extension Constraint {
    /// Whether it is `distinct_hosts`. As in Nomad the rule may be stated and switched off by the value `false`.
    var keepsHostsApart: Bool { comparison == .distinctHosts && value != "false" }
}

/// Why the next instance is kept off a node by those that run.
enum DistinctBarrier {
    case hosts(instances: Int)
    case property(DistinctRules.Property, value: String?, instances: Int)

    /// The name under which refusals count it.
    var rule: String {
        switch self {
        case .hosts: ConstraintOperator.distinctHosts.rawValue
        case .property(let property, _, _): property.constraint.description
        }
    }

    /// What an explanation says of one node.
    var line: String {
        switch self {
        // Of those that are placed together, some may be only about to come.
        case .hosts(let instances):
            "\(rule): \(instances) of its instances \(instances == 1 ? "is" : "are") here or to come here"
        case .property(_, nil, _): "\(rule): the node has no such attribute"
        case .property(let property, let value?, let instances):
            "\(rule): \(instances) of its instances are at \(value) already, \(property.limit) may be"
        }
    }
}
