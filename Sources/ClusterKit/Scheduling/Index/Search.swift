/// The best cohort so far, and its first node that will do.
struct Found {
    var cohort = Cohort.none
    var node = NumberSet.none
    /// Of what is not worse than this the best is searched.
    var cost: Double
    /// The smallest node of all other cohorts that are as good. Up to it the nodes of this cohort come first.
    var rival = NumberSet.none
    /// The same, of those only that are not twins: they have other amounts, and the same score by chance.
    var stranger = NumberSet.none
    /// How many cohorts were looked at in vain.
    var misses = 0
    /// How many were looked at.
    var looks = 0

    /// What costs more cannot be better.
    @inline(__always)
    var limit: Double { cost + Rounding.products }
}

/// Whether a node will do, asked only of nodes that would be chosen.
typealias Verifier = (Int32) -> Bool

/// The search for the best node: branch and bound over the grids.
extension PlacementTables {
    /// The best of all nodes whose cost is at most `cost`.
    ///
    /// Its answer is that of a scan over all nodes that computes `PlacementScore.score` for each and keeps the first of
    /// the highest.
    func best(_ need: Need, cost: Double = .infinity, verify: Verifier?) -> Found {
        var found = Found(cost: cost)
        for band in 0..<grids.count {
            switch need.goal {
            case .binpack: pack(need, band, &found, verify)
            case .spread: spread(need, band, &found, verify)
            }
            if found.misses > Self.mostMisses { return sweep(need, found, verify) }
        }
        return found
    }

    /// Where few of many cohorts are admitted, the walk through the cells is slower than reading all in a row.
    private static let mostMisses = 4096

    // MARK: Ways

    /// From the fullest nodes to the emptier ones.
    @inline(__always)
    private func pack(_ need: Need, _ band: Int, _ found: inout Found, _ verify: Verifier?) {
        let grid = grids[band]
        let factors = need.largest(inBand: band)
        let firstColumn = grid.columnScale.bucket(need.memory)
        let nearest = grid.column(from: firstColumn)
        guard nearest != .max else { return }
        // A power is at least 1: what stays free is not negative.
        let columnCost = max(1, factors.memory * grid.columnBounds[nearest].lower)
        var row = grid.row(from: grid.rowScale.bucket(need.cpu))
        while row != .max {
            let rowCost = max(1, factors.cpu * grid.rowBounds[row].lower)
            guard rowCost + columnCost <= found.limit else { return }
            var column = grid.column(from: firstColumn, inRow: row)
            while column != .max {
                let cost = rowCost + max(1, factors.memory * grid.columnBounds[column].lower)
                guard cost <= found.limit else { break }
                visit(grid.cohort(atRow: row, column: column), need, &found, verify)
                column = grid.column(from: column &+ 1, inRow: row)
            }
            guard found.misses <= Self.mostMisses else { return }
            row = grid.row(from: row &+ 1)
        }
    }

    /// From the emptiest nodes to the fuller ones.
    private func spread(_ need: Need, _ band: Int, _ found: inout Found, _ verify: Verifier?) {
        let grid = grids[band]
        let factors = need.smallest(inBand: band)
        let (lastRow, lastColumn) = (grid.rowScale.bucket(need.cpu), grid.columnScale.bucket(need.memory))
        let farthest = grid.lastColumn
        guard farthest >= lastColumn else { return }
        // A power is at most 10: no more stays free than there is.
        let columnCost = -min(10, factors.memory * grid.columnBounds[farthest].upper)
        var row = grid.row(downFrom: grid.rowCount - 1)
        while row >= lastRow {
            let rowCost = -min(10, factors.cpu * grid.rowBounds[row].upper)
            guard rowCost + columnCost <= found.limit else { return }
            var column = grid.column(downFrom: farthest, inRow: row)
            while column >= lastColumn {
                let cost = rowCost - min(10, factors.memory * grid.columnBounds[column].upper)
                guard cost <= found.limit else { break }
                visit(grid.cohort(atRow: row, column: column), need, &found, verify)
                column = grid.column(downFrom: column - 1, inRow: row)
            }
            guard found.misses <= Self.mostMisses else { return }
            row = grid.row(downFrom: row - 1)
        }
    }

