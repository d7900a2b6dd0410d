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
    private let needs: GroupNeeds
    private let ask: Ask
    private let going: [Held]
    private var trial: Trial

    /// By how much the priority of a victim is lower at least.
    static let gap = 10
    /// How far away another victim of one group counts: work of other groups is taken first.
    private static let sameGroup = 50.0

    /// Amounts of `needs` on this node, or what is missing of them.
    private struct Ask {
        var cpu: Int
        var memory: Int
        var disk: Int
    }

    init(_ needs: GroupNeeds, on room: NodeRoom, going: [Held] = []) {
        self.needs = needs
        self.going = going
        ask = Ask(cpu: needs.cpu(coreShare: room.coreShare), memory: needs.memory, disk: needs.disk)
        trial = Trial(room, isCounted: needs.ports.isEmpty && needs.cores == 0 && needs.devices.isEmpty)
        for holder in going { trial.remove(holder) }
    }

    /// The victims among `yielding`, which may all have to end, and who is awaited of those who end already; `nil` when
    /// the end of all is not enough.
    mutating func victims(among yielding: [Held]) -> (victims: [Held], awaited: [Held])? {
        var candidates = yielding.sorted(by: Self.precedes)[...]
        var chosen: [Held] = []
        while !fits {
            guard let lowest = candidates.first?.priority else { return nil }
            let missing = Ask(
                cpu: max(0, ask.cpu &- trial.cpu), memory: max(0, ask.memory &- trial.memory),
                disk: max(0, ask.disk &- trial.disk))
            var nearest: (place: Int, distance: Double)?
            for place in candidates.indices {
                let holder = candidates[place]
                guard holder.priority == lowest else { break }
                let again = chosen.count { $0.instance == holder.instance }
                let distance = Self.distance(holder, to: missing) + Self.sameGroup * Double(again)
                // Of equals the youngest, which comes first, has done the least work.
                if nearest.map({ distance < $0.distance }) ?? true { nearest = (place, distance) }
            }
            guard let nearest else { return nil }
            let victim = candidates.remove(at: nearest.place)
            trial.remove(victim)
            chosen.append(victim)
        }
        let victims = needed(of: chosen)
        return (victims, needed(of: going.sorted(by: Self.precedes)))
    }

    /// Without those that the others make superfluous. Whoever is farthest from what is asked is spared first, of
    /// equals the oldest.
    private mutating func needed(of chosen: [Held]) -> [Held] {
        let distances = chosen.map { Self.distance($0, to: ask) }
        let order = chosen.indices.sorted { left, right in
            if distances[left] != distances[right] { return distances[left] > distances[right] }
            return Self.isYounger(chosen[right], chosen[left])
        }
        var spared: Set<AllocationID> = []
        for place in order {
            trial.add(chosen[place])
            if fits {
                spared.insert(chosen[place].id)
            } else {
                trial.remove(chosen[place])
            }
        }
        return chosen.filter { !spared.contains($0.id) }
    }

    private var fits: Bool {
        if let room = trial.room { return Shortage.fits(needs, on: room) }
        return ask.memory <= trial.memory && ask.cpu <= trial.cpu && ask.disk <= trial.disk
    }

    /// Less important before younger.
    private static func precedes(_ left: Held, _ right: Held) -> Bool {
        let priorities = (left.priority ?? .max, right.priority ?? .max)
        return priorities.0 == priorities.1 ? isYounger(left, right) : priorities.0 < priorities.1
    }

    private static func isYounger(_ left: Held, _ right: Held) -> Bool {
        left.createTime == right.createTime ? left.id < right.id : left.createTime > right.createTime
    }

    /// How badly what `holder` has meets `ask`: each amount counts as a share of what is asked.
    private static func distance(_ holder: Held, to ask: Ask) -> Double {
        let has = holder.resources.total
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

    private static func part(net: Double) -> Double { 1 / (1 + exp(0.0048 * (net - 2048))) }

    /// No `count` or more victims give a higher part when none of their priorities is below `lowest`.
    ///
    /// With the highest priority `m` the sum is at least `m + (count - 1) * lowest`, so what the part falls with is at
    /// least `m + 1 + (count - 1) * lowest / m`. That is least at `m = lowest`, or at its minimum beyond.
    static func best(lowest: Int, count: Int) -> Double {
        guard lowest > 0 else { return 1 }
        let (lowest, others) = (Double(lowest), Double(count &- 1))
        // A hair less where the root is rounded.
        return part(net: others <= lowest ? lowest + (others + 1) : 1 + 2 * (others * lowest).squareRoot() - 1e-6)
    }
}

/// The room as it would be. Where only amounts are asked for nothing else is tried, for that is quicker.
private struct Trial {
    private(set) var cpu: Int
    private(set) var memory: Int
    private(set) var disk: Int
    private(set) var room: NodeRoom?

    init(_ room: NodeRoom, isCounted: Bool) {
        (cpu, memory, disk) = (room.freeCPU, room.freeMemory, room.freeDisk)
        self.room = isCounted ? nil : room
    }

    mutating func remove(_ holder: Held) {
        let amounts = NodeRoom.amounts(of: holder)
        cpu &+= amounts.cpu
        memory &+= amounts.memory
        disk &+= amounts.disk
        room?.remove(holder)
    }

    mutating func add(_ holder: Held) {
        let amounts = NodeRoom.amounts(of: holder)
        cpu &-= amounts.cpu
        memory &-= amounts.memory
        disk &-= amounts.disk
        room?.add(holder)
    }
}
