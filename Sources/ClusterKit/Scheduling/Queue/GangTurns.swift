/// For which gang room is kept: for one at a time, so that no two can hold what the other lacks and wait for ever.
///
/// Gangs take turns in the order of the queue. A turn lasts as long as the gang's window; then its room is given up and
/// the next one has its turn. When all have had theirs, nothing is kept for as long as the last turn was, so that
/// smaller work gets on, and a new round begins. A gang that comes before the one whose turn it is, as that stood when
/// its turn began, and has had none in this round, takes over; the other's turn is still to come. One that all nodes
/// together could not hold passes, and is asked again in the next round. One without a window has no turn.
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
    private var had: Set<UInt64> = []
    /// How long nothing is kept once all have had their turn; `nil` when the last of them has found its place.
    private var rest: Duration?
    /// Until when nothing is kept.
    private var pause: Uptime?

    init() {}

    /// The moment at which `update` has something to do.
    var nextChange: Uptime? { turn?.end ?? pause }

    /// Decides anew whose turn it is among those that wait, in order. Gives whether that changed.
    mutating func update(among gangs: [(entry: WaitingEntry, window: Duration)], at now: Uptime) -> Bool {
        let before = turn?.serial
        let gangs = gangs.filter { $0.window > .zero }
        let waiting = Set(gangs.map(\.entry.standing))
        had.formIntersection(waiting)
        if let current = turn {
            if !waiting.contains(current.serial) {
                (turn, rest) = (nil, nil)
            } else if current.end <= now {
                had.insert(current.serial)
                (turn, rest) = (nil, current.window)
            }
        }
        settleRound(among: waiting, at: now)
        if pause == nil, let next = gangs.first(where: { !had.contains($0.entry.standing) }),
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
            guard end <= now || had != waiting else { return }
            pause = nil
            if had == waiting { (had, rest) = ([], nil) }
        } else if turn == nil, had == waiting {
            // Nobody rests after one that has found its place.
            guard !had.isEmpty, let rest else { return had = [] }
            pause = now + rest
        }
    }

    /// Ends the turn of a gang for which there is nothing to keep; `update` says whose is next.
    mutating func pass() {
        guard let current = turn else { return }
        had.insert(current.serial)
        turn = nil
        // Whose turn was before rests as long as it had it.
        rest = rest ?? Self.leastRest
    }
}
