import ClusterKit
import ClusterTesting

extension Bench {
    /// Important work on a cluster that less important work fills, each instance a job of its own: what one decision
    /// takes, beside the plain scheduler. All of the low work is alike, or drawn from the shapes with one of four
    /// priorities, in which case the important work is too.
    func preempt(isMixed: Bool) -> [Figure] {
        var (figure, entropy) = (figure(.preempt, isMixed ? "preempt-any" : nil), Entropy(seed: seed))
        if !isMixed { figure.workload = "fixed" }
        guard let snapshot = crowded(isMixed: isMixed, &entropy) else {
            Remark.say(
                "\(figure.scenario) on \(machines.count) machines: they have room for more than "
                    + "\(mostInSession) instances, so it is left out, to bound the memory")
            return []
        }
        let shapes = isMixed ? shapes : [Self.high]
        let intruders = { (session: any SchedulingSession) in Intruders(shapes, session, entropy) }
        var (own, rates, times) = (intruders(BinPackScheduler().session(on: snapshot)), Rates(), DecisionTimes())
        for time in own.decide(seconds, most: 2000) { times.add(time * 1e9) }
        figure.note(times)
        var firsts = [own.first]
        own = intruders(BinPackScheduler().session(on: snapshot))
        var (plain, plainTime) = (intruders(ReferenceScheduler().session(on: snapshot)), 0.0)
        // What more seconds are given for is more decisions.
        let most = Int(2000 * max(1, seconds)) / Self.rounds
        for _ in 0..<Self.rounds {
            let made = own.decide(share, most: most)
            guard !made.isEmpty else { break }
            (figure.placements, figure.seconds) = (made.count, made.reduce(0, +))
            rates.add(Double(made.count) / figure.seconds)
            if own.isOver {
                firsts.append(own.first)
                own = intruders(BinPackScheduler().session(on: snapshot))
            }
            // Where a single decision takes longer than all rounds should, there are fewer.
            guard plainTime < seconds else { continue }
            let start = Clocks.thread
            let scanned = plain.decide(share, most: most)
            plainTime += Clocks.thread - start
            if !scanned.isEmpty { rates.add(scan: Double(scanned.count) / scanned.reduce(0, +)) }
            if plain.isOver { plain = intruders(ReferenceScheduler().session(on: snapshot)) }
        }
        rates.write(to: &figure)
        var first = self.figure(.preempt, "\(figure.scenario)-first")
        first.workload = figure.workload
        first.noteFirsts((firsts + [own.first]).compactMap { $0 })
        return [figure, first]
    }

    private static let high = Shape(cpu: 8 * Workload.core, memory: 14_336, disk: 300)
    private static let low = Shape(cpu: 4 * Workload.core, memory: 7168, disk: 300)

    /// Machines on which there is hardly room; `nil` when too many instances would fit.
    private func crowded(isMixed: Bool, _ entropy: inout Entropy) -> Snapshot? {
        var snapshot = machines.snapshot(racks: Self.racks)
        let shapes = isMixed ? shapes : [Self.low]
        let draw = ShapeDraw(shapes)
        let lows = (isMixed ? [10, 20, 30, 40] : [20]).map { Self.low.job("low-\($0)", priority: $0) }
        var changes: [Change] = [.putSchedulingRules(SchedulingRules(preempting: [.service, .system]))]
        changes += lows.map { .putJob(JobRecord(job: $0, submitTime: WallTime(nanoseconds: 0))) }
        for (number, machine) in machines.enumerated() {
            var (room, misses) = (machine, 0)
            while misses < 20 {
                let shape = shapes[draw.next(&entropy)]
                guard room.fits(shape) else {
                    misses += 1
                    continue
                }
                guard changes.count < mostInSession else { return nil }
                room.take(shape)
                let (id, job) = (entropy.identifier(of: Allocation.self), lows[entropy.below(lows.count)])
                let node = NodeID(high: 1, low: UInt64(number))
                changes.append(.putAllocation(running(id, job, on: node, shape, time: changes.count)))
            }
        }
        snapshot.apply(
            ChangeBatch(
                revision: snapshot.revision.next, epoch: Epoch(1), time: WallTime(nanoseconds: 0), changes: changes))
        return snapshot
    }
}

/// Important instances that come one after the other.
private struct Intruders {
    private let shapes: [Shape]
    private let draw: ShapeDraw
    private var session: any SchedulingSession
    private var entropy: Entropy
    private var number = 0
    /// So many in a row found nobody who leaves for them.
    private var refusals = 0
    var isOver: Bool { refusals >= Bench.mostMisses }
    /// What the first decision took, with which the session makes its index and what it knows of who could leave.
    private(set) var first: Double?

    init(_ shapes: [Shape], _ session: any SchedulingSession, _ entropy: Entropy) {
        (self.shapes, self.session, self.entropy) = (shapes, session, entropy)
        draw = ShapeDraw(shapes)
    }

    /// What each decision took that made others leave, in about so many seconds.
    mutating func decide(_ share: Double, most: Int) -> [Double] {
        var (times, sum) = ([Double](), 0.0)
        while times.count < most, sum < share, !isOver {
            let job = shapes[draw.next(&entropy)].job("high-\(number)", priority: 80)
            number += 1
            guard let subject = PlacementSubject(job, group: "all") else { break }
            let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
            var decisions: [Decision] = []
            let time = Clocks.measure { decisions = session.place([request], using: &entropy) }
            first = first ?? time
            guard case .placed(let placement) = decisions.first else {
                refusals += 1
                continue
            }
            refusals = 0
            // What still finds room is not what is measured.
            if placement.evicting.isEmpty { continue }
            sum += time
            times.append(time)
        }
        return times
    }
}
