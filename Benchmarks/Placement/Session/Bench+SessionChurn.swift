import ClusterKit
import ClusterTesting

extension Bench {
    /// A departure and a placement in turn at 85 %, with all that the scheduler's session is told and tells: each
    /// instance is a job of its own, its end a batch, its placement another. Beside it the same by the plain scheduler
    /// and, in clusters that are small enough for that, without the index; and the scan over arrays, which only finds
    /// the nodes.
    func sessionChurn() -> Figure {
        var (figure, rates, unindexed) = (figure(.churn, "session"), Rates(), [Double]())
        let snapshot = machines.snapshot(racks: Self.racks)
        // The index puts them where the session would, and does not say why where there is no room.
        var (full, entropy) = (Field(IndexContender(machines), shapes, queries), Entropy(seed: seed))
        _ = full.fill(toCPU: load(85, of: machines), most: mostInSession, &entropy)
        noteEnd(figure, at: full.tenants.count, of: mostInSession)
        var arrays = scans(machines, queries, full.tenants).arrays
        let guests = guests(full.tenants)
        let field = { SessionField(self, guests, $0) }
        var own = field(BinPackScheduler(indexedFrom: 1).session(on: snapshot))
        var plain = field(ReferenceScheduler().session(on: snapshot))
        let withoutIndex = BinPackScheduler(indexedFrom: .max).session(on: snapshot)
        var slow = machines.count <= 1000 ? field(withoutIndex) : nil
        var plainTime = 0.0
        for round in 0..<Self.rounds {
            let churned = own.churn(share)
            (figure.placements, figure.seconds) = (churned.placed, churned.time)
            rates.add(churned.perSecond)
            rates.add(arrays: arrays.churnRate(share, seed: seed &+ UInt64(100 + round)).perSecond)
            if let rate = slow?.churn(share).perSecond { unindexed.append(rate) }
            // Where a single decision takes longer than all rounds should, there are fewer.
            guard plainTime < seconds else { continue }
            let scanned = plain.churn(share)
            plainTime += scanned.time
            rates.add(scan: scanned.perSecond)
        }
        rates.write(to: &figure)
        if !unindexed.isEmpty { figure.unindexedPerSecond = unindexed.median }
        figure.note(own.decisionTimes(seconds))
        return figure
    }

    /// Instances that run, each a job of its own.
    private func guests(_ tenants: [Tenant]) -> [Allocation] {
        var entropy = Entropy(seed: seed)
        return tenants.enumerated().map { number, tenant in
            let (node, shape) = (NodeID(high: 1, low: UInt64(tenant.node)), shapes[Int(tenant.shape)])
            let job = job("guest-\(number)", priority: 50, shape)
            return running(entropy.identifier(), job, on: node, shape, time: number)
        }
    }
}

/// A cluster that lives through the same departures and arrivals whichever session looks after it.
private struct SessionField {
    private let bench: Bench
    private var session: any SchedulingSession
    private var entropy: Entropy
    private let draw: ShapeDraw
    private var guests: [Allocation]
    private var number = 0

    private struct Arrival {
        let job: Job
        let shape: Int
        let request: PlacementRequest
    }

    /// The session is told what runs.
    init(_ bench: Bench, _ guests: [Allocation], _ session: any SchedulingSession) {
        (self.bench, self.guests, self.session) = (bench, guests, session)
        entropy = Entropy(seed: bench.seed &+ 1)
        draw = ShapeDraw(bench.shapes)
        _ = self.session.apply(Self.batch(guests.map { .putAllocation($0) }))
    }

    private mutating func arrival() -> Arrival? {
        let shape = draw.next(&entropy)
        let job = bench.job("job-\(number)", priority: 50, bench.shapes[shape])
        number += 1
        guard let subject = PlacementSubject(job, group: "all") else { return nil }
        return Arrival(
            job: job, shape: shape, request: PlacementRequest(allocation: entropy.identifier(), subject: subject))
    }

    private static func batch(_ changes: [Change]) -> ChangeBatch {
        ChangeBatch(revision: Revision(1), epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes)
    }

    private func placed(_ arrival: Arrival, _ decision: Decision?) -> Allocation? {
        guard case .placed(let placement) = decision else { return nil }
        return bench.running(
            arrival.request.allocation, arrival.job, on: placement.node, bench.shapes[arrival.shape], time: number)
    }

    /// Runs about `seconds`, in steps that grow to 64 or to half of what is there. Gives how many placements found
    /// room, and what all took.
    mutating func churn(_ seconds: Double) -> (perSecond: Double, placed: Int, time: Double) {
        var (placed, time, step) = (0, 0.0, 1)
        // What finds no room is no placement, and may be all that there is time for.
        while time < (placed == 0 ? 10 : 1) * seconds, guests.count > 1 {
            let turns = turns(min(step, guests.count / 2))
            var decisions: [Decision?] = []
            time += Clocks.measure {
                for turn in turns {
                    _ = session.apply(turn.end)
                    decisions.append(session.place([turn.arrival.request], using: &entropy).first)
                }
            }
            let confirmed = confirm(turns, decisions)
            placed += confirmed.placed
            time += confirmed.time
            step = min(64, step * 2)
        }
        return (Double(placed) / time, placed, time)
    }

    /// What up to 5,000 decisions take one by one, in about so many seconds, without ends and confirmations.
    mutating func decisionTimes(_ seconds: Double) -> DecisionTimes {
        var times = DecisionTimes()
        let start = Clocks.thread
        for _ in 0..<5000 where guests.count > 1 && Clocks.thread - start < seconds {
            let turns = turns(1)
            for turn in turns {
                _ = session.apply(turn.end)
                var decision: Decision?
                times.add(
                    1e9 * Clocks.measure { decision = session.place([turn.arrival.request], using: &entropy).first })
                _ = confirm(turns, [decision])
            }
        }
        return times
    }

    /// Ends by chance, and who comes instead.
    private mutating func turns(_ count: Int) -> [(end: ChangeBatch, arrival: Arrival)] {
        (0..<count).compactMap { _ in
            let place = entropy.below(guests.count)
            // So that it can be taken without moving all behind it.
            guests.swapAt(place, guests.count - 1)
            var ended = guests.removeLast()
            ended.client = .complete
            return arrival().map { (Self.batch([.putAllocation(ended)]), $0) }
        }
    }

    private mutating func confirm(
        _ turns: [(end: ChangeBatch, arrival: Arrival)], _ decisions: [Decision?]
    ) -> (placed: Int, time: Double) {
        let new = zip(turns, decisions).compactMap { placed($0.arrival, $1) }
        let batches = new.map { Self.batch([.putAllocation($0)]) }
        let time = Clocks.measure { for batch in batches { _ = session.apply(batch) } }
        guests += new
        return (new.count, time)
    }
}
