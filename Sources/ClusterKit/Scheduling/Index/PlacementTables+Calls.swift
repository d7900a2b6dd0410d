/// What `PlacementIndex` calls, once it made sure that nodes exist and amounts are bounded.
extension PlacementTables {
    @inline(__always)
    func choice(_ need: Need, atLeast least: Double, verify: Verifier?) -> PlacementIndex.Choice? {
        let cost = PlacementScore.cost(score: least, goal: need.goal)
        let found = best(need, cost: cost, verify: verify)
        guard found.cohort != Cohort.none else { return nil }
        // So close to the threshold only the score itself can tell.
        if found.cost > cost - Rounding.products, score(found.cohort, need) < least { return nil }
        return choice(found, need)
    }

    @inline(__always)
    mutating func placeOne(_ need: Need) -> PlacementIndex.Choice? {
        let found = best(need, verify: nil)
        guard found.cohort != Cohort.none else { return nil }
        take(found.node, cpu: need.cpu, memory: need.memory, disk: need.disk)
        return choice(found, need)
    }

    @inline(__always)
    private func choice(_ found: Found, _ need: Need) -> PlacementIndex.Choice {
        PlacementIndex.Choice(node: found.node, score: PlacementScore.score(cost: found.cost, goal: need.goal))
    }

    func score(_ need: Need, on node: Int32) -> Double? {
        let entry = nodes[node]
        let cohort = cohorts[entry.cohort]
        guard cohort.fits(need), entry.disk >= need.disk, cohort.freeCPU >= 0, cohort.freeMemory >= 0 else {
            return nil
        }
        return score(entry.cohort, need)
    }

    func free(of node: Int32) -> PlacementIndex.Amounts? {
        guard contains(node) else { return nil }
        let cohort = cohorts[nodes[node].cohort]
        return PlacementIndex.Amounts(cpu: cohort.freeCPU, memory: cohort.freeMemory, disk: nodes[node].disk)
    }

    /// The loads of one window do not wait for each other, as those of one node after the other would.
    mutating func give(back holdings: UnsafeBufferPointer<PlacementIndex.Holding>) {
        let window = 16
        for start in stride(from: 0, to: holdings.count, by: window) {
            let part = start..<min(holdings.count, start &+ window)
            // Negative as soon as one of the nodes is not there.
            var known: Int32 = 0
            for place in part { known |= contains(holdings[place].node) ? nodes[holdings[place].node].cohort : -1 }
            for place in part where known >= 0 || contains(holdings[place].node) {
                let taken = holdings[place].amounts.taken
                take(holdings[place].node, cpu: -taken.cpu, memory: -taken.memory, disk: -taken.disk)
            }
        }
    }

    mutating func update(_ node: Int32, free: PlacementIndex.Amounts, isWithheld: Bool? = nil) {
        var key = cohorts[nodes[node].cohort].key
        let capacity = capacities[key.capacity]
        key.freeCPU = min(free.cpu, capacity.cpu)
        key.freeMemory = min(free.memory, capacity.memory)
        key.diskLength = Cohort.diskLength(free.disk)
        key.isWithheld = isWithheld ?? key.isWithheld
        move(node, to: key, disk: free.disk)
    }

    mutating func setWithheld(_ node: Int32, to isWithheld: Bool) {
        var key = cohorts[nodes[node].cohort].key
        key.isWithheld = isWithheld
        move(node, to: key, disk: nodes[node].disk)
    }
}

extension PlacementIndex.Amounts {
    /// As free amounts count.
    var bounded: PlacementIndex.Amounts {
        let range = -LogScale.largest...LogScale.largest
        return PlacementIndex.Amounts(
            cpu: min(max(range.lowerBound, cpu), range.upperBound),
            memory: min(max(range.lowerBound, memory), range.upperBound),
            disk: min(max(range.lowerBound, disk), range.upperBound))
    }

    /// As taken amounts count.
    var taken: PlacementIndex.Amounts {
        PlacementIndex.Amounts(cpu: max(0, cpu), memory: max(0, memory), disk: max(0, disk)).bounded
    }
}
