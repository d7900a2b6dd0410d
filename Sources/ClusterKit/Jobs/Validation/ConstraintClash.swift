/// Finds constraints that no node can meet together, as far as that shows without looking at nodes: one attribute with
/// two values, with the value that is ruled out, or both there and not there.
struct ConstraintClash {
    private struct Demand {
        let constraint: Constraint
        let path: JobPath
    }

    private var values: [String: Demand] = [:]
    private var excluded: [Constraint: Demand] = [:]
    private var present: [String: Demand] = [:]
    private var absent: [String: Demand] = [:]

    /// Takes what holds at the same time as all that was taken before; the later of two that clash is the mistake.
    mutating func take(_ constraints: [Constraint], in path: JobPath, into found: inout MistakeCollector) {
        for (index, constraint) in constraints.prefix(JobLimits.blocks).enumerated() {
            // A plain text stands for itself: it is the same on every node.
            guard constraint.attribute.hasPrefix("${") else { continue }
            let demand = Demand(constraint: constraint, path: path.block("constraint", index: index))
            if let other = take(demand) {
                let owner = other.path.steps.count == 1 && demand.path.steps.count > 1 ? "the job's " : ""
                found.add(
                    demand.path,
                    "no node can meet it together with \(owner)\(other.path), \(other.constraint); remove one of them")
            }
        }
    }

    /// Gives the demand that `demand` contradicts.
    private mutating func take(_ demand: Demand) -> Demand? {
        let constraint = demand.constraint
        let attribute = constraint.attribute
        let isPlain = !constraint.value.contains("${")
        switch constraint.comparison {
        case .distinctHosts: return nil
        case .isNotSet:
            absent[attribute] = absent[attribute] ?? demand
            return present[attribute]
        case .notEqual:
            guard isPlain else { return nil }
            excluded[Constraint(attribute, .equal, constraint.value)] = demand
            return values[attribute].flatMap { $0.constraint.value == constraint.value ? $0 : nil }
        default:
            present[attribute] = present[attribute] ?? demand
            if let other = absent[attribute] { return other }
            guard constraint.comparison == .equal, isPlain else { return nil }
            if let other = values[attribute] { return other.constraint.value == constraint.value ? nil : other }
            values[attribute] = demand
            return excluded[constraint]
        }
    }
}
