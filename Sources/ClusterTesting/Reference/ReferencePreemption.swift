import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Which instances on one node would end so that a more important one finds room.
struct ReferencePreemption {
    let node: Node
    let here: [ReferenceHolder]
    let subject: PlacementSubject

    /// Who is told to end, and whose end is awaited who is going already; `nil` when ending all that may be ended is
    /// not enough.
    func ends() -> (told: [ReferenceHolder], awaited: [ReferenceHolder])? {
        let going = here.filter(\.isGoing)
        var candidates = here.filter { holder in
            guard let priority = holder.priority, holder.isLive, !holder.isGoing, !holder.isReserved else {
                return false
            }
            return holder.job != subject.job.id && priority <= subject.job.priority - 10
        }
        var chosen: [ReferenceHolder] = []
        while !fits(without: going + chosen) {
            guard let lowest = candidates.compactMap(\.priority).min() else { return nil }
            let missing = missing(without: going + chosen)
            let next = candidates.filter { $0.priority == lowest }.min { left, right in
                let distances = (
                    distance(left, to: missing) + penalty(left, chosen),
                    distance(right, to: missing) + penalty(right, chosen)
                )
                return distances.0 == distances.1 ? isYounger(left, right) : distances.0 < distances.1
            }
            guard let next else { return nil }
            chosen.append(next)
            candidates.removeAll { $0.id == next.id }
        }
        let told = necessary(of: chosen, beside: going)
        return (told, necessary(of: going, beside: told))
    }

    private func room(without victims: [ReferenceHolder]) -> ReferenceRoom {
        ReferenceRoom(node, here.filter { holder in !victims.contains { $0.id == holder.id } })
    }

    private func fits(without victims: [ReferenceHolder]) -> Bool {
        room(without: victims).shortage(for: subject.group) == nil
    }

    private typealias Amounts = (cpu: Double, memory: Double, disk: Double)

    /// What the instance still does not find.
    private func missing(without victims: [ReferenceHolder]) -> Amounts {
        let (free, ask) = (room(without: victims).free, ReferenceAsk(subject.group, on: node))
        return (max(0, ask.cpu - free.cpu), max(0, ask.memory - free.memory), max(0, ask.disk - free.disk))
    }

    /// How badly what `holder` has meets what is asked.
    private func distance(_ holder: ReferenceHolder, to ask: Amounts) -> Double {
        let has = holder.resources.total
        var sum = 0.0
        if ask.memory > 0 { sum += pow((ask.memory - Double(has.memoryMiB)) / ask.memory, 2) }
        if ask.cpu > 0 { sum += pow((ask.cpu - Double(has.cpuMHz)) / ask.cpu, 2) }
        if ask.disk > 0 { sum += pow((ask.disk - Double(has.diskMiB)) / ask.disk, 2) }
        return sum.squareRoot()
    }

    /// Each further victim of one group counts as far away.
    private func penalty(_ holder: ReferenceHolder, _ chosen: [ReferenceHolder]) -> Double {
        50 * Double(chosen.count { $0.job == holder.job && $0.group == holder.group })
    }

    /// The least work is lost with what was started last.
    private func isYounger(_ left: ReferenceHolder, _ right: ReferenceHolder) -> Bool {
        left.createTime == right.createTime ? left.id < right.id : left.createTime > right.createTime
    }

    /// Spares whoever the others make superfluous, the worst match first, when `others` end too.
    private func necessary(
        of chosen: [ReferenceHolder], beside others: [ReferenceHolder]
    ) -> [ReferenceHolder] {
        let ask = ReferenceAsk(subject.group, on: node)
        let amounts = (cpu: ask.cpu, memory: ask.memory, disk: ask.disk)
        var kept = chosen
        let worstFirst = chosen.sorted { left, right in
            let (one, other) = (distance(left, to: amounts), distance(right, to: amounts))
            return one == other ? isYounger(right, left) : one > other
        }
        for holder in worstFirst {
            let without = kept.filter { $0.id != holder.id }
            if fits(without: others + without) { kept = without }
        }
        return kept
    }

    /// The part of the score: near 1 for victims that matter little, near 0 for many that matter much.
    static func part(_ victims: [ReferenceHolder]) -> Double {
        let priorities = victims.map { Double($0.priority ?? 0) }
        let most = priorities.max() ?? 0
        let net = most == 0 ? 0 : most + priorities.reduce(0, +) / most
        return 1 / (1 + exp(0.0048 * (net - 2048)))
    }
}
