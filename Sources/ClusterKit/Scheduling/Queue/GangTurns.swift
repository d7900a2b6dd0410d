/// For which gang room is kept: for one at a time, so that no two can hold what the other lacks and wait for ever.
///
/// Gangs take turns in the order of the queue. A turn lasts as long as the gang's window; then its room is given up and
/// the next one has its turn. When all have had theirs, nothing is kept for as long as the last turn was, so that
/// smaller work gets on, and a new round begins. The turn passes at once to a gang that has had none in this round and
/// stands before the place at which the present one stood when its turn began; the present one has its turn again later
/// in the round. One that all nodes together could not hold passes, and is asked again in the next round. One without a
/// window has no turn.
struct GangTurns: Sendable {
    /// The gang whose turn it is.
    struct Turn: Sendable {
        let serial: UInt64
        let rank: QueueRank
        let window: Duration
        let end: Uptime
    }

    /// How long a round pauses at least in which all passed: asking them again takes a look at all nodes.
    private static let leastRest = Duration.seconds(60)

    private(set) var turn: Turn?
    /// Gangs that have had their turn in this round.
    private var served: Set<UInt64> = []
    /// How long nothing is kept once all have had their turn; `nil` when the last of them has found its place.
    private var rest: Duration?
    /// Until when nothing is kept.
    private var pause: Uptime?

    init() {}

    /// The moment at which `update` has something to do.
    var nextChange: Uptime? { turn?.end ?? pause }

    /// Decides anew whose turn it is among those that wait, in order. Returns whether that changed.
    mutating func update(among gangs: [(entry: WaitingEntry, window: Duration)], at now: Uptime) -> Bool {
        let before = turn?.serial
        let gangs = gangs.filter { $0.window > .zero }
        let waiting = Set(gangs.map(\.entry.standing))
        served.formIntersection(waiting)
        if let current = turn {
            if !waiting.contains(current.serial) {
                (turn, rest) = (nil, nil)
            } else if current.end <= now {
                served.insert(current.serial)
                (turn, rest) = (nil, current.window)
            }
        }
        settleRound(among: waiting, at: now)
        if pause == nil, let next = gangs.first(where: { !served.contains($0.entry.standing) }),
            turn.map({ next.entry.rank < $0.rank }) ?? true
        {
            var window = next.window
            #if MUTANTS
                if Sabotage.active == .endlessTurn { window = .seconds(86_400) }
            #endif
            turn = Turn(serial: next.entry.standing, rank: next.entry.rank, window: next.window, end: now + window)
        }
        return turn?.serial != before
    }

    /// Begins a pause when all have had their turn, and the next round after it.
    private mutating func settleRound(among waiting: Set<UInt64>, at now: Uptime) {
        if let end = pause {
            guard end <= now || served != waiting else { return }
            pause = nil
            if served == waiting { (served, rest) = ([], nil) }
        } else if turn == nil, served == waiting {
            // Nobody rests after one that has found its place.
            guard !served.isEmpty, let rest else { return served = [] }
            pause = now + rest
        }
    }

    /// Ends the turn of a gang that all nodes together could not hold; `update` says whose turn is next.
    mutating func pass() {
        guard let current = turn else { return }
        served.insert(current.serial)
        turn = nil
        // The rest is as long as the turn that ended before this one in the round, if one did.
        rest = rest ?? Self.leastRest
    }
}
