public import ClusterKit

/// What every `Scheduler` must keep, checked on clusters and requests drawn from a seed.
///
/// ```swift
/// #expect(SchedulerConformance.violations(of: MyScheduler()).isEmpty)
/// ```
public struct SchedulerConformance {
    private let scheduler: any Scheduler
    private let seed: UInt64
    private var world: SchedulingWorld
    private var session: any SchedulingSession
    private var violations: [Violation] = []
    private var answers: [Decision] = []

    /// The promises that `scheduler` broke in `rounds` random clusters; the detail names the seed that shows it again.
    public static func violations(of scheduler: any Scheduler, seed: UInt64 = 1, rounds: Int = 40) -> [Violation] {
        var violations: [Violation] = []
        for round in 0..<max(0, rounds) {
            let seed = seed &+ UInt64(round)
            var first = Self(scheduler, seed: seed)
            first.run()
            var second = Self(scheduler, seed: seed)
            second.run()
            violations += first.violations
            if first.answers != second.answers {
                violations.append(Violation(rule: "same seed, same answers", detail: "seed \(seed) gave two outcomes"))
            }
            if violations.count >= 20 { break }
        }
        return violations
    }

    private init(_ scheduler: any Scheduler, seed: UInt64) {
        self.scheduler = scheduler
        self.seed = seed
        world = SchedulingWorld(seed: seed)
        session = scheduler.session(on: world.snapshot)
    }

    private mutating func report(_ rule: String, _ detail: String) {
        violations.append(Violation(rule: rule, detail: "seed \(seed), revision \(world.snapshot.revision): \(detail)"))
    }

    private mutating func run() {
        for _ in 0..<30 {
            if world.chance(60) { ask() } else { happen() }
        }
        askForTheImpossible()
    }

    // MARK: Requests

    private mutating func ask() {
        let (change, requests) = world.question(atMost: 5)
        if let change { _ = session.apply(world.commit([change])) }
        guard let first = requests.first else { return }
        let start = Entropy(seed: seed ^ world.snapshot.revision.number)

        // What a session that has lived through everything says must be what a fresh one says, and what becomes of a
        // copy must not matter to it.
        var fresh = scheduler.session(on: world.snapshot)
        var copy = session
        var entropies = (start, start)
        let expected = fresh.place(requests, using: &entropies.0)
        let tried = copy.place(requests, using: &entropies.1)
        let decisions = place(requests, from: start)
        if tried != decisions { report("a copy of a session is independent", "job \(first.subject.job.id)") }
        if decisions != expected {
            report(
                "a session is kept up to date",
                "a session made from the state answers \(first.subject.job.id) differently")
        }
        check(requests, decisions)
        askAgain(requests, decisions, from: start)
        explain(first, decision: decisions.first)

        if world.chance(30) {
            session.release(requests.map(\.allocation))
            let again = place(requests, from: start)
            if again != decisions { report("what is released can be used again", "job \(first.subject.job.id)") }
        }
        if world.chance(75) {
            let changes = zip(requests, decisions).flatMap { request, decision -> [Change] in
                guard case .placed(let placement) = decision else { return [] }
                return world.changes(request, placement)
            }
            _ = session.apply(world.commit(changes))
        } else {
            session.release(requests.map(\.allocation))
        }
    }

    private mutating func place(_ requests: [PlacementRequest], from start: Entropy) -> [Decision] {
        var entropy = start
        let decisions = session.place(requests, using: &entropy)
        answers += decisions
        if decisions.count != requests.count {
            report("one answer for each request", "\(requests.count) asked, \(decisions.count) answered")
        }
        return decisions
    }

    /// Asks once more for what has a node, of a copy: whatever that answers, the session stays as it is.
    private mutating func askAgain(_ requests: [PlacementRequest], _ decisions: [Decision], from start: Entropy) {
        let rule = "an allocation has one node"
        // Once is enough: a suite that has found much stops, and may miss other faults.
        guard !violations.contains(where: { $0.rule == rule }) else { return }
        let placed = zip(requests, decisions).compactMap { request, decision -> PlacementRequest? in
            if case .placed = decision { request } else { nil }
        }
        var (copy, entropy) = (session, start)
        for (request, answer) in zip(placed, copy.place(placed, using: &entropy)) {
            guard case .placed = answer else { continue }
            return report(rule, "\(request.allocation.short) of job \(request.subject.job.id) was given another")
        }
    }

    private mutating func check(_ requests: [PlacementRequest], _ decisions: [Decision]) {
        var ledger = RoomLedger(world.snapshot)
        var reference = ReferenceSession(world.snapshot)
        for (request, decision) in zip(requests, decisions) {
            switch decision {
            case .placed(let placement):
                for wrong in ledger.place(request, placement) { report(wrong.rule, wrong.detail) }
                if !placement.evicting.isEmpty { checkNeed(request, placement, ledger, reference) }
                checkPools(request, placement, reference)
                reference.reserve(request, placement)
            case .refused(let refusal):
                if refusal.filtered.isEmpty && refusal.exhausted.isEmpty && refusal.shortages.isEmpty {
                    report("a refusal says why", "job \(request.subject.job.id), group \(request.subject.group.name)")
                }
            }
        }
    }

