#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Who ends on one node so that a more important instance fits there, by Nomad's rules (its preemption of 1.6): the
/// least important first, of those whoever comes nearest to what is missing, and nobody who is not needed.
///
/// Those who end there for others already come before all of them, for that costs nothing: the instance waits for them
/// as well. Whom they make room for holds something too, so only what is left over beside it is used.
struct VictimChoice {
    private let ask: Ask
    private let going: [Contender]
    private var trial: Trial

    /// The least number by which a victim's priority is lower than that of the work it ends for (Nomad's).
    static let gap = 10
    /// The distance that each further victim of one group adds, so that work of other groups is taken first.
    private static let sameGroup = 50.0

    /// Amounts of `needs` on this node, or what is missing of them.
    private struct Ask {
        var cpu: Int
        var memory: Int
        var disk: Int
    }

    /// On a node as full as `gauge`. Where more is asked for than amounts, `full` says the rest of it.
    init(_ needs: GroupNeeds, on gauge: NodeRoom.Gauge, going: [Contender] = [], full: FullTrial? = nil) {
        self.going = going
        ask = Ask(cpu: needs.cpu(coreShare: gauge.coreShare), memory: needs.memory, disk: needs.disk)
        trial = Trial(gauge, full)
        for holder in going { trial.remove(holder) }
    }

    /// The victims among `yielding`, which may all have to end, and who is awaited of those who end already; `nil` when
    /// the end of all is not enough.
    mutating func victims(among yielding: [Contender]) -> (victims: [Contender], awaited: [Contender])? {
        var candidates = Self.sorted(yielding)
        var chosen: [Contender] = []
        var counts = VictimCounts()
        while !fits {
            if let last = chosen.last { counts.add(last.group) }
            guard let nearest = nearest(of: candidates, beside: counts) else { return nil }
            let victim = candidates.remove(at: nearest)
            trial.remove(victim)
            chosen.append(victim)
        }
        // The last one was needed when it was chosen.
        let victims = chosen.count == 1 ? chosen : needed(of: chosen)
        return (victims, needed(of: Self.sorted(going)))
    }

    /// By insertion where there are a handful, as mostly.
    private static func sorted(_ contenders: [Contender]) -> [Contender] {
        if contenders.count > 32 { return contenders.sorted(by: precedes) }
        var sorted = contenders
        for end in sorted.indices.dropFirst() {
            let moving = sorted[end]
            var hole = end
            while hole > 0, precedes(moving, sorted[hole - 1]) {
                sorted[hole] = sorted[hole - 1]
                hole -= 1
            }
            sorted[hole] = moving
        }
        return sorted
    }

    /// The next victim: of the least important, which come first, the one that is nearest to what is missing.
    private func nearest(of candidates: [Contender], beside counts: VictimCounts) -> Int? {
        let missing = Ask(
            cpu: max(0, ask.cpu &- trial.cpu), memory: max(0, ask.memory &- trial.memory),
            disk: max(0, ask.disk &- trial.disk))
        var nearest: (place: Int, distance: Double)?
        for place in candidates.indices {
            guard candidates[place].priority == candidates[0].priority else { break }
            let again = counts.count(of: candidates[place].group)
            let distance = Self.distance(candidates[place], to: missing) + Self.sameGroup * Double(again)
            // Of equals the youngest, which comes first, has done the least work.
            if nearest.map({ distance < $0.distance }) ?? true { nearest = (place, distance) }
        }
        return nearest?.place
    }

    /// Without those that the others make superfluous. Whoever is farthest from what is asked is spared first, of
    /// equals the oldest.
    private mutating func needed(of chosen: [Contender]) -> [Contender] {
        if chosen.isEmpty { return [] }
        let order = chosen.map { (holder: $0, distance: Self.distance($0, to: ask)) }.sorted { left, right in
            left.distance != right.distance
                ? left.distance > right.distance : Self.isYounger(right.holder, left.holder)
        }
        var spared: Set<AllocationID> = []
        for (holder, _) in order {
            trial.add(holder)
            if fits {
                spared.insert(holder.id)
            } else {
                trial.remove(holder)
            }
        }
        return spared.isEmpty ? chosen : chosen.filter { !spared.contains($0.id) }
    }

