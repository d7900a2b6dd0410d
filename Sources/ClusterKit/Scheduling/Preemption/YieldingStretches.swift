/// What could come free at most on stretches of nodes when less important work ends: enough to pass over whole
/// stretches in the search for who makes room.
///
/// Nodes are only noted as changed when they change; their stretch is added up anew when it is next asked about.
struct YieldingStretches: Sendable {
    /// How many nodes a stretch has.
    static let width = 64

    /// One stretch, as far as nodes count on which something ends already or may have to end.
    struct Stretch: Sendable {
        /// The lowest priority; more than any limit when nothing may end.
        var lowest = Int.max
        /// What the fullest node has left, amount by amount, and what the emptiest has once those are gone who end
        /// already.
        var least = PlacementIndex.Amounts(cpu: .max, memory: .max, disk: .max)
        var most = PlacementIndex.Amounts(cpu: .min, memory: .min, disk: .min)
        /// Like `most`, of the nodes on which somebody ends already.
        var waiting = PlacementIndex.Amounts(cpu: .min, memory: .min, disk: .min)
        /// The largest that one allocation holds.
        var largest = PlacementIndex.Amounts.none
        /// The largest capacities.
        var capacity = PlacementIndex.Amounts.none
    }

    private(set) var stretches: [Stretch] = []
    /// By stretch, when one of its nodes changed last.
    private(set) var stretchStamps: [Int] = []
    /// By place, when the node changed last.
    private(set) var stamps: [Int] = []
    /// By stretch and then by ten priorities: the most that one node has left when all work up to them ends.
    private var reach: [PlacementIndex.Amounts] = []
    private var clock = 0
    private var isStale: [Bool] = []
    private var stale: [Int] = []

    /// Priorities are told apart by tens here.
    private static let decades = 11

    /// Whether there are no nodes: it is made when it is first asked.
    var isEmpty: Bool { stamps.isEmpty }

    init() {}

    init(_ rooms: [NodeRoom]) {
        stamps = Array(repeating: 0, count: rooms.count)
        let count = (rooms.count + Self.width - 1) / Self.width
        stretches = Array(repeating: Stretch(), count: count)
        stretchStamps = Array(repeating: 0, count: count)
        reach = Array(repeating: PlacementIndex.Amounts.none, count: count * Self.decades)
        isStale = Array(repeating: true, count: count)
        stale = Array(0..<count)
    }

    /// Notes that something changed on the node at `place`.
    mutating func touch(_ place: Int) {
        guard !stamps.isEmpty else { return }
        clock &+= 1
        stamps[place] = clock
        let stretch = place / Self.width
        stretchStamps[stretch] = clock
        guard !isStale[stretch] else { return }
        isStale[stretch] = true
        stale.append(stretch)
    }

    /// Takes in what has changed on those stretches of which that is asked.
    mutating func refresh(_ rooms: [NodeRoom], where isAsked: (_ stretch: Int) -> Bool) {
        var rest: [Int] = []
        for stretch in stale {
            guard isAsked(stretch) else {
                rest.append(stretch)
                continue
            }
            isStale[stretch] = false
            sumUp(stretch, rooms)
        }
        stale = rest
    }

    /// The places of a stretch.
    func places(of stretch: Int) -> Range<Int> {
        stretch * Self.width..<min(stamps.count, (stretch + 1) * Self.width)
    }

    private mutating func sumUp(_ number: Int, _ rooms: [NodeRoom]) {
        var stretch = Stretch()
        let first = number * Self.decades
        for decade in 0..<Self.decades { reach[first + decade] = .init(cpu: .min, memory: .min, disk: .min) }
        for place in places(of: number) {
            let lowest = rooms[place].yielding.lowest
            guard lowest != nil || rooms[place].hasDeparting else { continue }
            let soon = PlacementIndex.Amounts.each(rooms[place].free, rooms[place].going, &+)
            stretch.lowest = min(stretch.lowest, lowest ?? .max)
            stretch.least = .each(stretch.least, rooms[place].free, min)
            stretch.most = .each(stretch.most, soon, max)
            if rooms[place].hasDeparting { stretch.waiting = .each(stretch.waiting, soon, max) }
            stretch.largest = .each(stretch.largest, rooms[place].yielding.extent().largest, max)
            stretch.capacity = .each(
                stretch.capacity, .init(cpu: rooms[place].cpu, memory: rooms[place].memory, disk: rooms[place].disk),
                max)
            rooms[place].yielding.accumulate { priority, sum in
                let number = first + Self.decade(of: priority)
                reach[number] = .each(reach[number], .each(soon, sum, &+), max)
            }
        }
        // What lower work gives is given too when more may end.
        for decade in 1..<Self.decades {
            reach[first + decade] = .each(reach[first + decade], reach[first + decade - 1], max)
        }
        stretches[number] = stretch
    }

    private static func decade(of priority: Int) -> Int { min(max(0, priority / 10), decades - 1) }

    // MARK: What a stretch promises

    /// No node of a stretch offers more; `nil` when none has enough.
    func promise(of number: Int, _ ask: PreemptionAsk) -> PreemptionWorth? {
        let stretch = stretches[number]
        let fit = ask.algorithm == .binpack ? ask.bestFit(free: stretch.least, of: stretch.capacity) : 1
        if ask.fits(in: stretch.waiting) {
            return PreemptionWorth(tellsNobody: true, parts: fit + VictimChoice.part([]))
        }
        let reach = reach[number * Self.decades + Self.decade(of: ask.limit)]
        guard stretch.lowest <= ask.limit, ask.fits(in: reach),
            let count = ask.fewest(free: stretch.most, largest: stretch.largest)
        else { return nil }
        return PreemptionWorth(
            tellsNobody: false, parts: fit + VictimChoice.best(lowest: stretch.lowest, count: count))
    }
}