    /// Whether something had to end at all, and each of what did.
    private mutating func checkNeed(
        _ request: PlacementRequest, _ placement: Placement, _ ledger: RoomLedger, _ reference: ReferenceSession
    ) {
        let rule = "nothing ends without need"
        for verdict in reference.judge(request) where verdict.offer?.evicting.isEmpty == true {
            report(rule, "\(verdict.node.name) takes \(request.subject.job.id) as it is")
        }
        if !placement.evicting.allSatisfy(reference.isGoing),
            let verdict = reference.judge(request).first(where: { $0.offer?.tellsNobody == true })
        {
            report(rule, "\(verdict.node.name) takes \(request.subject.job.id) when those who end already have ended")
        }
        for victim in ledger.needless(request, placement) { report(rule, "it would fit beside \(victim.short)") }
    }

    /// Whether a pool that the group prefers has a node that takes the request as it is.
    private mutating func checkPools(
        _ request: PlacementRequest, _ placement: Placement, _ reference: ReferenceSession
    ) {
        guard request.subject.group.nodePools.count > 1, let node = world.snapshot.nodes[placement.node] else { return }
        let tier = ReferenceRules.tier(of: node, request.subject) ?? .max
        for verdict in reference.judge(request) {
            guard let offer = verdict.offer, offer.evicting.isEmpty, offer.tier < tier else { continue }
            return report("pools are used in their order", "\(verdict.node.name) takes \(request.subject.job.id)")
        }
    }

    /// Asks where nothing is reserved, so that both look at one state.
    private mutating func explain(_ request: PlacementRequest, decision: Decision?) {
        let lines = scheduler.explain(request, on: world.snapshot).lines
        let rule = "an explanation agrees with the decision"
        if lines.map(\.node).sorted() != world.snapshot.nodes.sortedKeys {
            report(rule, "it does not name each node once")
        }
        if lines.contains(where: { ($0.score == nil) == $0.refusal.isEmpty }) {
            report(rule, "a line has neither a score nor a reason, or both")
        }
        let takers = lines.filter { $0.score != nil }
        // Pools may have an order: it comes before the scores, and among those that are equal in it says nothing.
        let places = takers.map { line in
            let tier = world.snapshot.nodes[line.node].flatMap { ReferenceRules.tier(of: $0, request.subject) }
            return (tier ?? .max, -(line.score ?? 0))
        }
        if zip(places, places.dropFirst()).contains(where: { $0 > $1 }) {
            report(rule, "takers are not in the order of their pools and, within it, of their scores")
        }
        switch decision {
        case .placed(let placement):
            let line = lines.first { $0.node == placement.node }
            if line?.score != placement.score {
                report(rule, "placed with score \(placement.score), explained with \(line?.score ?? .nan)")
            }
        case .refused: if !takers.isEmpty { report(rule, "refused, yet \(takers[0].name) would take it") }
        case nil: break
        }
    }

    /// What a session says of a node's room must be what is left there.
    private mutating func checkVacancies() {
        let ledger = RoomLedger(world.snapshot)
        for id in world.snapshot.nodes.sortedKeys where session.vacancy(on: id) != ledger.vacancy(on: id) {
            report("what is left on a node is told", "node \(id.short)")
        }
    }

    // MARK: Events

    private mutating func happen() {
        let before = world.snapshot
        let changes = world.event()
        let freed = session.apply(world.commit(changes))
        for change in changes {
            var gave: NodeID?
            switch change {
            case .putAllocation(let allocation) where allocation.isTerminal: gave = allocation.node
            case .removeAllocation(let id): gave = before.allocations[id]?.node
            case .putNode(let node): gave = node.id
            default: break
            }
            guard let gave, world.snapshot.nodes[gave]?.takesWork == true, !freed.nodes.contains(gave),
                !isUnchanged(change, since: before)
            else { continue }
            report("room that comes free is told", "node \(gave.short) is not named")
        }
        checkVacancies()
    }

    private func isUnchanged(_ change: Change, since before: Snapshot) -> Bool {
        guard case .putNode(let node) = change, var known = before.nodes[node.id] else { return false }
        known.modifyRevision = node.modifyRevision
        known.createRevision = node.createRevision
        return known == node
    }

    private mutating func askForTheImpossible() {
        let amounts = [Int.max, Int.max / 2, 1 << 50]
        for amount in amounts {
            var job = world.newJob()
            for place in job.groups.indices {
                job.groups[place].disk.sizeMiB = amount
                for task in job.groups[place].tasks.indices {
                    job.groups[place].tasks[task].resources = TaskResources(
                        cpuMHz: amount, cores: amount, memoryMiB: amount)
                }
            }
            let requests = world.requests(for: job, atMost: 3)
            let decisions = place(requests, from: Entropy(seed: seed))
            for case .placed in decisions { report("no node is over-filled", "an instance of \(amount) MiB fits") }
            check(requests, decisions)
        }
    }
}
