/// Nodes that are kept for the first of those who wait, so that room which comes free there gathers until it suffices.
///
/// For each demand only the first in line has a node kept. It is the one where the least is missing, counted as the sum
/// of the missing shares of each amount, and of equals the first by name. Others behind it in the order do not get that
/// node; who comes before it does.
package struct KeptNodes: Sendable {
    struct Kept: Hashable, Sendable {
        let waiter: Waiter
        /// Tells the one who waits from what waited under its name before.
        let serial: UInt64
        let rank: QueueRank
        let node: NodeID
        let name: String
        /// The sum of the missing shares.
        let missing: Double

        /// Whether it would be chosen before `other`.
        fileprivate func isBetter(than other: Kept) -> Bool {
            (missing, name, node) < (other.missing, other.name, other.node)
        }
    }

    /// In the order of ranks.
    private(set) var all: [Kept] = []

    /// Bounds the work of one update: so many looks at all nodes in vain. The others wait for the next time.
    private static let mostFailures = 256

    init() {}

    var isEmpty: Bool { all.isEmpty }

    /// The nodes that one who stands at `rank` does not get.
    func withheld(from rank: QueueRank) -> Set<NodeID> {
        Set(all.prefix { $0.rank < rank }.map(\.node))
    }

    /// The nodes that the groups of `job` do not get, were `evaluation` looked at now. Who waits in `queue` keeps its
    /// age when the job comes to have another priority.
    func withheld(
        from evaluation: Evaluation, of job: Job, among queue: WaitingQueue
    ) -> [String: Set<NodeID>] {
        if isEmpty { return [:] }
        var withheld: [String: Set<NodeID>] = [:]
        for (order, group) in job.groups.enumerated() {
            let known = queue.rank(of: group.name, in: job.id)?.at(priority: evaluation.priority)
            let rank = known ?? QueueRank(evaluation, group: group.name, order: order)
            withheld[group.name] = self.withheld(from: rank)
        }
        return withheld
    }

    /// For whom `node` is kept.
    func owner(of node: NodeID) -> Kept? { all.first { $0.node == node } }

    /// Nodes that more may use than in `earlier`.
    func loosened(since earlier: KeptNodes) -> [NodeID] {
        earlier.all.filter { old in owner(of: old.node).map { old.rank < $0.rank } ?? true }.map(\.node)
    }

    /// What nodes are like, for choosing among them.
    struct Survey {
        let head: Snapshot
        /// Nodes whose room or description changed since nodes were chosen last; `nil` when any may have.
        let touched: Set<NodeID>?
        let vacancy: (NodeID) -> Vacancy?
    }

    /// Chooses nodes anew for the first `limit` who may have one. The outcome depends on the state alone; what was
    /// chosen before spares looking at nodes that did not change. Those of the gang whose turn it is, `ganged`, are
    /// nobody else's.
    mutating func update(
        from queue: inout WaitingQueue, limit: Int, besides ganged: [Kept] = [], _ survey: Survey
    ) {
        let earlier = all
        // What is kept for others now, or for nobody, may be better for those behind.
        let touched = survey.touched.map { $0.union(earlier.map(\.node)) }
        all = ganged
        defer { all.sort { ($0.rank, $0.name, $0.node) < ($1.rank, $1.name, $1.node) } }
        var rank: QueueRank?
        var admitting = AdmittingNodes(survey.head)
        var (looks, hasGivenUp) = (0, false)
        while all.count < limit + ganged.count, let (entry, demand, filter) = queue.firstRipe(after: rank) {
            rank = entry.rank
            var choice = Choice(entry, demand, filter, survey, taken: Set(all.map(\.node)))
            if let kept = choice.best(after: earlier.first { $0.serial == entry.serial }, touched: touched, &admitting)
            {
                all.append(kept)
                continue
            }
            if !choice.isPossible {
                queue.giveUp(on: entry)
                hasGivenUp = true
            }
            looks += admitting.count(ofHall: entry.address.hall)
            if looks >= Self.mostFailures * survey.head.nodes.count {
                // Who was given up does not come up again, so this comes further the next time.
                queue.isRipeChanged = hasGivenUp
                break
            }
        }
    }

    /// The nodes whose rules admit who waits, by hall: the same for all that wait there.
    private struct AdmittingNodes {
        private let head: Snapshot
        private var known: [Int: [NodeID]] = [:]

        init(_ head: Snapshot) { self.head = head }

        mutating func nodes(ofHall hall: Int, _ filter: NodeFilter) -> [NodeID] {
            if let known = known[hall] { return known }
            let nodes = head.nodes.unordered.filter { filter.failure(on: $0) == nil }.map(\.id)
            known[hall] = nodes
            return nodes
        }

        /// How many were looked at for one of the hall.
        func count(ofHall hall: Int) -> Int { known[hall]?.count ?? 0 }
    }

    /// The choice of a node for one who waits.
    private struct Choice {
        let entry: WaitingEntry
        let demand: Demand
        let filter: NodeFilter
        let survey: Survey
        let taken: Set<NodeID>
        /// Where its own instances keep it off, once all nodes are looked at.
        private var ownNodes: Set<NodeID>?
        /// Whether some node could take it if nothing else ran there.
        private(set) var isPossible = false

        init(_ entry: WaitingEntry, _ demand: Demand, _ filter: NodeFilter, _ survey: Survey, taken: Set<NodeID>) {
            (self.entry, self.demand, self.filter, self.survey) = (entry, demand, filter, survey)
            self.taken = taken
        }

        mutating func best(
            after known: Kept?, touched: Set<NodeID>?, _ admitting: inout AdmittingNodes
        ) -> Kept? {
            guard let known, let touched, !taken.contains(known.node), let now = chance(on: known.node),
                now.missing <= known.missing
            else {
                ownNodes = survey.head.nodes(takenFrom: demand)
                return best(of: admitting.nodes(ofHall: entry.address.hall, filter))
            }
            return best(of: touched.union([known.node]))
        }

        private mutating func best(of nodes: some Sequence<NodeID>) -> Kept? {
            var best: Kept?
            for node in nodes {
                guard let next = chance(on: node), !taken.contains(node), best.map(next.isBetter) ?? true else {
                    continue
                }
                best = next
            }
            return best
        }

        /// What keeping a node would mean; `nil` where the group does not fit even when nothing else runs there, or
        /// where it is not an amount that it lacks.
        private mutating func chance(on id: NodeID) -> Kept? {
            guard let node = survey.head.nodes[id], filter.failure(on: node) == nil, let free = survey.vacancy(id)
            else { return nil }
            let opening = Opening(node, halls: [])
            guard opening.couldTake(demand) else { return nil }
            isPossible = true
            let missing = demand.amounts.countingCores(share: opening.coreShare).missing(in: free)
            guard missing > 0, !(ownNodes?.contains(id) ?? survey.head.keeps(demand, off: id)) else { return nil }
            return Kept(
                waiter: entry.waiter, serial: entry.serial, rank: entry.rank, node: id, name: node.name,
                missing: missing)
        }
    }
}
