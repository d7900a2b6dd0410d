package import ClusterKit

/// A cluster drawn from a seed, the jobs that are asked of it, and the changes that happen to it.
package struct SchedulingWorld {
    package private(set) var snapshot = Snapshot()
    package private(set) var entropy: Entropy
    package let character: WorldCharacter
    /// The kinds of nodes that there are; empty when no two are alike.
    private var kinds: [Node] = []
    private var nextNode: UInt64 = 1
    /// Machines that were forgotten.
    var gone: [Node] = []
    /// Subjects of earlier questions: those who ask again may share one, or make another.
    private var subjects: [PlacementSubject] = []

    /// Without `preempting` nothing ever ends for more important work.
    package init(seed: UInt64, preempting: Bool = true) {
        var entropy = Entropy(seed: seed)
        character = WorldCharacter(from: &entropy, preempting: preempting)
        self.entropy = entropy
        for _ in 0..<character.kinds { kinds.append(newKind()) }
        var changes: [Change] = [.putSchedulingRules(newRules())]
        for _ in 0..<character.nodes { changes.append(.putNode(newNode())) }
        commit(changes)
    }

    /// Makes changes true and gives the batch, for the session to take in.
    @discardableResult
    package mutating func commit(_ changes: [Change]) -> ChangeBatch {
        let batch = ChangeBatch(
            revision: snapshot.revision.next, epoch: Epoch(1), time: now, changes: changes)
        snapshot.apply(batch)
        return batch
    }

    /// A second for each revision.
    private var now: WallTime { WallTime(nanoseconds: Int64(snapshot.revision.number) * 1_000_000_000) }

    // MARK: Chance

    package mutating func chance(_ percent: Int) -> Bool { entropy.below(100) < percent }

    package mutating func below(_ bound: Int) -> Int { entropy.below(bound) }

    package mutating func one<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[entropy.below(elements.count)]
    }

    /// Like `one(of:)` for a list that is never empty.
    mutating func pick<Element>(_ first: Element, _ others: Element...) -> Element {
        let place = entropy.below(others.count + 1)
        return place == 0 ? first : others[place - 1]
    }

    // MARK: Nodes

    mutating func newNode() -> Node {
        var node = one(of: kinds) ?? newKind()
        // Two machines of one name are told apart by their identifiers.
        let name = nextNode > 1 && chance(4) ? nextNode - 1 : nextNode
        node.id = NodeID(high: entropy.next(), low: nextNode)
        node.name = "n\(name)"
        nextNode += 1
        node.meta["rack"] = chance(90) ? "r\(entropy.below(character.racks))" : nil
        if chance(20) { node.pool = pick("gpu", "edge") }
        if chance(5) { node.drivers["raw_exec"]?.healthy = false }
        if chance(15) { shrink(&node) }
        if chance(10) { node.reservedPorts.append(20_000 + entropy.below(12)) }
        node.status = chance(96) ? .ready : .down
        node.eligibility = chance(96) ? .eligible : .ineligible
        return node
    }

    // MARK: Jobs

    /// Requests for instances of one group of `job`, some of them with nodes to avoid, kept for others, or meant.
    package mutating func requests(for job: Job, atMost count: Int) -> [PlacementRequest] {
        guard let group = one(of: job.groups), let new = PlacementSubject(job, group: group.name) else { return [] }
        let subject = chance(50) ? subjects.last { $0 == new } ?? new : new
        subjects = subjects.suffix(9) + [subject]
        return requests(for: subject, atMost: count)
    }

    private mutating func requests(for subject: PlacementSubject, atMost count: Int) -> [PlacementRequest] {
        let nodes = snapshot.nodes.sortedKeys
        // Mostly the same for all.
        let kept = (0..<2).map { _ in chance(15) ? Set(nodes.filter { _ in chance(30) }) : [] }
        return (0...entropy.below(count)).map { _ in
            let withheld = kept[chance(85) ? 0 : 1]
            var request = PlacementRequest(allocation: entropy.identifier(), subject: subject, withheld: withheld)
            if chance(20), let node = one(of: nodes) { request.avoided = [node] }
            if chance(subject.job.kind.runsEverywhere ? 60 : 2) { request.pinned = one(of: nodes) }
            if chance(25) { request.replacing = one(of: running(subject))?.id }
            return request
        }
    }

    /// Instances of the group, and now and then others, which cannot end for one of it.
    private mutating func running(_ subject: PlacementSubject) -> [Allocation] {
        if chance(5) { return snapshot.allocations.sorted }
        return snapshot.allocations(of: subject.job.id).filter { $0.group == subject.group.name && !$0.isTerminal }
    }

    /// Requests for one group or several, of a job that is known already or a new one; the change makes it known.
    package mutating func question(atMost count: Int) -> (change: Change?, requests: [PlacementRequest]) {
        if chance(40), let record = one(of: snapshot.jobs.sorted) {
            return (nil, requests(for: record.job, atMost: count))
        }
        let job = newJob()
        let change = Change.putJob(JobRecord(job: job, version: nextVersion(of: job.id), submitTime: now))
        guard chance(20) else { return (change, requests(for: job, atMost: count)) }
        let subjects = job.groups.compactMap { PlacementSubject(job, group: $0.name) }
        let all = subjects.flatMap { requests(for: $0, atMost: 2) }
        return (change, chance(50) ? all : all.sorted { $0.allocation < $1.allocation })
    }

    private func nextVersion(of job: JobID) -> Int { snapshot.jobs[job].map { $0.version + 1 } ?? 0 }

    // MARK: Placements

    /// What is stored when a placement becomes true.
    package func allocation(_ request: PlacementRequest, _ placement: Placement) -> Allocation {
        let job = request.subject.job.id
        var allocation = Allocation(
            id: request.allocation, job: job, jobVersion: snapshot.jobs[job]?.version ?? 0,
            group: request.subject.group.name, index: 0, node: placement.node,
            evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1), resources: placement.resources, time: now)
        allocation.score = placement.score
        allocation.preempted = placement.evicting
        return allocation
    }

    /// The placement and the ends that it asks for.
    package func changes(_ request: PlacementRequest, _ placement: Placement) -> [Change] {
        let victims = placement.evicting.compactMap { snapshot.allocations[$0] }.filter(\.isLive).map { victim in
            var victim = victim
            victim.desired = victim.id == request.replacing ? .stop : .evict
            if victim.desired == .evict { victim.preemptedBy = request.allocation }
            return Change.putAllocation(victim)
        }
        return victims + [.putAllocation(allocation(request, placement))]
    }
}