    /// All cohorts in a row; what was found so far still counts.
    private func sweep(_ need: Need, _ before: Found, _ verify: Verifier?) -> Found {
        var found = before
        for number in 0..<Int32(cohorts.cohorts.count) where number != found.cohort {
            let cohort = cohorts[number]
            guard cohort.nodes.count > 0, cohort.isOffered else { continue }
            offer(number, need, &found, verify)
        }
        return found
    }

    // MARK: Comparing

    @inline(__always)
    private func visit(_ first: Int32, _ need: Need, _ found: inout Found, _ verify: Verifier?) {
        var number = first
        while number != Cohort.none {
            offer(number, need, &found, verify)
            number = cohorts[number].next
        }
    }

    @inline(__always)
    private func offer(_ number: Int32, _ need: Need, _ found: inout Found, _ verify: Verifier?) {
        found.looks &+= 1
        let cost = cost(of: number, need)
        guard cost <= found.limit, cohorts[number].fits(need) else {
            found.misses &+= 1
            return
        }
        if found.cohort == Cohort.none || cost < found.cost - Rounding.products {
            let node = first(of: number, need, below: NumberSet.none, verify)
            guard node != NumberSet.none else {
                found.misses &+= 1
                return
            }
            (found.cohort, found.node, found.cost) = (number, node, cost)
            (found.rival, found.stranger) = (NumberSet.none, NumberSet.none)
        } else {
            compare(number, cost, need, &found, verify)
        }
    }

    @inline(__always)
    private func cost(of number: Int32, _ need: Need) -> Double {
        let factors = need.factors(ofCapacity: cohorts[number].capacity)
        let cost = factors.cpu * cohorts[number].cpuPower + factors.memory * cohorts[number].memoryPower
        return need.goal.packs ? cost : -cost
    }

    /// Decides between costs that are too close for products: by the scores themselves, and between equal ones by
    /// number.
    private func compare(_ number: Int32, _ cost: Double, _ need: Need, _ found: inout Found, _ verify: Verifier?) {
        let isTwin = cohorts[number].isTwin(of: cohorts[found.cohort])
        let difference = isTwin ? 0 : score(number, need) - score(found.cohort, need)
        guard difference >= 0 else { return }
        // Equal ones matter only below what is known: the chosen node, or the first that must come after it.
        let known = verify != nil ? found.node : isTwin ? found.rival : found.stranger
        let node = first(of: number, need, below: difference > 0 ? NumberSet.none : known, verify)
        guard node != NumberSet.none else { return }
        if difference > 0 {
            (found.cohort, found.node) = (number, node)
            (found.rival, found.stranger) = (NumberSet.none, NumberSet.none)
        } else if node < found.node {
            if !isTwin { found.stranger = found.node }
            (found.cohort, found.node, found.rival) = (number, node, found.node)
        } else {
            found.rival = min(found.rival, node)
            if !isTwin { found.stranger = node }
        }
        found.cost = min(found.cost, cost)
    }

    /// The score of the nodes of a cohort, to the last bit.
    func score(_ number: Int32, _ need: Need) -> Double {
        let cohort = cohorts[number]
        let capacity = capacities[cohort.capacity]
        return PlacementScore.score(
            freeCPU: PlacementScore.share(cohort.freeCPU &- need.cpu, of: capacity.cpu),
            freeMemory: PlacementScore.share(cohort.freeMemory &- need.memory, of: capacity.memory), goal: need.goal)
    }

    /// The first node of a cohort that has the disk and will do, if there is one with a number below `bound`; else
    /// `none`.
    @inline(__always)
    func first(of number: Int32, _ need: Need, below bound: Int32, _ verify: Verifier?) -> Int32 {
        let node = cohorts[number].nodes.first
        if cohorts[number].diskLength > need.diskLength, verify == nil { return node < bound ? node : NumberSet.none }
        return next(from: node, of: number, need, below: bound, verify)
    }

    /// From `node` on, the first node of a cohort that has the disk and will do, if there is one below `bound`.
    func next(from node: Int32, of number: Int32, _ need: Need, below bound: Int32, _ verify: Verifier?) -> Int32 {
        let set = cohorts[number].nodes
        var node = node
        while node < bound {
            if nodes[node].disk >= need.disk, verify?(node) ?? true { return node }
            node = sets.next(after: node, in: set)
        }
        return NumberSet.none
    }
}
