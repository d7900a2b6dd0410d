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
        noteEnd(figure, full.fill(to: load(85, of: machines), most: mostInSession, &entropy), of: mostInSession)
        full.churnThrough(&entropy)
        var arrays = scans(machines, queries, full).arrays
        let guests = guests(full.tenants)
        let field = { SessionField(self, guests, load: full.load, $0) }
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
        noteLoad(figure, own.held.part(of: full.load))
        figure.note(own.decisionTimes(seconds))
        return figure
    }

    /// Instances that run, each a job of its own.
    private func guests(_ tenants: [Tenant]) -> [Allocation] {
        var entropy = Entropy(seed: seed)
        return tenants.enumerated().map { number, tenant in
            let (node, shape) = (NodeID(high: 1, low: UInt64(tenant.node)), shapes[Int(tenant.shape)])
            let job = shape.job("guest-\(number)")
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
    private(set) var held = PlacementIndex.Amounts(cpu: 0, memory: 0)
    // As in `Field`.
    private let load: PlacementIndex.Amounts
    private var isShort = false
    private var vacant = 0

    private struct Arrival {
        let job: Job
        let shape: Int
        let request: PlacementRequest
    }

    /// Who leaves, if anyone, and who comes.
    private struct Turn {
        let end: ChangeBatch?
        let arrival: Arrival
    }

    /// The session is told what runs, by which `load` is kept up.
    init(
        _ bench: Bench, _ guests: [Allocation], load: PlacementIndex.Amounts, _ session: any SchedulingSession
    ) {
        (self.bench, self.guests, self.load, self.session) = (bench, guests, load, session)
        entropy = Entropy(seed: bench.seed &+ 1)
        draw = ShapeDraw(bench.shapes)
        _ = self.session.apply(Self.batch(guests.map { .putAllocation($0) }))
        for guest in guests { held.add(Self.shape(of: guest), times: 1) }
    }

    private static func shape(of guest: Allocation) -> Shape {
        let total = guest.resources.total
        return Shape(cpu: total.cpuMHz, memory: total.memoryMiB, disk: total.diskMiB)
    }

    private mutating func arrival() -> Arrival? {
        let shape = draw.next(&entropy)
        let job = bench.shapes[shape].job("job-\(number)")
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

    /// Runs about `seconds`, in steps that grow to 64 or to half of what is there. Gives how many departures somebody
    /// came for, and what all took.
    mutating func churn(_ seconds: Double) -> (perSecond: Double, placed: Int, time: Double) {
        var (placed, time, step) = (0, 0.0, 1)
        // What finds no room is no placement, and may be all that there is time for.
        while time < (placed == 0 ? 10 : 1) * seconds, guests.count > 1 {
            let turns = turns(min(step, guests.count / 2))
            var decisions: [Decision?] = []
            time += Clocks.measure {
                for turn in turns {
                    if let end = turn.end { _ = session.apply(end) }
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
            var decisions: [Decision?] = []
            for turn in turns {
                if let end = turn.end { _ = session.apply(end) }
                var decision: Decision?
                let time = Clocks.measure { decision = session.place([turn.arrival.request], using: &entropy).first }
                times.add(1e9 * time)
                decisions.append(decision)
            }
            _ = confirm(turns, decisions)
        }
        return times
    }

    /// Ends by chance, and who comes instead; and one more for each while there would be less than the load.
    private mutating func turns(_ count: Int) -> [Turn] {
        var (turns, expected) = ([Turn](), held)
        for _ in 0..<count {
            let place = entropy.below(guests.count)
            // So that it can be taken without moving all behind it.
            guests.swapAt(place, guests.count - 1)
            var ended = guests.removeLast()
            held.add(Self.shape(of: ended), times: -1)
            expected.add(Self.shape(of: ended), times: -1)
            ended.client = .complete
            guard let arrival = arrival() else { continue }
            expected.add(bench.shapes[arrival.shape], times: 1)
            turns.append(Turn(end: Self.batch([.putAllocation(ended)]), arrival: arrival))
            guard isShort, expected.cpu < load.cpu, expected.memory < load.memory else { continue }
            guard let another = self.arrival() else { continue }
            expected.add(bench.shapes[another.shape], times: 1)
            turns.append(Turn(end: nil, arrival: another))
        }
        return turns
    }

    private mutating func confirm(_ turns: [Turn], _ decisions: [Decision?]) -> (placed: Int, time: Double) {
        let new = zip(turns, decisions).compactMap { placed($0.arrival, $1) }
        let batches = new.map { Self.batch([.putAllocation($0)]) }
        let time = Clocks.measure { for batch in batches { _ = session.apply(batch) } }
        guests += new
        for guest in new { held.add(Self.shape(of: guest), times: 1) }
        vacant += turns.count { $0.end != nil }
        let taken = min(new.count, vacant)
        vacant -= taken
        if new.count < turns.count { isShort = true }
        if held.cpu >= load.cpu || held.memory >= load.memory { (isShort, vacant) = (false, 0) }
        return (taken, time)
    }
}
