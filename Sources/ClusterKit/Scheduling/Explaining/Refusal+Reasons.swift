extension Refusal {
    /// Under which nodes are counted that a request must not use.
    static let kept = "kept for other work"
    /// Under which nodes are counted beside the one that a request asks about.
    static let elsewhere = "the instance is for another node"

    /// What a scheduler says by saying nothing.
    static var unanswered: Refusal { Refusal(because: "the scheduler gave no answer") }

    /// Refuses for a reason that lies in the request itself, not in the nodes. `reason` is shown to people as it is.
    public init(because reason: String) {
        self.init()
        shortages = [reason]
    }

    /// Counts and words why none of `rooms` takes `request`.
    init(_ request: PlacementRequest, _ candidates: Candidates, rooms: [NodeRoom], places: [NodeID: Int]) {
        self.init()
        let outlook = candidates.outlook
        nodesEvaluated = rooms.count
        nodesAvailable = outlook.available
        filtered = outlook.closed
        let kept = request.withheld.count { node in places[node].map { rooms[$0].node.takesWork } ?? false }
        if kept > 0 { filtered[Self.kept] = kept }
        var asked = request.pinned.map { places[$0].map { [$0] } ?? [] } ?? Array(rooms.indices)
        asked.removeAll { !rooms[$0].node.takesWork || request.withheld.contains(rooms[$0].node.id) }
        // Counted, not looked at: work for every node asks about one after the other.
        let others = outlook.available.values.reduce(0, +) - kept - asked.count
        if others > 0 { filtered[Self.elsewhere] = others }
        shortages = examine(asked, candidates, rooms: rooms)
        if rooms.isEmpty { shortages = ["the cluster has no nodes; start an agent"] }
    }

    /// Counts the reasons of the nodes at `places`. Returns a line for each resource that is short.
    private mutating func examine(_ places: [Int], _ candidates: Candidates, rooms: [NodeRoom]) -> [String] {
        var lines: [ShortageLine] = []
        var looked = 0
        for place in places {
            if let failure = candidates.outlook.failures[place] {
                filtered[failure, default: 0] += 1
                continue
            }
            if let barrier = candidates.barrier(at: candidates.outlook.positions[place]) {
                filtered[barrier.rule, default: 0] += 1
                continue
            }
            looked += 1
            let shortages = Shortage.all(candidates.rules.needs, on: rooms[place])
            if let first = shortages.first { exhausted[first.dimension.name, default: 0] += 1 }
            for shortage in shortages {
                if let known = lines.firstIndex(where: { $0.shortage.dimension == shortage.dimension }) {
                    lines[known].add(shortage, on: rooms[place].node.name)
                } else {
                    lines.append(ShortageLine(shortage: shortage, node: rooms[place].node.name))
                }
            }
        }
        return lines.map { $0.text(looked: looked) }
    }
}

/// One resource that is short on some nodes, and the node among them that comes nearest.
private struct ShortageLine {
    var shortage: Shortage
    var node: String
    var nodes = 1

    init(shortage: Shortage, node: String) {
        self.shortage = shortage
        self.node = node
    }

    /// Nodes come in the order of their names, so that of equals the first is named. What is needed may differ between
    /// nodes, for cores are worth more on some: the nearest is the one that lacks least.
    mutating func add(_ other: Shortage, on node: String) {
        nodes += 1
        guard other.needed &- other.free < shortage.needed &- shortage.free else { return }
        shortage = other
        self.node = node
    }

    func text(looked: Int) -> String {
        let share = nodes == looked ? "\(looked)" : "\(nodes) of \(looked)"
        let noun = looked == 1 ? "node" : "nodes"
        if let absence = shortage.absence { return "\(absence) on \(node) (\(share) \(noun) looked at)" }
        return "\(shortage.rule), most free is \(max(0, shortage.free))\(shortage.dimension.unit) on \(node) "
            + "(\(share) \(noun) looked at)"
    }
}
