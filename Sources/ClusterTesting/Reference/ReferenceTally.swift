import ClusterKit

/// How many instances of a job stand where an attribute has one value: what spreads and `distinct_property` look at.
struct ReferenceTally {
    private var spreads: [(rule: Spread, used: [String: Int])] = []
    private var properties: [(rule: Constraint, used: [String: Int])] = []
    private var weights = 0.0

    init(_ subject: PlacementSubject, nodes: [Node], holders: [NodeID: [ReferenceHolder]]) {
        let (job, group) = (subject.job, subject.group)
        func used(_ attribute: String, groupOnly: Bool) -> [String: Int] {
            var used: [String: Int] = [:]
            for node in nodes {
                let count = (holders[node.id] ?? []).count {
                    $0.job == job.id && (!groupOnly || $0.group == group.name)
                }
                if count > 0, let value = ReferenceRules.resolve(attribute, node) { used[value, default: 0] += count }
            }
            return used
        }
        for spread in group.spreads + job.spreads {
            spreads.append((spread, used(spread.attribute, groupOnly: true)))
            weights += Double(spread.weight)
        }
        for rule in job.constraints where rule.comparison == .distinctProperty {
            properties.append((rule, used(rule.attribute, groupOnly: false)))
        }
        for rule in group.constraints where rule.comparison == .distinctProperty {
            properties.append((rule, used(rule.attribute, groupOnly: true)))
        }
    }

    /// The `distinct_property` that one more instance on `node` would break.
    func brokenProperty(by node: Node) -> String? {
        for (rule, used) in properties {
            guard let value = ReferenceRules.resolve(rule.attribute, node),
                used[value] ?? 0 < ReferenceRules.limit(of: rule)
            else { return "\(rule)" }
        }
        return nil
    }

    /// The part of the score for scattering; `nil` when it is 0.
    func spreadPart(of node: Node, count: Int) -> Double? {
        var sum = 0.0
        for (spread, used) in spreads {
            let value = ReferenceRules.resolve(spread.attribute, node)
            sum +=
                spread.targets.isEmpty
                ? Self.even(value, used)
                : targeted(spread, value, used, count: Double(max(0, count)))
        }
        // What cancels out is 0, also where rounding leaves a trace of it.
        return abs(sum) < 1e-12 ? nil : sum
    }

    /// How far the value is from its share, in shares; what no share is left for counts -1.
    private func targeted(_ spread: Spread, _ value: String?, _ used: [String: Int], count: Double) -> Double {
        guard let value else { return -1 }
        var desired: [String: Double] = [:]
        for target in spread.targets { desired[target.value] = Double(target.percent) / 100 * count }
        if spread.targets.reduce(0, { $0 + $1.percent }) < 100 {
            desired["*"] = count - spread.targets.reduce(0.0) { $0 + Double($1.percent) / 100 * count }
        }
        guard let wanted = desired[value] ?? desired["*"], wanted != 0 else { return -1 }
        let after = Double((used[value] ?? 0) + 1)
        return (wanted - after) / wanted * (Double(spread.weight) / weights)
    }

    /// Where the value stands between the least and the most used one.
    private static func even(_ value: String?, _ used: [String: Int]) -> Double {
        guard let value else { return -1 }
        guard let least = used.values.min(), let most = used.values.max() else { return 0 }
        let current = used[value] ?? 0
        if current != least { return Double(least - current) / Double(least) }
        return least == most ? -1 : Double(most - least) / Double(least)
    }
}
