import ClusterKit

/// Which nodes a group may use, spelled out once more for `ReferenceScheduler`.
enum ReferenceRules {
    /// The first rule that `node` breaks.
    static func broken(by node: Node, _ job: Job, _ group: TaskGroup) -> String? {
        guard node.takesWork else { return "takes no work" }
        guard job.datacenters.contains(where: { glob(Array($0), Array(node.datacenter)) }) else { return "datacenter" }
        guard job.nodePool == "all" || job.nodePool == node.pool else { return "node pool" }
        for task in group.tasks where node.drivers[task.driver]?.healthy != true { return "driver \(task.driver)" }
        let constraints = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
        for constraint in constraints where !holds(constraint, node) { return "\(constraint)" }
        return nil
    }

    private static func glob(_ pattern: [Character], _ text: [Character]) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = Array(pattern.dropFirst())
        if first == "*" { return (0...text.count).contains { glob(rest, Array(text.dropFirst($0))) } }
        return text.first == first && glob(rest, Array(text.dropFirst()))
    }

    private static func resolve(_ text: String, _ node: Node) -> String? {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return text }
        var known: [String: String] = [
            "node.unique.id": node.id.description, "node.unique.name": node.name,
            "node.datacenter": node.datacenter, "node.class": node.nodeClass, "node.pool": node.pool,
        ]
        for driver in node.drivers.values {
            for (key, value) in driver.attributes where key.hasPrefix("driver.") { known["attr.\(key)"] = value }
        }
        for (key, value) in node.attributes {
            known["attr.\(key)"] = value
            if key.hasPrefix("unique.") { known[key] = value }
        }
        for (key, value) in node.meta { known["meta.\(key)"] = value }
        return known[String(text.dropFirst(2).dropLast())]
    }

    private static func holds(_ constraint: Constraint, _ node: Node) -> Bool {
        let left = resolve(constraint.attribute, node)
        let right = resolve(constraint.value, node)
        switch constraint.comparison {
        case .distinctHosts, .distinctProperty: return true
        case .regexp, .version, .semver: return false
        case .isSet: return left != nil
        case .isNotSet: return left == nil
        case .notEqual: return left != right
        case .equal: return left != nil && left == right
        case .less: return compare(left, right, { $0 < $1 }, { $0 < $1 }, { $0 < $1 })
        case .lessOrEqual: return compare(left, right, { $0 <= $1 }, { $0 <= $1 }, { $0 <= $1 })
        case .greater: return compare(left, right, { $0 > $1 }, { $0 > $1 }, { $0 > $1 })
        case .greaterOrEqual: return compare(left, right, { $0 >= $1 }, { $0 >= $1 }, { $0 >= $1 })
        case .setContains:
            guard let left, let right else { return false }
            return words(right).allSatisfy { words(left).contains($0) }
        case .setContainsAny:
            guard let left, let right else { return false }
            return words(right).contains { words(left).contains($0) }
        }
    }

    private static func compare(
        _ left: String?, _ right: String?, _ whole: (Int, Int) -> Bool, _ fraction: (Double, Double) -> Bool,
        _ text: (String, String) -> Bool
    ) -> Bool {
        guard let left, let right else { return false }
        if let left = Int(left), let right = Int(right) { return whole(left, right) }
        if let left = Double(left), let right = Double(right) { return fraction(left, right) }
        return text(left, right)
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
