/// What rules about many nodes say of each cell now: how its nodes stand in the spreads, and whether
/// `distinct_property` leaves them room. Counts are kept by value.
struct Scatter {
    /// By column, how many instances each value has.
    private var used: [[Int]]
    /// By spread, what the next instance gets at each value.
    private var boosts: [SpreadRule.Boosts] = []
    /// By cell.
    private var states: [State] = []
    /// By cell and column, as in `outlook`, in one row.
    private let values: [Int]
    /// By column and value, the cells that have it.
    private var cells: [[[Int]]]
    /// The cells that stand differently since the latest instance was added.
    private(set) var changed: [Int] = []

    private struct State: Equatable {
        /// The sum over all spreads; `nil` when it is 0.
        var spread: Double?
        var isOpen = true
    }

    init(
        _ outlook: Outlook, ofGroup: [NodeID: Int], ofJob: [NodeID: Int], row: (NodeID) -> Int?
    ) {
        used = outlook.columns.map { Array(repeating: 0, count: $0.values.count) }
        values = outlook.cells.flatMap(\.values)
        cells = outlook.columns.map { Array(repeating: [], count: $0.values.count) }
        for (number, cell) in outlook.cells.enumerated() {
            for (column, value) in cell.values.enumerated() where value >= 0 { cells[column][value].append(number) }
        }
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

    /// Counts one more instance on a node of `cell`; `changed` says what follows.
    mutating func add(toCell cell: Int, _ outlook: Outlook) {
        changed.removeAll(keepingCapacity: true)
        var changesAll = false
        for column in used.indices {
            let value = value(column, ofCell: cell)
            guard value >= 0 else { continue }
            used[column][value] += 1
            guard column < boosts.count else { continue }
            let rule = outlook.rules.spreads[column]
            let changesOthers = rule.update(
                &boosts[column], goals: outlook.goals[column], used: used[column], at: value)
            changesAll = changesAll || changesOthers
        }
        if changesAll {
            for other in states.indices { assessAnew(other, outlook) }
        } else {
            for column in used.indices {
                let value = value(column, ofCell: cell)
                guard value >= 0 else { continue }
                for other in cells[column][value] { assessAnew(other, outlook) }
            }
        }
    }

    private func value(_ column: Int, ofCell cell: Int) -> Int { values[cell * used.count + column] }

    private mutating func assessAnew(_ cell: Int, _ outlook: Outlook) {
        let state = assess(cell, outlook)
        guard state != states[cell] else { return }
        states[cell] = state
        changed.append(cell)
    }

    private func assess(_ cell: Int, _ outlook: Outlook) -> State {
        var total = 0.0
        for column in boosts.indices {
            let value = value(column, ofCell: cell)
            total += value >= 0 ? boosts[column].byValue[value] : boosts[column].missing
        }
        // What cancels out is 0, also where rounding leaves a trace of it: a part more would halve the score.
        return State(spread: abs(total) < 1e-12 ? nil : total, isOpen: barrier(ofCell: cell, outlook) == nil)
    }

    /// The first `distinct_property` that leaves no room at the values of `cell`.
    func barrier(ofCell cell: Int, _ outlook: Outlook) -> DistinctBarrier? {
        let first = outlook.rules.spreads.count
        for (index, property) in outlook.rules.distinct.properties.enumerated() {
            let column = first + index
            let value = value(column, ofCell: cell)
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
