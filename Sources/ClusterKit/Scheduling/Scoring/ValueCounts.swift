/// What rules about many nodes say of each cell now: how its nodes stand in the spreads, and whether
/// `distinct_property` leaves them room. Counts are kept by value.
struct ValueCounts {
    /// One attribute that rules look at.
    private struct Attribute {
        /// How many instances each value has.
        var used: [Int]
        /// By value, the cells that have it.
        let cells: [[Int]]
        /// Where it is a spread, what that wants of the values, and what the next instance gets at each of them.
        let rule: SpreadRule?
        let goals: [Double?]
        var boosts = SpreadRule.Boosts.none

        init(_ used: [Int], _ cells: [[Int]], _ rule: SpreadRule? = nil, _ goals: [Double?] = []) {
            (self.used, self.cells, self.rule, self.goals) = (used, cells, rule, goals)
            if let rule { boosts = rule.boosts(goals: goals, used: used) }
        }

        mutating func take(at value: Int) {
            used[value] -= 1
            if let rule { boosts = rule.boosts(goals: goals, used: used) }
        }

        /// Counts one more at `value`. Returns whether other values stand differently too.
        mutating func add(at value: Int) -> Bool {
            used[value] += 1
            guard let rule else { return false }
            return rule.update(&boosts, goals: goals, used: used, at: value)
        }
    }

    /// Those of the spreads come first.
    private var attributes: [Attribute] = []
    private let spreadCount: Int
    /// By cell and attribute, the number of the value; -1 where there is none.
    private let values: [Int]
    /// By cell.
    private var states: [State] = []
    /// The cells that stand differently since the latest instance was added.
    private(set) var changed: [Int] = []

    private struct State: Equatable {
        /// The sum over all spreads; `nil` when it is 0.
        var spread: Double?
        var isOpen = true
    }

    init(
        _ outlook: Outlook, ofGroup: [NodeID: Int], ofJob: [NodeID: Int], numberOf: (NodeID) -> Int?
    ) {
        let spreads = outlook.rules.spreads
        spreadCount = spreads.count
        values = outlook.cells.flatMap(\.values)
        for (number, attribute) in outlook.attributes.enumerated() {
            var used = Array(repeating: 0, count: attribute.values.count)
            for (node, count) in outlook.countsJob(number) ? ofJob : ofGroup {
                guard let row = numberOf(node) else { continue }
                let value = attribute.numbers[row]
                if value >= 0 { used[value] += count }
            }
            var cells: [[Int]] = Array(repeating: [], count: attribute.values.count)
            for (cell, known) in outlook.cells.enumerated() where known.values[number] >= 0 {
                cells[known.values[number]].append(cell)
            }
            attributes.append(
                number < spreadCount
                    ? Attribute(used, cells, spreads[number], outlook.goals[number]) : Attribute(used, cells))
        }
        states = outlook.cells.indices.map { assess($0, outlook) }
    }

    func isOpen(_ cell: Int) -> Bool { states[cell].isOpen }

    func spread(ofCell cell: Int) -> Double? { states[cell].spread }

    /// Counts one more instance on a node of `cell`; `changed` says what follows.
    mutating func add(toCell cell: Int, _ outlook: Outlook) {
        changed.removeAll(keepingCapacity: true)
        var changesAll = false
        for attribute in attributes.indices {
            let value = value(attribute, ofCell: cell)
            if value >= 0, attributes[attribute].add(at: value) { changesAll = true }
        }
        if changesAll {
            for other in states.indices { assessAnew(other, outlook) }
            return
        }
        for attribute in attributes.indices {
            let value = value(attribute, ofCell: cell)
            guard value >= 0 else { continue }
            for number in attributes[attribute].cells[value].indices {
                assessAnew(attributes[attribute].cells[value][number], outlook)
            }
        }
    }

    /// How a node of `cell` stands with one instance less there: in the spreads, and whether it may have another.
    func state(ofCell cell: Int, withOneLess outlook: Outlook) -> (spread: Double?, isOpen: Bool) {
        var others = self
        for attribute in attributes.indices {
            let value = value(attribute, ofCell: cell)
            if value >= 0 { others.attributes[attribute].take(at: value) }
        }
        let state = others.assess(cell, outlook)
        return (state.spread, state.isOpen)
    }

    private func value(_ attribute: Int, ofCell cell: Int) -> Int { values[cell * attributes.count + attribute] }

    private mutating func assessAnew(_ cell: Int, _ outlook: Outlook) {
        let state = assess(cell, outlook)
        guard state != states[cell] else { return }
        states[cell] = state
        changed.append(cell)
    }

    private func assess(_ cell: Int, _ outlook: Outlook) -> State {
        var total = 0.0
        for attribute in 0..<spreadCount {
            let value = value(attribute, ofCell: cell)
            total += value >= 0 ? attributes[attribute].boosts.byValue[value] : attributes[attribute].boosts.missing
        }
        let isClosed = spreadCount < attributes.count && barrier(ofCell: cell, outlook) != nil
        // What cancels out is 0, also where rounding leaves a trace of it: a part more would halve the score.
        return State(spread: abs(total) < Rounding.products ? nil : total, isOpen: !isClosed)
    }

    /// The first `distinct_property` that leaves no room at the values of `cell`.
    func barrier(ofCell cell: Int, _ outlook: Outlook) -> DistinctBarrier? {
        for attribute in spreadCount..<attributes.count {
            if let barrier = barrier(attribute, value(attribute, ofCell: cell), outlook) { return barrier }
        }
        return nil
    }

    /// All of them that leave no room at the values of the node at `place`, in a cell or not, once `gone` of the group
    /// have ended there.
    func barriers(at place: Int, leaving gone: Int, _ outlook: Outlook) -> [DistinctBarrier] {
        (spreadCount..<attributes.count).compactMap {
            barrier($0, outlook.attributes[$0].numbers[place], leaving: gone, outlook)
        }
    }

    private func barrier(
        _ attribute: Int, _ value: Int, leaving gone: Int = 0, _ outlook: Outlook
    ) -> DistinctBarrier? {
        let property = outlook.rules.distinct.properties[attribute - spreadCount]
        guard value >= 0 else { return .property(property, value: nil, instances: 0) }
        let count = attributes[attribute].used[value] - gone
        guard count >= property.limit else { return nil }
        return .property(property, value: outlook.attributes[attribute].values[value], instances: count)
    }
}

extension Outlook {
    /// Whether an attribute counts all instances of the job.
    fileprivate func countsJob(_ attribute: Int) -> Bool {
        attribute >= rules.spreads.count && rules.distinct.properties[attribute - rules.spreads.count].ofJob
    }
}
