import ClusterKit

/// How tightly instances are packed on a pool of equal machines that is as large as it has to be: another machine is
/// taken into use only when nothing fits on those that are.
extension Bench {
    /// On the index alone: as many leave by chance as come, six times as many as there are; machines in use over the
    /// lower bound, mean over the second half and five seeds.
    func pack() -> [Figure] {
        // An empty machine is the worst of all that have room, so what is never used is not there. There is one for
        // each instance, so whatever fits on any finds room.
        let pool = Machine.pool(population)
        var (arrival, churn) = (PoolFigure(), PoolFigure())
        for run in 0..<5 {
            var field = Field(IndexContender(pool), shapes, queries)
            var entropy = Entropy(seed: seed &+ UInt64(1000 + run))
            _ = field.fill(most: population, &entropy)
            arrival.add(used: field.used(of: pool.count), field.held, pool[0])
            var mean = PoolFigure()
            for part in 0..<120 {
                _ = field.churn(population / 20, &entropy)
                if part >= 60 { mean.add(used: field.used(of: pool.count), field.held, pool[0]) }
            }
            churn.add(mean)
        }
        return [figure("pack-new", arrival), figure("pack", churn)]
    }

    func figure(_ name: String, _ pool: PoolFigure) -> Figure {
        var figure = Figure(scenario: name, workload: workload, nodes: population)
        (figure.nodesUsed, figure.lowerBound) = (pool.used / pool.samples, pool.bound / pool.samples)
        figure.placements = population
        return figure
    }
}

/// Machines in use and the least that would do, added up over some moments.
struct PoolFigure {
    private(set) var used = 0.0
    private(set) var bound = 0.0
    private(set) var samples = 0.0

    mutating func add(used: Int, _ held: PlacementIndex.Amounts, _ machine: Machine) {
        self.used += Double(used)
        bound += Bench.bound(held, machine)
        samples += 1
    }

    mutating func add(_ other: PoolFigure) {
        used += other.used / other.samples
        bound += other.bound / other.samples
        samples += 1
    }
}
