import ClusterClient

/// Why no node took an instance, as Nomad words it, with the amounts that Nomad leaves out.
enum RefusalText {
    /// A line for each reason, the nearest to a remedy last.
    static func lines(_ refusal: RefusalWire) -> [String] {
        var lines = (refusal.awaits ?? []).map { "Waits: \($0)" }
        if refusal.nodesEvaluated == 0, lines.isEmpty { lines.append("No nodes were eligible for evaluation") }
        for (datacenter, count) in sorted(refusal.nodesAvailable) where count == 0 {
            lines.append("No nodes are available in datacenter \"\(datacenter)\"")
        }
        for (rule, count) in sorted(refusal.filtered) {
            let shown = rule.contains("\"") ? rule : "\"\(rule)\""
            let places = sorted(refusal.nodesAvailable).filter { $0.value > 0 }.map(\.key).joined(separator: ", ")
            let hint = rule == "datacenter" && !places.isEmpty ? " (nodes that take work are in \(places))" : ""
            lines.append("Constraint \(shown): \(nodes(count)) excluded by filter\(hint)")
        }
        if refusal.nodesExhausted > 0 { lines.append("Resources exhausted on \(nodes(refusal.nodesExhausted))") }
        for (dimension, count) in sorted(refusal.exhausted) {
            lines.append("Dimension \"\(dimension)\" exhausted on \(nodes(count))")
        }
        return lines + (refusal.shortages ?? [])
    }

    /// All groups of an evaluation that could not be placed.
    static func text(_ refusals: [String: RefusalWire]) -> String {
        refusals.sorted { $0.key < $1.key }.map { group, refusal in
            let total = refusal.coalesced + 1
            let verb = refusal.isHeld ? "waits with" : "failed to place"
            let head = "Task Group \"\(group)\" (\(verb) \(total) allocation\(total == 1 ? "" : "s")):"
            return ([head] + lines(refusal).map { "  * " + $0 }).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static func nodes(_ count: Int) -> String { "\(count) node\(count == 1 ? "" : "s")" }

    private static func sorted(_ counts: [String: Int]?) -> [(key: String, value: Int)] {
        (counts ?? [:]).sorted { $0.key < $1.key }
    }
}
