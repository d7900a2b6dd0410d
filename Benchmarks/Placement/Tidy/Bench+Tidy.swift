import ClusterKit

/// How tightly a cluster stays packed while instances come and go, and what moving some of them buys.
extension Bench {
    /// Like `pack`, through the scheduler's session: as it is, and with ten moves for each hundred departures, made
    /// whenever a twentieth or a fifth of the population has left.
    func tidy() -> [Figure] {
        [tidy("tidy-none", share: nil), tidy("tidy-20th", share: 20), tidy("tidy-5th", share: 5)]
    }

    private func tidy(_ name: String, share: Int?) -> Figure {
        let pool = pool(of: population)
        let nodes = Self.snapshot(of: pool)
        let (sample, pause) = (population / 100, share.map { population / $0 } ?? .max)
        var sum = PoolFigure()
        var (moves, seconds) = (0, 0.0)
        for run in 0..<5 {
            var field = TidyField(nodes, shapes, seed: seed &+ UInt64(run))
            var mean = PoolFigure()
            seconds += Clocks.measure {
                for _ in 0..<population { _ = field.arrive() }
                for step in 1...population * 6 {
                    field.depart()
                    _ = field.arrive()
                    // Not only when it was just tidied.
                    if step > population * 3, step % sample == 0 {
                        mean.add(used: field.nodesUsed, field.held, pool[0])
                    }
                    if step % pause == 0 { moves += field.tidy(budget: pause / 10) }
                }
            }
            sum.add(mean)
        }
        var figure = figure(name, sum)
        figure.placements = population * 6 * 5
        figure.seconds = seconds
        figure.perSecond = Double(figure.placements) / seconds
        if share != nil {
            let percent = (Double(moves) / Double(figure.placements) * 1000).rounded() / 10
            Remark.say("\(name), \(workload): \(percent) moves for 100 departures")
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
