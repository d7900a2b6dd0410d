import ClusterKit

/// How tightly a cluster stays packed while instances come and go, and what moving some of them buys.
extension Bench {
    /// Like `pack`, through the scheduler's session: as it is, and with ten moves for each hundred departures, made
    /// whenever a twentieth or a fifth of the population has left.
    func tidy() -> [Figure] {
        [tidy("tidy-none", share: nil), tidy("tidy-20th", share: 20), tidy("tidy-5th", share: 5)]
    }

    private func tidy(_ name: String, share: Int?) -> Figure {
        let pool = Machine.pool(population)
        let nodes = pool.snapshot()
        let (sample, pause) = (population / 100, share.map { population / $0 } ?? .max)
        var sum = PoolFigure()
        var moves = 0
        for run in 0..<5 {
            var field = TidyField(nodes, shapes, seed: seed &+ UInt64(run))
            var mean = PoolFigure()
            for _ in 0..<population { _ = field.arrive() }
            for step in 1...population * 6 {
                field.depart()
                _ = field.arrive()
                // Not only when it was just tidied.
                if step > population * 3, step % sample == 0 { mean.add(used: field.nodesUsed, field.held, pool[0]) }
                if step % pause == 0 { moves += field.tidy(budget: pause / 10) }
            }
            sum.add(mean)
        }
        var figure = figure(name, sum)
        figure.placements = population * 6 * 5
        if share != nil {
            let percent = (Double(moves) / Double(figure.placements) * 1000).rounded() / 10
            Remark.say("\(name), \(workload): \(percent) moves for 100 departures")
        }
        return figure
    }
}
