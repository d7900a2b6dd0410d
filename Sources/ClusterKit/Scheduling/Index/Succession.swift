/// Many different nodes for equal instances in one search.
///
/// When the best node takes part no more, the next node of its cohort is best, or one of a twin: a cohort with the same
/// amounts, which only differs in class or disk. Twins stand in one cell of the grid, and their nodes are merged by
/// number, up to a node of a cohort with other amounts that is as good.
extension PlacementTables {
    /// One twin, and which of its nodes is next.
    private struct Line {
        let cohort: Int32
        var next: NumberSets.Cursor
    }

    /// Appends up to `most` nodes: the best one, the one that is best without it, and so on. The first one stands last.
    func succession(_ need: Need, most: Int, into nodes: inout [Int32]) {
        let found = best(need, verify: nil)
        guard found.cohort != Cohort.none else { return }
        // The line whose turn it is stands last.
        var lines = lines(found, need).sorted { $0.next.number > $1.next.number }
        let start = nodes.count
        while nodes.count - start < most, var line = lines.popLast() {
            nodes.append(line.next.number)
            sets.advance(&line.next, in: cohorts[line.cohort].nodes)
            skip(&line, need)
            guard line.next.number < found.stranger else { continue }
            // Twins mostly take turns, so that it is the last in the line.
            let place = lines.firstIndex { $0.next.number < line.next.number } ?? lines.count
            lines.insert(line, at: place)
        }
        nodes[start...].reverse()
    }

    /// Passes over nodes without the disk.
    @inline(__always)
    private func skip(_ line: inout Line, _ need: Need) {
        while line.next.number != NumberSet.none, nodes[line.next.number].disk < need.disk {
            sets.advance(&line.next, in: cohorts[line.cohort].nodes)
        }
    }

    private func lines(_ found: Found, _ need: Need) -> [Line] {
        let best = cohorts[found.cohort]
        // Most often no other is as good.
        if found.rival == NumberSet.none { return [line(of: found.cohort, from: found.node)] }
        let grid = grids[capacities[best.capacity].band]
        var number = grid.cohort(
            atRow: grid.rowScale.bucket(best.freeCPU), column: grid.columnScale.bucket(best.freeMemory))
        var lines: [Line] = []
        while number != Cohort.none {
            if cohorts[number].isTwin(of: best), cohorts[number].fits(need) {
                let node = first(of: number, need, below: found.stranger, nil)
                if node != NumberSet.none { lines.append(line(of: number, from: node)) }
            }
            number = cohorts[number].next
        }
        return lines
    }

    private func line(of cohort: Int32, from node: Int32) -> Line {
        Line(cohort: cohort, next: sets.cursor(at: node, in: cohorts[cohort].nodes))
    }
}
