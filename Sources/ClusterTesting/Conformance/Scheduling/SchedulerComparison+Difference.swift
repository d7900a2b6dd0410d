import ClusterKit

/// What counts as a difference, and how it is told.
extension SchedulerComparison {
    /// Scores that are nearer than this count as equal.
    private static let tolerance = 1e-9

    /// What is wrong with a decision, and the nodes to look at.
    static func difference(
        _ decision: Decision, _ verdicts: [ReferenceVerdict]
    ) -> (what: String, nodes: Set<NodeID>)? {
        let best = ReferenceSession.best(of: verdicts)
        guard case .placed(let placement) = decision else {
            if let best { return ("refused what a node would take", [best.node.id]) }
            return differenceOfCounts(decision, verdicts)
        }
        let nodes = Set([placement.node] + (best.map { [$0.node.id] } ?? []))
        guard let verdict = verdicts.first(where: { $0.node.id == placement.node }) else {
            return ("placed on a node that does not exist", nodes)
        }
        guard let offer = verdict.offer, let first = best?.offer else {
            return ("placed on a node that does not take it: \(verdict.refusal)", nodes)
        }
        if offer.tier != first.tier { return ("placed in pool \(offer.tier) of the order, not \(first.tier)", nodes) }
        if offer.score < first.score - tolerance { return ("placed on a node that is not the best", nodes) }
        if abs(placement.score - offer.score) > tolerance {
            return ("scored \(placement.score), not \(offer.score)", nodes)
        }
        if Set(placement.evicting) != Set(offer.evicting) {
            let names = (placement.evicting.map(\.short).sorted(), offer.evicting.map(\.short).sorted())
            return ("evicts \(names.0), not \(names.1)", nodes)
        }
        if placement.resources.devices != offer.devices {
            return ("gives \(placement.resources.devices), not \(offer.devices)", nodes)
        }
        // Of nodes that are equal in all that counts, the first by name is taken.
        let twin = verdicts.prefix { $0.node.id != placement.node }.first { areTwins($0, verdict) }
        return twin.map { ("a tie goes to a later name than \($0.node.name)", [placement.node, $0.node.id]) }
    }

    private static func areTwins(_ one: ReferenceVerdict, _ other: ReferenceVerdict) -> Bool {
        guard let left = one.offer, let right = other.offer else { return false }
        return left.tier == right.tier && left.parts == right.parts && left.free == right.free
            && one.node.capacity == other.node.capacity && one.node.reserved == other.node.reserved
    }

    private static func differenceOfCounts(
        _ decision: Decision, _ verdicts: [ReferenceVerdict]
    ) -> (what: String, nodes: Set<NodeID>)? {
        guard case .refused(let refusal) = decision else { return nil }
        let counts = (
            verdicts.count { if case .forbids = $0.opinion { true } else { false } },
            verdicts.count { if case .lacks = $0.opinion { true } else { false } }
        )
        let told = (refusal.nodesFiltered, refusal.nodesExhausted)
        if told == counts, refusal.nodesEvaluated == verdicts.count { return nil }
        let what = "refused with \(told.0) nodes filtered and \(told.1) exhausted, not \(counts.0) and \(counts.1)"
        return (what + ": \(refusal.filtered), \(refusal.exhausted)", Set(verdicts.map(\.node.id)))
    }

    // MARK: Parts

    /// The parts of a score in units of the tolerance, or whether a rule or room is missing.
    static func parts(_ verdict: ReferenceVerdict) -> [String: Int]? { verdict.offer.map { rounded($0.parts) } }

    static func parts(_ line: Explanation.Line) -> [String: Int]? { line.score == nil ? nil : rounded(line.parts) }

    private static func rounded(_ parts: [String: Double]) -> [String: Int] {
        parts.mapValues { Int(($0 * 1e8).rounded()) }
    }

    // MARK: Texts

    static func text(_ request: PlacementRequest) -> String {
        let (job, group) = (request.subject.job, request.subject.group)
        var lines = [
            "job \(job.id) group \(group.name): \(job.kind), priority \(job.priority), count \(group.count), "
                + "pools \(group.nodePools.isEmpty ? [job.nodePool] : group.nodePools), in \(job.datacenters)"
        ]
        if !request.avoided.isEmpty { lines.append("avoids \(request.avoided.map(\.short).sorted())") }
        if !request.withheld.isEmpty { lines.append("withheld \(request.withheld.map(\.short).sorted())") }
        if let pinned = request.pinned { lines.append("pinned to \(pinned.short)") }
        let rules = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
        if !rules.isEmpty { lines.append("constraints \(rules)") }
        let wishes = job.affinities + group.affinities + group.tasks.flatMap(\.affinities)
        if !wishes.isEmpty { lines.append("affinities \(wishes.map { "\($0.condition) weight \($0.weight)" })") }
        for spread in group.spreads + job.spreads { lines.append("\(spread)") }
        for task in group.tasks { lines.append("task \(task.name), \(task.driver): \(task.resources)") }
        lines.append("disk \(group.disk.sizeMiB), ports \((group.network?.ports ?? []).map(\.number))")
        return lines.joined(separator: "\n  ")
    }

    static func text(_ verdict: ReferenceVerdict, _ line: Explanation.Line?) -> String {
        let (node, offer) = (verdict.node, verdict.offer)
        let own = offer.map { "\($0.score) \(list($0.parts)), evicting \($0.evicting.map(\.short))" }
        let other = line?.score.map { "\($0) \(list(line?.parts ?? [:]))" } ?? line?.refusal ?? "no line"
        return """
            \(node.name) (\(node.id.short)) of \(node.pool), \(node.usable), free before \(offer?.free ?? [])
              the reference: \(own ?? verdict.refusal)
              the scheduler: \(other)

            """
    }

    private static func list(_ parts: [String: Double]) -> String {
        "(" + parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ")"
    }
}
