public import ClusterKit

/// Runs a scheduler beside the reference, on clusters and requests drawn from a seed, and compares each decision.
///
/// Both are placed or both are refused; the node is one of the best by the reference's own score; the score is the
/// same within 1e-9, and so are devices, amounts and who makes room. After each decision the reference takes the
/// scheduler's placement as its own, so that both go on from one state however a tie was resolved.
///
/// ```swift
/// #expect(SchedulerComparison.run(BinPackScheduler(), decisions: 20_000, seed: 1).difference == nil)
/// ```
public struct SchedulerComparison {
    /// What a run showed.
    public struct Outcome: Sendable {
        /// How many requests were answered.
        public var decisions = 0
        /// What was compared, to see that a run looked at what it was meant for: `placed`, `refused`, `evicting`, the
        /// parts of scores that were not absent, and more.
        public var counts: [String: Int] = [:]
        /// The first difference: seed, round, request, and what both think of the nodes in question.
        public var difference: Violation?
    }

    let scheduler: any Scheduler
    let seed: UInt64
    private(set) var world: SchedulingWorld
    private var session: any SchedulingSession
    private var reference: ReferenceSession
    private var outcome = Outcome()
    private var round = 0

    /// Compares until `decisions` requests were answered, or the first difference. Without `preempting` nothing has to
    /// end for more important work, for schedulers that never ask for it.
    public static func run(
        _ scheduler: any Scheduler, decisions: Int, seed: UInt64 = 1, preempting: Bool = true
    ) -> Outcome {
        var outcome = Outcome()
        var seed = seed
        while outcome.decisions < decisions, outcome.difference == nil {
            var comparison = Self(scheduler, seed: seed, preempting: preempting)
            comparison.play(rounds: 30)
            outcome.decisions += comparison.outcome.decisions
            outcome.counts.merge(comparison.outcome.counts, uniquingKeysWith: +)
            outcome.difference = comparison.outcome.difference
            seed &+= 1
        }
        return outcome
    }

    private init(_ scheduler: any Scheduler, seed: UInt64, preempting: Bool) {
        self.scheduler = scheduler
        self.seed = seed
        world = SchedulingWorld(seed: seed, preempting: preempting)
        session = scheduler.session(on: world.snapshot)
        reference = ReferenceSession(world.snapshot)
    }

    private mutating func play(rounds: Int) {
        while round < rounds, outcome.difference == nil {
            ask()
            round += 1
        }
    }

    private mutating func commit(_ changes: [Change]) {
        let batch = world.commit(changes)
        _ = session.apply(batch)
        _ = reference.apply(batch)
    }

    private mutating func count(_ what: String) { outcome.counts[what, default: 0] += 1 }

    private mutating func report(_ what: String, _ detail: String) {
        if outcome.difference != nil { return }
        outcome.difference = Violation(
            rule: what, detail: "seed \(seed), round \(round), revision \(world.snapshot.revision)\n\(detail)")
    }

    // MARK: One round

    private mutating func ask() {
        let (change, requests) = world.question(atMost: world.chance(10) ? 24 : 5)
        if let change { commit([change]) }
        guard let first = requests.first else { return }
        if world.chance(10) { compareExplanations(first) }
        let start = Entropy(seed: seed ^ world.snapshot.revision.number)
        var entropy = start
        let decisions = session.place(requests, using: &entropy)
        guard decisions.count == requests.count else {
            return report("one answer for each request", "\(requests.count) asked, \(decisions.count) answered")
        }
        if world.chance(25) { askOneByOne(requests, start, decisions) }
        for place in requests.indices where outcome.difference == nil {
            compare(requests[place], decisions[place], after: Array(zip(requests, decisions).prefix(place)))
            if case .placed(let placement) = decisions[place] { reference.reserve(requests[place], placement) }
        }
        outcome.decisions += requests.count
        settle(requests, decisions)
    }

