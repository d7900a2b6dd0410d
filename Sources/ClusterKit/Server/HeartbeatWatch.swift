import HeapModule

/// By when each node must be heard of again. A heartbeat moves a number; the heap is touched only when a term may be
/// over.
struct HeartbeatWatch: Sendable {
    private struct Term: Comparable, Sendable {
        let end: Uptime
        let node: NodeID

        static func < (left: Term, right: Term) -> Bool { (left.end, left.node) < (right.end, right.node) }
    }

    private var ends: [NodeID: Uptime] = [:]
    private var terms = Heap<Term>()

    /// Whether a node has a term.
    func isWatched(_ node: NodeID) -> Bool { ends[node] != nil }

    /// Gives `node` until `end`; a term never becomes shorter.
    mutating func extend(_ node: NodeID, until end: Uptime) {
        guard let known = ends[node] else {
            ends[node] = end
            terms.insert(Term(end: end, node: node))
            return
        }
        if end > known { ends[node] = end }
    }

    /// Gives every node so much longer.
    mutating func extendAll(by delay: Duration) {
        for node in ends.keys.sorted() { ends[node] = ends[node].map { $0 + delay } }
    }

    /// The moment at which a term may be over.
    var nextDeadline: Uptime? { terms.min?.end }

    /// Nodes whose term is over; they are no longer watched.
    mutating func expired(at now: Uptime) -> [NodeID] {
        var expired: [NodeID] = []
        while let term = terms.min, term.end <= now {
            terms.removeMin()
            guard let end = ends[term.node] else { continue }
            if end <= now {
                ends.removeValue(forKey: term.node)
                expired.append(term.node)
            } else {
                terms.insert(Term(end: end, node: term.node))
            }
        }
        return expired
    }
}
