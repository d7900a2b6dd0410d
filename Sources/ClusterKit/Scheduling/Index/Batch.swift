/// Many equal instances in one pass.
///
/// A node that is best becomes better with each instance that it takes, so it stays best until it is full; and the
/// other nodes of its cohort, which have not changed, are next. So one search fills a whole cohort, node by node, up to
/// a node of another cohort that is equally good and comes first by number. To spread, each node of the best cohort
/// takes one instance instead, because that makes it worse. The answers are those of as many single placements.
extension PlacementTables {
    /// Places up to `count` instances and tells `emit` each node and how many it takes, in the order in which they are
    /// placed. Returns how many found room.
    mutating func place(_ need: Need, count: Int, emit: (Int32, Int) -> Void) -> Int {
        var rest = count
        while rest > 0 {
            let found = best(need, verify: nil)
            guard found.cohort != Cohort.none else { break }
            fill(found, need, &rest, emit)
        }
        return count - max(0, rest)
    }

    private mutating func fill(_ found: Found, _ need: Need, _ rest: inout Int, _ emit: (Int32, Int) -> Void) {
        let cohort = cohorts[found.cohort]
        let perNode = need.goal.packs ? instances(of: need, on: cohort) : 1
        let searchesAgain = !need.goal.packs && staysAsGood(found.cohort, need)
        let mustAskDisk = cohort.diskLength == need.diskLength
        var target = Target(cohort: Cohort.none, diskLength: 0)
        var node = found.node
        while node < found.rival, rest > 0 {
            let disk = nodes[node].disk
            let amount = min(rest, instances(of: need, disk: disk, most: perNode))
            // Looked up before the node leaves, for the cohort may end with it.
            var following = sets.next(after: node, in: cohorts[found.cohort].nodes)
            if mustAskDisk { following = next(from: following, of: found.cohort, need, below: found.rival, nil) }
            if amount == perNode {
                move(node, need, perNode, cohort, disk: disk, &target)
            } else {
                take(node, cpu: amount &* need.cpu, memory: amount &* need.memory, disk: amount &* need.disk)
            }
            emit(node, amount)
            rest -= amount
            if searchesAgain { return }
            node = following
        }
    }

    /// How many instances of at most `most` there is disk for; almost always for all, which takes no division to see.
    @inline(__always)
    private func instances(of need: Need, disk: Int, most: Int) -> Int {
        let (wanted, overflow) = most.multipliedReportingOverflow(by: need.disk)
        return !overflow && disk >= wanted ? most : min(most, disk / max(1, need.disk))
    }

    /// Where the nodes of a cohort go that took as many instances as fit.
    private struct Target {
        var cohort: Int32
        var diskLength: UInt8
    }

    /// Nodes that take the same go to the same cohort: it is looked up once, unless their disks differ much.
    @inline(__always)
    private mutating func move(
        _ node: Int32, _ need: Need, _ amount: Int, _ cohort: Cohort, disk: Int, _ target: inout Target
    ) {
        let disk = disk &- amount &* need.disk
        let length = Cohort.diskLength(disk)
        if target.cohort == Cohort.none || target.diskLength != length {
            var key = cohort.key
            key.freeCPU &-= amount &* need.cpu
            key.freeMemory &-= amount &* need.memory
            key.diskLength = length
            target = Target(cohort: self.cohort(with: key), diskLength: length)
        }
        nodes[node].disk = disk
        let old = nodes[node].cohort
        guard target.cohort != old else { return }
        leave(node, old)
        join(node, target.cohort)
    }

    /// How many instances a node of `cohort` has processor time and memory for.
    private func instances(of need: Need, on cohort: Cohort) -> Int {
        min(
            need.cpu > 0 ? cohort.freeCPU / need.cpu : .max, need.memory > 0 ? cohort.freeMemory / need.memory : .max)
    }

    /// Whether a node of a cohort is no worse for a second instance than for the first.
    private func staysAsGood(_ number: Int32, _ need: Need) -> Bool {
        let cohort = cohorts[number]
        let capacity = capacities[cohort.capacity]
        let (cpu, memory) = (cohort.freeCPU &- 2 &* need.cpu, cohort.freeMemory &- 2 &* need.memory)
        guard cpu >= 0, memory >= 0 else { return false }
        let next = PlacementScore.score(
            freeCPU: PlacementScore.share(cpu, of: capacity.cpu),
            freeMemory: PlacementScore.share(memory, of: capacity.memory), goal: need.goal)
        return next >= score(number, need)
    }
}