    /// Some of what was placed becomes true, now or after something else happened; the rest is given back.
    private mutating func settle(_ requests: [PlacementRequest], _ decisions: [Decision]) {
        if world.chance(10) { commit(world.event()) }
        let share = world.chance(80) ? 100 : world.chance(50) ? 50 : 0
        var changes: [Change] = []
        var released: [AllocationID] = []
        for (request, decision) in zip(requests, decisions) {
            guard case .placed(let placement) = decision else { continue }
            if world.snapshot.nodes[placement.node] != nil, world.chance(share) {
                changes += world.changes(request, placement)
            } else {
                released.append(request.allocation)
            }
        }
        session.release(released)
        reference.release(released)
        commit(changes)
        if world.chance(70) { commit(world.event()) }
    }

    /// A batch is decided as its requests would be one by one, and by a session that has lived through nothing.
    private mutating func askOneByOne(_ requests: [PlacementRequest], _ start: Entropy, _ decisions: [Decision]) {
        var fresh = scheduler.session(on: world.snapshot)
        var entropy = start
        for (place, request) in requests.enumerated() {
            let alone = fresh.place([request], using: &entropy)
            if alone == [decisions[place]] { continue }
            return report(
                "a batch is decided as one by one in a fresh session",
                "request \(place + 1) of \(requests.count)\n\(Self.text(request))\n"
                    + "in the batch: \(decisions[place])\nalone: \(alone)")
        }
        count("one by one")
    }

    // MARK: One decision

    private mutating func compare(
        _ request: PlacementRequest, _ decision: Decision, after earlier: [(PlacementRequest, Decision)]
    ) {
        let verdicts = reference.judge(request)
        note(request, decision, verdicts)
        var found = Self.difference(decision, verdicts)
        if found == nil, case .placed(let placement) = decision,
            let mistake = reference.mistake(in: placement, for: request)
        {
            found = (mistake, [placement.node])
        }
        guard let (what, nodes) = found else { return }
        var state = world.snapshot
        var changes: [Change] = []
        for case (let request, .placed(let placement)) in earlier { changes += world.changes(request, placement) }
        let (revision, time) = (state.revision.next, WallTime(nanoseconds: 0))
        state.apply(ChangeBatch(revision: revision, epoch: state.epoch, time: time, changes: changes))
        let lines = scheduler.explain(request, on: state).lines
        var detail = "request \(earlier.count + 1): \(Self.text(request))\n"
        for verdict in verdicts where nodes.contains(verdict.node.id) {
            detail += Self.text(verdict, lines.first { $0.node == verdict.node.id })
        }
        report(what, detail)
    }

    /// Counts what was looked at.
    private mutating func note(_ request: PlacementRequest, _ decision: Decision, _ verdicts: [ReferenceVerdict]) {
        let (job, group) = (request.subject.job, request.subject.group)
        let rules = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
        if rules.contains(where: { $0.comparison == .regexp }) { count("regexp") }
        guard case .placed(let placement) = decision,
            let offer = verdicts.first(where: { $0.node.id == placement.node })?.offer
        else {
            let lacking = verdicts.contains { if case .lacks = $0.opinion { true } else { false } }
            return count(lacking ? "refused: room" : "refused: rules")
        }
        count("placed")
        for part in offer.parts.keys.sorted() {
            count("part " + part)
            if !request.withheld.isEmpty { count("kept nodes, part " + part) }
        }
        if !offer.evicting.isEmpty {
            count(offer.tellsNobody ? "awaiting" : "evicting \(min(3, offer.evicting.count))")
        }
        if !offer.devices.isEmpty { count("devices") }
        if offer.tier > 0 { count("later pool") }
        if request.pinned != nil { count("pinned") }
        let equals = verdicts.count {
            abs(($0.offer?.score ?? -9) - offer.score) < 1e-9 && $0.offer?.tier == offer.tier
        }
        if equals > 1 { count("tie") }
    }

    private mutating func compareExplanations(_ request: PlacementRequest) {
        let lines = scheduler.explain(request, on: world.snapshot).lines
        // A reservation that is not confirmed is not in the state that is explained.
        let verdicts = ReferenceSession(world.snapshot).judge(request)
        for verdict in verdicts {
            guard let line = lines.first(where: { $0.node == verdict.node.id }) else {
                return report("an explanation names each node", "\(verdict.node.name) is missing")
            }
            let same = Self.parts(line) == Self.parts(verdict)
            if !same {
                return report(
                    "an explanation is the reference's", Self.text(request) + "\n" + Self.text(verdict, line))
            }
        }
        count("explained")
    }
}
