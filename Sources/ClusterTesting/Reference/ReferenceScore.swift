import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The parts of a score that look at one node alone.
enum ReferenceScore {
    /// How well a group fits where `room` is free, with `here` on the node: whoever has not ended counts as a sibling.
    static func parts(
        of room: ReferenceRoom, beside here: [ReferenceHolder], for request: PlacementRequest,
        algorithm: PlacementAlgorithm
    ) -> [String: Double] {
        let (node, group) = (room.node, request.subject.group)
        let ask = ReferenceAsk(group, on: node)
        let fit = fit(
            freeCPU: share(room.free.cpu - ask.cpu, of: room.usable.cpu),
            freeMemory: share(room.free.memory - ask.memory, of: room.usable.memory), algorithm)
        var parts = ["binpack": fit]
        let siblings = here.count { $0.job == request.subject.job.id && $0.group == group.name }
        if siblings > 0 { parts["job-anti-affinity"] = -Double(siblings + 1) / Double(max(1, group.count)) }
        if request.avoided.contains(node.id) { parts["node-reschedule-penalty"] = -1 }
        parts["node-affinity"] = affinity(node, request.subject)
        return parts
    }

    private static func share(_ free: Double, of usable: Double) -> Double { usable > 0 ? free / usable : 0 }

    /// From 0 to 1: the fuller the better, or the emptier.
    private static func fit(freeCPU: Double, freeMemory: Double, _ algorithm: PlacementAlgorithm) -> Double {
        let sum = pow(10, freeCPU) + pow(10, freeMemory)
        return max(0, min(18, algorithm == .spread ? sum - 2 : 20 - sum)) / 18
    }

    /// Which share of the wishes about nodes come true, those that come true against their will counting below 0.
    private static func affinity(_ node: Node, _ subject: PlacementSubject) -> Double? {
        let group = subject.group
        let wishes = subject.job.affinities + group.affinities + group.tasks.flatMap(\.affinities)
        let met = wishes.filter { ReferenceRules.holds($0.condition, on: node) }
        let sum = met.reduce(0.0) { $0 + Double($1.weight) }
        return sum == 0 ? nil : sum / wishes.reduce(0.0) { $0 + Double($1.weight.magnitude) }
    }
}
