import ClusterKit

/// How tightly a cluster stays packed while instances come and go, and what moving some of them buys.
extension Bench {
    /// A steady population, and six times as many departures and arrivals as it has members; machines in use over the
    /// lower bound, mean over the second half and five seeds. Once as it is, and once with ten moves for each hundred
    /// departures.
    func tidy() -> [Figure] { [0, 10].map(tidy) }

    private func tidy(budget: Int) -> Figure {
        var figure = figure(.tidy)
        figure.scenario = "tidy-\(budget)"
        // Large enough that nothing waits: a machine in use is then one that is needed.
        let pool = pool(of: machines.count)
        let nodes = Self.snapshot(of: pool)
        let load = pool.reduce(0) { $0 + $1.amounts.cpu } / 100 * 70
        var (used, bounds, samples) = (0.0, 0.0, 0.0)
        var (placements, moves, seconds) = (0, 0, 0.0)
        for run in 0..<5 {
            var field = TidyField(nodes, shapes, seed: seed &+ UInt64(run))
            seconds += Clocks.measure {
                var population = 0
                while field.held.cpu < load, field.arrive() { population += 1 }
                for step in 1...max(1, population * 6) {
                    field.depart()
                    if field.arrive() { placements += 1 }
                    if budget > 0, step % 100 == 0 { moves += field.tidy(budget: budget) }
                    guard step > population * 3, step % max(1, population / 10) == 0 else { continue }
                    used += Double(field.nodesUsed)
                    bounds += Self.bound(field.held, pool[0])
                    samples += 1
                }
            }
        }
        (figure.nodesUsed, figure.lowerBound) = (used / samples, bounds / samples)
        (figure.placements, figure.seconds) = (placements, seconds)
        figure.perSecond = Double(placements) / seconds
        if budget > 0 {
            let share = (Double(moves) / Double(placements) * 1000).rounded() / 10
            Remark.say("tidy-\(budget), \(workload): \(share) moves for 100 departures")
        }
        return figure
    }

    static func snapshot(of machines: [Machine]) -> Snapshot {
        let nodes = machines.enumerated().map { number, machine in
            var node = Node(
                id: NodeID(high: 1, low: UInt64(number)), name: machine.name,
                capacity: Resources(
                    cpuMHz: machine.amounts.cpu, memoryMiB: machine.amounts.memory, diskMiB: machine.amounts.disk),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            node.status = .ready
            return Change.putNode(node)
        }
        return Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes)
    }
}
