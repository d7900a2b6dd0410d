import ClusterKit

/// A steady population on equal machines, through the scheduler's session: each instance is a job of its own. Some
/// leave by chance, as many come, and now and then some move by plan.
struct TidyField {
    private(set) var snapshot: Snapshot
    private var session: any SchedulingSession
    private var entropy: Entropy
    private let shapes: [Shape]
    private let draw: ShapeDraw
    private var tenants: [(id: AllocationID, shape: Int)] = []
    private var jobs = 0
    /// The sums of what is held.
    private(set) var held = PlacementIndex.Amounts(cpu: 0, memory: 0)

    init(_ nodes: Snapshot, _ shapes: [Shape], seed: UInt64) {
        snapshot = nodes
        session = BinPackScheduler().session(on: nodes)
        entropy = Entropy(seed: seed)
        self.shapes = shapes
        draw = ShapeDraw(shapes)
    }

    private mutating func commit(_ changes: [Change]) {
        let batch = ChangeBatch(
            revision: snapshot.revision.next, epoch: snapshot.epoch, time: WallTime(nanoseconds: 0), changes: changes)
        snapshot.apply(batch)
        _ = session.apply(batch)
    }

    /// Places one instance of a shape drawn by chance; `false` when it finds no room.
    mutating func arrive() -> Bool {
        let shape = draw.next(&entropy)
        jobs += 1
        let job = shapes[shape].job("job-\(jobs)")
        guard let subject = PlacementSubject(job, group: "all") else { return false }
        let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
        guard case .placed(let placement) = session.place([request], using: &entropy).first else { return false }
        var allocation = Allocation(
            id: request.allocation, job: job.id, jobVersion: 0, group: "all", index: 0, node: placement.node,
            evaluation: EvaluationID(high: 1, low: 1), epoch: snapshot.epoch, resources: placement.resources,
            time: WallTime(nanoseconds: 0))
        allocation.client = .running
        commit([
            .putJob(JobRecord(job: job, submitTime: WallTime(nanoseconds: 0))), .putAllocation(allocation),
        ])
        tenants.append((request.allocation, shape))
        held.add(shapes[shape], times: 1)
        return true
    }

    /// Ends one instance chosen by chance.
    mutating func depart() {
        guard !tenants.isEmpty else { return }
        let place = entropy.below(tenants.count)
        let id = tenants[place].id
        held.add(shapes[tenants[place].shape], times: -1)
        tenants[place] = tenants[tenants.count - 1]
        tenants.removeLast()
        guard let allocation = snapshot.allocations[id] else { return }
        commit([.removeAllocation(id), .removeJob(allocation.job)])
    }

    /// Makes the moves of a plan. Gives how many there were.
    mutating func tidy(budget: Int) -> Int {
        let plan = TidyingPlan(for: snapshot, session: session, budget: budget, using: &entropy)
        var changes: [Change] = []
        var moved: [AllocationID: AllocationID] = [:]
        for move in plan.moves {
            guard var allocation = snapshot.allocations[move.allocation] else { continue }
            (allocation.id, allocation.node) = (entropy.identifier(), move.to)
            moved[move.allocation] = allocation.id
            changes += [.removeAllocation(move.allocation), .putAllocation(allocation)]
        }
        commit(changes)
        for place in tenants.indices {
            if let id = moved[tenants[place].id] { tenants[place].id = id }
        }
        return moved.count
    }

    /// How many nodes run something.
    var nodesUsed: Int { snapshot.nodes.unordered.count { !snapshot.allocations(on: $0.id).isEmpty } }
}
