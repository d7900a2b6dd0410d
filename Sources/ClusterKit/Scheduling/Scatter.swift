/// What rules about many nodes say of each cell now: how its nodes stand in the spreads, and whether
/// `distinct_property` leaves them room. Counts are kept by value.
struct Scatter {
    /// By column, how many instances each value has.
    private var used: [[Int]]
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
        states = assess(outlook)
    }

    func isOpen(_ cell: Int) -> Bool { states[cell].isOpen }

    func spread(ofCell cell: Int) -> Double? { states[cell].spread }

    /// Counts one more instance on a node of `cell`; gives the cells that stand differently now.
    mutating func add(toCell cell: Int, _ outlook: Outlook) -> [Int] {
        if used.isEmpty { return [] }
        for (column, value) in outlook.cells[cell].values.enumerated() where value >= 0 { used[column][value] += 1 }
        let before = states
        states = assess(outlook)
        return states.indices.filter { states[$0] != before[$0] }
    }

    private func assess(_ outlook: Outlook) -> [State] {
        let spreads = outlook.rules.spreads
        let boosts = spreads.indices.map { spreads[$0].boosts(goals: outlook.goals[$0], used: used[$0]) }
        return outlook.cells.indices.map { cell in
            let total = zip(boosts, outlook.cells[cell].values).reduce(0) { sum, pair in
                sum + (pair.1 >= 0 ? pair.0.byValue[pair.1] : pair.0.missing)
            }
            // What cancels out is 0, also where rounding leaves a trace of it: a part more would halve the score.
            return State(spread: abs(total) < 1e-12 ? nil : total, isOpen: barrier(ofCell: cell, outlook) == nil)
        }
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
