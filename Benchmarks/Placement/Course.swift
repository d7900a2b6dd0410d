import ClusterKit

/// Decisions in the order in which the index made them, for those that are too slow to make all of them.
struct Course {
    /// The node is `nowhere` where none had room.
    private(set) var steps: [Tenant] = []
    private(set) var placed = 0

    static let nowhere: Int32 = -1
    /// A long one is looked into so often.
    private static let parts = 16

    /// Begins one.
    init() {}

    /// The decisions by which `tenants` came to empty machines, drawn from `entropy` on.
    init(_ tenants: [Tenant], _ draw: ShapeDraw, _ entropy: Entropy) {
        var entropy = entropy
        for tenant in tenants {
            // Nothing ended meanwhile, so a shape that found no room is not the next one that finds some.
            while case let shape = draw.next(&entropy), shape != Int(tenant.shape) { append(shape, on: nil) }
            append(Int(tenant.shape), on: tenant.node)
        }
    }

    mutating func append(_ shape: Int, on node: Int32?, times: Int = 1) {
        steps.append(contentsOf: repeatElement(Tenant(node: node ?? Self.nowhere, shape: Int32(shape)), count: times))
        if node != nil { placed += times }
    }

    /// How many placements in a second a contender with empty machines makes of it: as far as it comes in about so
    /// many seconds, from the beginning of each of 16 parts, to whose state it is brought without a clock running. A
    /// short one is made as a whole, again and again.
    func rate<Player: Contender>(
        _ shapes: [Shape], _ queries: [PlacementQuery], _ seconds: Double, _ empty: () -> Player
    ) -> Double {
        guard placed > 0 else { return .nan }
        let blank = empty()
        let queries = blank.prepared(queries)
        let start = Clocks.thread
        var (times, whole, burst) = (0, 0.0, 1)
        repeat {
            if burst < steps.count {
                var player = blank.copied()
                whole += time(&player, shapes, queries, seconds, &burst)
                times += 1
            } else {
                // So short that some are timed together, or the rate would be that of the clock too.
                var players = (0..<Bench.together(steps.count)).map { _ in blank.copied() }
                whole += time(&players, queries)
                times += players.count
            }
        } while Clocks.thread - start < seconds
        return Double(placed * times) / whole
    }

    /// What all of it takes on each of them.
    private func time<Player: Contender>(_ players: inout [Player], _ queries: [Player.Query]) -> Double {
        Clocks.measure {
            for place in players.indices {
                for step in steps { _ = players[place].place(queries[Int(step.shape)]) }
            }
        }
    }

    /// What all of it takes, by what was made of it.
    private func time<Player: Contender>(
        _ player: inout Player, _ shapes: [Shape], _ queries: [Player.Query], _ seconds: Double, _ burst: inout Int
    ) -> Double {
        let parts = max(1, min(Self.parts, steps.count / 1000))
        let share = seconds / Double(parts)
        var whole = 0.0
        for part in 0..<parts {
            let (start, end) = (steps.count * part / parts, steps.count * (part + 1) / parts)
            var (next, time) = (start, 0.0)
            while next < end, time < share {
                let stop = min(end, next + burst)
                time += Clocks.measure {
                    for step in steps[next..<stop] { _ = player.place(queries[Int(step.shape)]) }
                }
                next = stop
                if time < share / 8 { burst *= 2 }
            }
            whole += time * Double(end - start) / Double(next - start)
            for step in steps[next..<end] where step.node != Self.nowhere {
                player.take(shapes[Int(step.shape)].amounts, from: step.node)
            }
        }
        return whole
    }
}