    private var fits: Bool {
        if let full = trial.full { return full.needs.fit(on: full.room) }
        return ask.memory <= trial.memory && ask.cpu <= trial.cpu && ask.disk <= trial.disk
    }

    /// Less important before younger.
    private static func precedes(_ left: Contender, _ right: Contender) -> Bool {
        left.priority == right.priority ? isYounger(left, right) : left.priority < right.priority
    }

    private static func isYounger(_ left: Contender, _ right: Contender) -> Bool {
        left.createTime == right.createTime ? left.id < right.id : left.createTime > right.createTime
    }

    /// How badly what `holder` has meets `ask`: each amount counts as a share of what is asked.
    private static func distance(_ holder: Contender, to ask: Ask) -> Double {
        let has = holder.total
        let square = { (has: Int, ask: Int) -> Double in
            guard ask > 0 else { return 0 }
            let share = (Double(ask) - Double(has)) / Double(ask)
            return share * share
        }
        let sum = square(has.memoryMiB, ask.memory) + square(has.cpuMHz, ask.cpu) + square(has.diskMiB, ask.disk)
        return sum.squareRoot()
    }

    /// The part `preemption` of the score: near 1 for victims that matter little, near 0 for many that matter much.
    static func part(_ priorities: [Int]) -> Double {
        let most = Double(priorities.max() ?? 0)
        let sum = priorities.reduce(0.0) { $0 + Double($1) }
        return part(net: most == 0 ? 0 : most + sum / most)
    }

    // Nomad's constants: preemptionScore in scheduler/rank.go.
    private static func part(net: Double) -> Double { 1 / (1 + exp(0.0048 * (net - 2048))) }

    /// An upper bound of `part` for `count` or more victims, none of whose priorities is below `lowest`.
    ///
    /// With the highest priority `m` the sum is at least `m + (count - 1) * lowest`, so the net priority, with which
    /// the part falls, is at least `m + 1 + (count - 1) * lowest / m`. That is least at `m = lowest`, or at its minimum
    /// beyond.
    static func best(lowest: Int, count: Int) -> Double {
        guard lowest > 0 else { return 1 }
        let (lowest, others) = (Double(lowest), Double(count &- 1))
        // A hair less where the root is rounded.
        return part(net: others <= lowest ? lowest + (others + 1) : 1 + 2 * (others * lowest).squareRoot() - 1e-6)
    }
}

/// How many victims each group has. A few are counted anew each time, which is quicker than to look them up; of very
/// many that would take long.
private struct VictimCounts {
    private var few: [Int32] = []
    private var many: [Int32: Int] = [:]

    mutating func add(_ group: Int32) {
        if many.isEmpty, few.count < 16 { return few.append(group) }
        if many.isEmpty { for group in few { many[group, default: 0] += 1 } }
        many[group, default: 0] += 1
    }

    func count(of group: Int32) -> Int { many.isEmpty ? few.count { $0 == group } : many[group] ?? 0 }
}

/// All of a node, for needs that are more than amounts.
struct FullTrial {
    var room: NodeRoom
    let needs: GroupNeeds
    /// Who is there.
    let holders: [AllocationID: Held]
}

/// The room as it would be. Where only amounts are asked for nothing else is tried, for that is quicker.
private struct Trial {
    private(set) var cpu: Int
    private(set) var memory: Int
    private(set) var disk: Int
    private(set) var full: FullTrial?

    init(_ gauge: NodeRoom.Gauge, _ full: FullTrial?) {
        (cpu, memory, disk) = (gauge.freeCPU, gauge.freeMemory, gauge.freeDisk)
        self.full = full
    }

    mutating func remove(_ holder: Contender) {
        let amounts = holder.amounts
        cpu &+= amounts.cpu
        memory &+= amounts.memory
        disk &+= amounts.disk
        if let held = full?.holders[holder.id] { full?.room.remove(held) }
    }

    mutating func add(_ holder: Contender) {
        let amounts = holder.amounts
        cpu &-= amounts.cpu
        memory &-= amounts.memory
        disk &-= amounts.disk
        if let held = full?.holders[holder.id] { full?.room.add(held) }
    }
}
