/// Who is asked when nodes have more to give.
extension WaitingQueue {
    /// No further entry of the lines in which `job`, or one group of it, still waits is found in this round: what
    /// refused it refuses them.
    mutating func setAside(_ job: JobID, group: String? = nil) {
        let waiters =
            group.map { name in (evaluations[job] ?? []).map { Waiter(evaluation: $0, group: name) } }
            ?? waiters(of: job)
        for waiter in waiters {
            toAskAnywhere.remove(waiter)
            guard let address = entries[waiter]?.address, aside.insert(address).inserted else { continue }
            halls[address.hall]?.lines[address.line]?.isAside = true
            mark(address)
        }
        // What the look itself ended, or found lost, held its value still when room was sought. An end that it saw
        // costs one look more.
        if ended.remove(job) != nil { askAnywhere(job) }
    }

    /// Ends a round: whoever was set aside can be found again.
    mutating func endRound() {
        for address in aside {
            halls[address.hall]?.lines[address.line]?.isAside = false
            mark(address)
        }
        aside = []
        ended = []
        for hall in emptied.sorted() {
            if let admission = halls[hall]?.admission { hallNumbers[admission] = nil }
            halls[hall] = nil
            vacant.append(hall)
        }
        emptied = []
    }

    /// The first of those whom the end of another instance of their job may have opened any node to.
    var firstToAskAnywhere: QueueRank? { toAskAnywhere.compactMap { entries[$0]?.rank }.min() }

    /// The halls whose work `node` admits.
    func halls(admitting node: Node) -> [Int] {
        halls.indices.filter { hall in halls[hall].map { $0.filter.failure(on: node) == nil } ?? false }
    }

    /// The first that `supply` on `node` suffices for, if it does not come after `bound`. `own` says what instances
    /// of the group that are there mean for the next one.
    mutating func first(
        on node: Opening, with supply: Supply, upTo bound: QueueRank?, own: (Demand) -> Demand.OwnInstances
    ) -> QueueRank? {
        var best = bound
        var found: QueueRank?
        var looks = 0
        for hall in node.halls {
            guard let waiting = halls[hall] else { continue }
            let next = waiting.tree.first(fitting: supply.free, upTo: best, looks: &looks) { place, rank in
                guard let demand = waiting.lines[place]?.demand else { return false }
                // How much that would make, only the scheduler knows.
                if demand.replaces, own(demand) == .givesRoom { return true }
                let needs = demand.amounts.countingCores(share: node.coreShare)
                guard needs.fits(in: demand.preempts ? supply.most(for: rank.priority) : supply.free) else {
                    return false
                }
                return demand.onlyFor == nil || own(demand) == .nothing
            }
            if let next { (best, found) = (next.rank, next.rank) }
        }
        self.looks += looks
        return found
    }
}
