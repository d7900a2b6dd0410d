/// What rules about many nodes say of each cell now: how its nodes stand in the spreads, and whether
/// `distinct_property` leaves them room. Counts are kept by value.
struct Scatter {
    /// By column, how many instances each value has.
    private var used: [[Int]]
    /// By spread, what the next instance gets at each value.
    private var boosts: [SpreadRule.Boosts] = []
    /// By cell.
    private var states: [State] = []

    private struct State: Equatable {
        /// The sum over all spreads; `nil` when it is 0.
        var spread: Double?
        var isOpen = true
    }

    init(
        _ outlook: Outlook, ofGroup: [NodeID: Int], ofJob: [NodeID: Int], row: (NodeID) -> Int?
    ) {
        used = outlook.columns.map { Array(repeating: 0, count: $0.values.count) }
        for column in used.indices {
            for (node, count) in outlook.countsJob(column) ? ofJob : ofGroup {
                guard let row = row(node) else { continue }
                let value = outlook.columns[column].numbers[row]
                if value >= 0 { used[column][value] += count }
            }
        }
        let spreads = outlook.rules.spreads
        boosts = spreads.indices.map { spreads[$0].boosts(goals: outlook.goals[$0], used: used[$0]) }
        states = outlook.cells.indices.map { assess($0, outlook) }
    }

    func isOpen(_ cell: Int) -> Bool { states[cell].isOpen }

    func spread(ofCell cell: Int) -> Double? { states[cell].spread }

    /// Counts one more instance on a node of `cell`; gives the cells that stand differently now.
    mutating func add(toCell cell: Int, _ outlook: Outlook) -> [Int] {
        if used.isEmpty { return [] }
        let values = outlook.cells[cell].values
        var changesAll = false
        for column in values.indices where values[column] >= 0 {
            used[column][values[column]] += 1
            guard column < boosts.count else { continue }
            let rule = outlook.rules.spreads[column]
            let changesOthers = rule.update(
                &boosts[column], goals: outlook.goals[column], used: used[column], at: values[column])
            changesAll = changesAll || changesOthers
        }
        var changed: [Int] = []
        for other in states.indices where changesAll || sharesValue(outlook.cells[other].values, values) {
            let state = assess(other, outlook)
            guard state != states[other] else { continue }
            states[other] = state
            changed.append(other)
        }
        return changed
    }

    private func sharesValue(_ left: [Int], _ right: [Int]) -> Bool {
        for column in left.indices where left[column] >= 0 && left[column] == right[column] { return true }
        return false
    }

    private func assess(_ cell: Int, _ outlook: Outlook) -> State {
        let values = outlook.cells[cell].values
        var total = 0.0
        for column in boosts.indices {
            total += values[column] >= 0 ? boosts[column].byValue[values[column]] : boosts[column].missing
        }
        // What cancels out is 0, also where rounding leaves a trace of it: a part more would halve the score.
        return State(spread: abs(total) < 1e-12 ? nil : total, isOpen: barrier(ofCell: cell, outlook) == nil)
    }

    /// The first `distinct_property` that leaves no room at the values of `cell`.
    func barrier(ofCell cell: Int, _ outlook: Outlook) -> DistinctBarrier? {
        let first = outlook.rules.spreads.count
        for (index, property) in outlook.rules.distinct.properties.enumerated() {
            let column = first + index
            let value = outlook.cells[cell].values[column]
            guard value >= 0 else { return .property(property, value: nil, instances: 0) }
            let count = used[column][value]
            if count >= property.limit {
                return .property(property, value: outlook.columns[column].values[value], instances: count)
            }
        }
        return nil
    }
}

extension Outlook {
    /// Whether a column counts all instances of the job.
    fileprivate func countsJob(_ column: Int) -> Bool {
        column >= rules.spreads.count && rules.distinct.properties[column - rules.spreads.count].ofJob
    }
}
