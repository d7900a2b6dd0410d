extension Refusal {
    /// Why a node is passed over that has room.
    static let kept = "kept for other work"

    /// Refuses for a reason that lies in the request itself, not in the nodes.
    init(plain reason: String) {
        self.init()
        shortages = [reason]
    }

    /// Counts and words why none of `rooms` takes another instance.
    init(_ candidates: Candidates, rooms: [NodeRoom]) {
        self.init()
        let subject = candidates.subject
        nodesEvaluated = rooms.count
        filtered = candidates.filtered
        for room in rooms where room.node.takesWork { nodesAvailable[room.node.datacenter, default: 0] += 1 }
        var lines: [ShortageLine] = []
        var looked = 0
        for place in candidates.admitting {
            if candidates.withheld.contains(rooms[place].node.id) {
                filtered[Self.kept, default: 0] += 1
                continue
            }
            if subject.excluding(rooms[place]) != nil {
                filtered[ConstraintOperator.distinctHosts.rawValue, default: 0] += 1
                continue
            }
            looked += 1
            let shortages = Shortage.all(subject.needs, on: rooms[place])
            if let first = shortages.first { exhausted[first.dimension, default: 0] += 1 }
            for shortage in shortages {
                if let known = lines.firstIndex(where: { $0.shortage.resource == shortage.resource }) {
                    lines[known].add(shortage, on: rooms[place].node.name)
                } else {
                    lines.append(ShortageLine(shortage: shortage, node: rooms[place].node.name))
                }
            }
        }
        shortages = lines.map { $0.text(looked: looked) }
        if rooms.isEmpty { shortages = ["the cluster has no nodes; start an agent"] }
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
        return "\(shortage.resource): needs \(shortage.needed)\(shortage.unit), most free is "
            + "\(max(0, shortage.free))\(shortage.unit) on \(node) (\(share) \(noun) looked at)"
    }
}
