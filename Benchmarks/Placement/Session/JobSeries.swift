import ClusterKit

/// Something slow that places the instances of one job after another, one at a time.
protocol JobPlayer {
    /// Turns to another job.
    mutating func begin(_ order: JobOrder, _ number: Int)
    /// The node of one more instance of it; `nil` when none has room.
    mutating func place() -> NodeID?
}

/// The plain scheduler.
struct PlainPlayer: JobPlayer {
    private var session: any SchedulingSession
    private var entropy: Entropy
    private var subject: PlacementSubject?

    init(_ session: any SchedulingSession, seed: UInt64) {
        self.session = session
        entropy = Entropy(seed: seed)
    }

    mutating func begin(_ order: JobOrder, _ number: Int) { subject = order.subject(of: number) }

    mutating func place() -> NodeID? {
        guard let subject else { return nil }
        let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
        guard case .placed(let placement) = session.place([request], using: &entropy).first else { return nil }
        return placement.node
    }
}

/// Job after job until one finds no room, and then again from empty machines on. Each run goes on where the last ended.
struct JobSeries<Player: JobPlayer> {
    private let order: JobOrder
    private let empty: () -> Player
    private var player: Player
    private var number = 0
    /// How many of its instances are placed.
    private var done = 0
    private var isEmpty = true
    /// The shapes of jobs that found no room in an empty cluster.
    private var hopeless: Set<Int> = []
    private var burst = 1

    init(_ order: JobOrder, _ empty: @escaping () -> Player) {
        (self.order, self.empty) = (order, empty)
        player = empty()
    }

    /// Runs about so many seconds, with the clock looked at so seldom that this is no part of it. What finds no room is
    /// not counted, nor asked for again, and what others found to be so is not asked for at all.
    mutating func run(_ share: Double, without known: Set<Int>) -> (perSecond: Double, seconds: Double) {
        hopeless.formUnion(known)
        var (placed, time, misses) = (0, 0.0, 0)
        while time < share, hopeless.count < order.variety, misses < Bench.mostMisses {
            if done == 0, hopeless.contains(order.place(of: number)) {
                next()
                continue
            }
            let wanted = min(burst, order.count - done)
            var found = 0
            let took = Clocks.measure {
                if done == 0 { player.begin(order, number) }
                while found < wanted, player.place() != nil { found += 1 }
            }
            done += found
            guard found == wanted else {
                if isEmpty {
                    hopeless.insert(order.place(of: number))
                    misses += 1
                }
                player = empty()
                isEmpty = true
                next()
                continue
            }
            placed += found
            time += took
            if took < share / 8 { burst = min(order.count, burst * 2) }
            guard done == order.count else { continue }
            (isEmpty, misses) = (false, 0)
            next()
        }
        return (Double(placed) / time, time)
    }

    private mutating func next() {
        number += 1
        done = 0
    }
}
