import ClusterKit

extension Bench {
    /// A departure and a placement in turn at 85 %, with all that the scheduler's session is told and tells: each
    /// instance is a job of its own, its end a batch, its placement another. Beside it the same without the index, in
    /// clusters that are small enough for that.
    func sessionChurn() -> Figure {
        var figure = figure(.churn)
        figure.scenario = "session"
        let snapshot = snapshot()
        let ways = machines.count <= 1000 ? [1, Int.max] : [1]
        var fields = ways.map { SessionField(self, BinPackScheduler(indexedFrom: $0).session(on: snapshot)) }
        for way in fields.indices { fields[way].fill(toCPU: totalCPU / 100 * 85) }
        var rates = ways.map { _ in [Double]() }
        for _ in 0..<Self.rounds {
            for way in fields.indices {
                let (placed, time) = fields[way].churn(seconds / Double(Self.rounds * ways.count))
                rates[way].append(Double(placed) / time)
                if way == 0 { (figure.placements, figure.seconds) = (placed, time) }
            }
        }
        figure.perSecond = rates[0].median
        if ways.count > 1 { figure.scanPerSecond = rates[1].median }
        return figure
    }
}

/// A cluster that lives through the same departures and arrivals whichever session looks after it.
private struct SessionField {
    private let bench: Bench
    private var session: any SchedulingSession
    private var entropy: Entropy
    private let draw: ShapeDraw
    private var tenants: [Allocation] = []
    private var number = 0

    private struct Arrival {
        let job: Job
        let size: Shape
        let request: PlacementRequest
    }

    init(_ bench: Bench, _ session: any SchedulingSession) {
        (self.bench, self.session) = (bench, session)
        entropy = Entropy(seed: bench.seed)
        draw = ShapeDraw(bench.shapes)
    }

    private mutating func arrival() -> Arrival? {
        let size = bench.shapes[draw.next(&entropy)]
        let job = bench.job("job-\(number)", priority: 50, cpu: size.cpu, memory: size.memory)
        number += 1
        guard let subject = PlacementSubject(job, group: "all") else { return nil }
        return Arrival(
            job: job, size: size, request: PlacementRequest(allocation: entropy.identifier(), subject: subject))
    }

    private static func batch(_ changes: [Change]) -> ChangeBatch {
        ChangeBatch(revision: Revision(1), epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes)
    }

    private func placed(_ arrival: Arrival, _ decision: Decision?) -> Allocation? {
        guard case .placed(let placement) = decision else { return nil }
        return bench.running(
            arrival.request.allocation, arrival.job, on: placement.node, arrival.size, time: number)
    }

    mutating func fill(toCPU cpu: Int) {
        var (held, misses) = (0, 0)
        while held < cpu, misses < 50, let arrival = arrival() {
            let decision = session.place([arrival.request], using: &entropy).first
            guard let allocation = placed(arrival, decision) else {
                misses += 1
                continue
            }
            _ = session.apply(Self.batch([.putAllocation(allocation)]))
            tenants.append(allocation)
            held += arrival.size.cpu
        }
    }

    /// Runs about `seconds`, in steps of 64 or of half of what is there. Gives how many placements found room.
    mutating func churn(_ seconds: Double) -> (placed: Int, time: Double) {
        var (placed, time) = (0, 0.0)
        while time < seconds, tenants.count > 1 {
            let ends = (0..<min(64, tenants.count / 2)).map { _ in
                var tenant = tenants.remove(at: last(swapping: entropy.below(tenants.count)))
                tenant.client = .complete
                return Self.batch([.putAllocation(tenant)])
            }
            let arrivals = ends.compactMap { _ in arrival() }
            var decisions: [Decision?] = []
            time += Clocks.measure {
                for (end, arrival) in zip(ends, arrivals) {
                    _ = session.apply(end)
                    decisions.append(session.place([arrival.request], using: &entropy).first)
                }
            }
            let new = zip(arrivals, decisions).compactMap { self.placed($0, $1) }
            let batches = new.map { Self.batch([.putAllocation($0)]) }
            time += Clocks.measure { for batch in batches { _ = session.apply(batch) } }
            tenants += new
            placed += new.count
        }
        return (placed, time)
    }

    /// Exchanges a tenant with the last one, so that it can be taken without moving all behind it.
    private mutating func last(swapping place: Int) -> Int {
        tenants.swapAt(place, tenants.count - 1)
        return tenants.count - 1
    }
}
