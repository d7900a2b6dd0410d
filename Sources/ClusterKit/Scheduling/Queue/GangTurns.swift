/// For which gang room is kept: for one at a time, so that no two can hold what the other lacks and wait for ever.
///
/// Gangs take turns in the order of the queue. A turn lasts as long as the gang's window; then its room is given up and
/// the next one has its turn. When all have had theirs, nothing is kept for as long as the last turn was, so that
/// smaller work gets on, and a new round begins. A gang that comes before the one whose turn it is, and has had none in
/// this round, takes over; the other's turn is still to come.
struct GangTurns: Sendable {
    /// The gang whose turn it is.
    struct Turn: Sendable {
        let serial: UInt64
        let rank: QueueRank
        let end: Uptime
    }

    private(set) var turn: Turn?
    /// Gangs that have had their turn in this round.
    private var had: Set<UInt64> = []
    /// Until when nothing is kept.
    private var pause: Uptime?

    init() {}

    /// The moment at which `update` has something to do.
    var nextChange: Uptime? { turn?.end ?? pause }

    /// Decides anew whose turn it is among those that wait, in order. Gives whether that changed.
    mutating func update(among gangs: [(entry: WaitingEntry, window: Duration)], at now: Uptime) -> Bool {
        let before = turn?.serial
        let waiting = Set(gangs.map(\.entry.serial))
        had.formIntersection(waiting)
        if let current = turn {
            if !waiting.contains(current.serial) {
                turn = nil
            } else if current.end <= now {
                had.insert(current.serial)
                turn = nil
                if had == waiting {
                    let window = gangs.first { $0.entry.serial == current.serial }?.window ?? .zero
                    pause = now + window
                }
            }
        }
        if let end = pause, end <= now || had != waiting {
            pause = nil
            if had == waiting { had = [] }
        }
        // Whose turn it was has found its place, and all others have had theirs.
        if pause == nil, turn == nil, had == waiting { had = [] }
        if pause == nil, let next = gangs.first(where: { !had.contains($0.entry.serial) && $0.window > .zero }),
            turn.map({ next.entry.rank < $0.rank }) ?? true
        {
            turn = Turn(serial: next.entry.serial, rank: next.entry.rank, end: now + next.window)
            #if MUTANTS
                if Sabotage.active == .endlessTurn {
                    turn = Turn(serial: next.entry.serial, rank: next.entry.rank, end: now + .seconds(86_400))
                }
            #endif
        }
        return turn?.serial != before
    }
}
