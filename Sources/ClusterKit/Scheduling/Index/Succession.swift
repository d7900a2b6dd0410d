/// Many different nodes for equal instances in one search.
///
/// When the best node takes part no more, the next node of its cohort is best, or one of a twin: a cohort with the same
/// amounts, which only differs in class or disk. Twins stand in one cell of the grid, and their nodes are merged by
/// number, up to a node of a cohort with other amounts that is as good.
extension PlacementTables {
    /// One twin, and which of its nodes is next.
    private struct Line {
        let cohort: Int32
        var next: Int32
    }

    /// Appends up to `most` nodes: the best one, the one that is best without it, and so on. The first one stands last.
    func succession(_ need: Need, most: Int, into nodes: inout [Int32]) {
        let found = best(need, verify: nil)
        guard found.cohort != Cohort.none else { return }
        var lines = lines(found, need)
        let start = nodes.count
        while nodes.count - start < most, let first = lines.indices.min(by: { lines[$0].next < lines[$1].next }) {
            let (cohort, node) = (lines[first].cohort, lines[first].next)
            guard node < found.stranger else { break }
            nodes.append(node)
            let after = sets.next(after: node, in: cohorts[cohort].nodes)
            lines[first].next = next(from: after, of: cohort, need, below: found.stranger, nil)
        }
        nodes[start...].reverse()
    }

    private func lines(_ found: Found, _ need: Need) -> [Line] {
        let best = cohorts[found.cohort]
        // Most often no other is as good.
        if found.rival == NumberSet.none { return [Line(cohort: found.cohort, next: found.node)] }
        let grid = grids[capacities[best.capacity].band]
        var number = grid.cohort(
            atRow: grid.rowScale.bucket(best.freeCPU), column: grid.columnScale.bucket(best.freeMemory))
        var lines: [Line] = []
        while number != Cohort.none {
            if cohorts[number].isTwin(of: best), cohorts[number].fits(need) {
                let node = first(of: number, need, below: found.stranger, nil)
                if node != NumberSet.none { lines.append(Line(cohort: number, next: node)) }
            }
            number = cohorts[number].next
        }
        return lines
    }
}
