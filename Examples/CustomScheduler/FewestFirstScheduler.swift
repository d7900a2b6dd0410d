import ClusterKit

/// Gives each instance to the machine that runs the fewest, whatever they hold. Ties go to the first name, and pools
/// that the job puts in an order come in that order.
///
/// Which machines an instance may run on at all is the same for every scheduler, so this one asks `BinPackScheduler`
/// about one machine at a time and only brings its own order.
struct FewestFirstScheduler: Scheduler {
    private let rules = BinPackScheduler()

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(inner: rules.session(on: snapshot), census: Census(snapshot))
    }

    /// The reasons are those of the rules; the scores are our own.
    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        let census = Census(snapshot)
        var explanation = rules.explain(request, on: snapshot)
        let order = census.order(for: request).enumerated().reduce(into: [:]) { $0[$1.element] = $1.offset }
        for index in explanation.lines.indices where explanation.lines[index].score != nil {
            let score = census.score(of: explanation.lines[index].node)
            explanation.lines[index].score = score
            explanation.lines[index].parts = ["fewest": score]
        }
        let takers = explanation.lines.filter { $0.score != nil }
            .sorted { order[$0.node, default: .max] < order[$1.node, default: .max] }
        explanation.lines = takers + explanation.lines.filter { $0.score == nil }
        return explanation
    }

    private struct Session: SchedulingSession {
        var inner: any SchedulingSession
        var census: Census
        /// What was given and no batch has confirmed.
        var reserved: Set<AllocationID> = []

        mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
            census.apply(batch)
            for case .putAllocation(let allocation) in batch.changes { reserved.remove(allocation.id) }
            return inner.apply(batch)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            requests.map { place($0, using: &entropy) }
        }

        private mutating func place(_ request: PlacementRequest, using entropy: inout Entropy) -> Decision {
            for node in census.order(for: request) where request.pinned == nil || request.pinned == node {
                var question = request
                (question.pinned, question.replacing) = (node, nil)
                guard case .placed(let placement) = inner.place([question], using: &entropy).first else { continue }
                if placement.evicting.isEmpty { return .placed(noted(placement, for: request)) }
                // Nobody ends as long as another machine has room.
                inner.release([request.allocation])
            }
            // Where something must end for it, and why nobody takes it, is for the rules to say.
            let decision =
                inner.place([request], using: &entropy).first
                ?? .refused(Refusal(because: "the rules gave no answer"))
            guard case .placed(let placement) = decision else { return decision }
            return .placed(noted(placement, for: request))
        }

        private mutating func noted(_ placement: Placement, for request: PlacementRequest) -> Placement {
            var placement = placement
            placement.score = census.score(of: placement.node)
            census.move(request.allocation, to: placement.node)
            reserved.insert(request.allocation)
            return placement
        }

        mutating func release(_ allocations: [AllocationID]) {
            inner.release(allocations)
            for allocation in allocations where reserved.remove(allocation) != nil {
                census.move(allocation, to: nil)
            }
        }

        func vacancy(on node: NodeID) -> Vacancy? { inner.vacancy(on: node) }
    }
}

/// How many instances each machine has, reserved ones included.
private struct Census {
    private var machines: [NodeID: (name: String, pool: String)] = [:]
    private var homes: [AllocationID: NodeID] = [:]
    private var counts: [NodeID: Int] = [:]

    init(_ snapshot: Snapshot) {
        for node in snapshot.nodes.sorted { machines[node.id] = (node.name, node.pool) }
        for allocation in snapshot.allocations.sorted where !allocation.isTerminal {
            move(allocation.id, to: allocation.node)
        }
    }

    mutating func apply(_ batch: ChangeBatch) {
        for change in batch.changes {
            switch change {
            case .putNode(let node): machines[node.id] = (node.name, node.pool)
            case .removeNode(let id): machines[id] = nil
            case .putAllocation(let allocation):
                move(allocation.id, to: allocation.isTerminal ? nil : allocation.node)
            case .removeAllocation(let id): move(id, to: nil)
            default: break
            }
        }
    }

    mutating func move(_ allocation: AllocationID, to node: NodeID?) {
        if let old = homes[allocation] { counts[old, default: 0] -= 1 }
        homes[allocation] = node
        if let node { counts[node, default: 0] += 1 }
    }

    /// The machines, those with the fewest instances first, but by the order of pools that the group states. In that
    /// `all` stands for every pool: what comes behind it says nothing.
    func order(for request: PlacementRequest) -> [NodeID] {
        let pools = request.subject.group.nodePools
        let keys = machines.map { id, machine in
            let place = pools.firstIndex { $0 == "all" || $0 == machine.pool } ?? pools.count
            return (place, counts[id, default: 0], machine.name, id)
        }
        return keys.sorted { $0 < $1 }.map(\.3)
    }

    /// 1 for an empty machine, less for each instance.
    func score(of node: NodeID) -> Double { 1 / Double(1 + counts[node, default: 0]) }
}
